import pg from 'pg';
import { systemClock as clock } from '../src/clock.ts';
import { createLog } from '../src/log.ts';
import { openDatabase } from '../src/postgres/database.ts';
import { migrate } from '../src/postgres/migrate.ts';
import { table } from './figures.ts';
import { answerWal, askedReply, piecesOf, type Wording, walOf } from './scale/answer-wal.ts';
import { startDatabase } from './stage.ts';

/**
 * `node --import tsx bench/answer-log.ts`: what the log of one answer costs in write-ahead log, for each byte of the
 * answer, from the first piece to commit 2; beside it the same pieces appended to one column, as it was before. On a
 * server of its own, because `pg_current_wal_lsn()` counts for all. With `--records` it tells what the log consists of.
 */
const LENGTHS = [2_000, 10_000, 50_000, 100_000];
const WORDINGS: readonly Wording[] = ['words', 'noise'];

const server = await startDatabase();
try {
  await migrate(server.url);
  const log = createLog('error', { write: () => {} });
  const database = openDatabase({ url: server.url, max: 4, clock, log });
  const client = new pg.Client({ connectionString: server.url });
  await client.connect();
  const cases = WORDINGS.flatMap((wording) => LENGTHS.map((bytes) => ({ wording, bytes })));
  // All pages that are written have been written since the last checkpoint: a whole page goes into the log only once.
  await answerWal(client, database, 10_000, 'words');
  const asPieces: number[] = [];
  for (const { wording, bytes } of cases) {
    const { rows: from } = await client.query<{ at: string }>('select pg_current_wal_lsn()::text as at');
    asPieces.push(await answerWal(client, database, bytes, wording));
    if (process.argv.includes('--records')) await tellRecords(from[0]?.at ?? '', bytes);
  }
  const columns: number[] = [];
  for (const { wording, bytes } of cases) {
    const before = await askedReply(client);
    const column = await walOf(client, async () => {
      for (const piece of piecesOf(bytes, wording))
        await client.query(
          'update skein.replies set log = log || $2, log_units = log_units + 48 where id = $1',
          [before.id, piece],
        );
    });
    columns.push(column / bytes);
  }
  const rows = cases.map(({ bytes, wording }, at) => [
    `${bytes}, ${wording}`,
    asPieces[at]?.toFixed(1) ?? '',
    columns[at]?.toFixed(1) ?? '',
  ]);
  console.log(table(['answer, bytes', 'as pieces', 'in one column, as before'], rows));

  async function tellRecords(at: string, bytes: number): Promise<void> {
    await client.query('create extension if not exists pg_walinspect');
    const { rows: told } = await client.query<Record<string, string>>(
      `select "resource_manager/record_type" as record, count, combined_size / $2::float8 as per_byte, fpi_size
       from pg_get_wal_stats($1::pg_lsn, pg_current_wal_flush_lsn(), true) where count > 0 order by combined_size desc limit 9`,
      [at, bytes],
    );
    console.table(told);
  }
  await client.end();
  await database.close();
} finally {
  await server.stop();
}
