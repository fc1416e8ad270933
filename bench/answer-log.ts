import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { systemClock as clock } from '../src/clock.ts';
import type { LeaseToken } from '../src/jobs/store.ts';
import { createLog } from '../src/log.ts';
import { openDatabase } from '../src/postgres/database.ts';
import { startEmbeddedPostgres } from '../src/postgres/embedded/launcher.ts';
import { migrate } from '../src/postgres/migrate.ts';
import { beginCall, commitAnswer } from '../src/reply/store.ts';
import { appendLog } from '../src/reply/write/store.ts';
import { scratchBase } from '../test/support/scratch.ts';

/**
 * `node --import tsx bench/answer-log.ts`: what the log of one answer costs in write-ahead log, for each byte of the
 * answer, from the first piece to commit 2; beside it the same pieces appended to one column, as it was before. On a
 * server of its own, because `pg_current_wal_lsn()` counts for all.
 */
/** So much comes between two writes at 60 tokens a second: nine words of prose, 48 characters. */
const WORDS =
  'thread answer because light running between small question never about other people where stream'.split(
    ' ',
  );
const pieceOf = (at: number) =>
  [...createHash('sha256').update(String(at)).digest().subarray(0, 9)]
    .map((byte) => WORDS[byte % WORDS.length])
    .join(' ')
    .slice(0, 47)
    .padEnd(48, ' ');
const LENGTHS = [10_000, 50_000, 200_000];

const dir = mkdtempSync(join(scratchBase(), 'skein-log-'));
chmodSync(dir, 0o711);
mkdirSync(join(dir, 'data'));
const quiet = createLog('error', { write: () => {} });
const server = await startEmbeddedPostgres({
  dataDir: join(dir, 'data'),
  clock,
  log: quiet,
  fallbackDirs: [scratchBase()],
});
try {
  await migrate(server.url);
  const database = openDatabase({ url: server.url, max: 4, clock, log: quiet });
  const client = new pg.Client({ connectionString: server.url });
  await client.connect();
  const one = async (text: string, values: unknown[] = []): Promise<Record<string, string>> =>
    (await client.query<Record<string, string>>(text, values)).rows[0] ?? {};
  const written = async (work: () => Promise<unknown>): Promise<number> => {
    const { at } = await one('select pg_current_wal_lsn()::text as at');
    await work();
    const { bytes } = await one('select pg_wal_lsn_diff(pg_current_wal_lsn(), $1::pg_lsn)::text as bytes', [
      at,
    ]);
    return Number(bytes);
  };
  const ask = async (ts: string) => {
    const { id: conversation } = await one(
      `insert into skein.conversations (team, channel, thread_ts, kind) values ('T1', 'C1', $1, 'channel') returning id::text`,
      [ts],
    );
    const { id: question } = await one(
      `insert into skein.messages (conversation, slack_ts, role, speaker, raw) values ($1, $2, 'user', 'U1', '{}') returning id::text`,
      [conversation, ts],
    );
    const { id: reply = '' } = await one(
      `insert into skein.replies (id, conversation, question, model, max_tokens, instructions, footer)
       values (gen_random_uuid(), $1, $2, 'm', 1024, '', true) returning id::text`,
      [conversation, question],
    );
    const { owner = '' } = await one(
      `insert into skein.mailboxes (key, lease_owner, lease_epoch) values ($1, gen_random_uuid(), 1) returning lease_owner::text as owner`,
      [ts],
    );
    const lease: LeaseToken = { team: 'T1', mailbox: ts, owner, epoch: 1 };
    return {
      id: reply,
      conversation: Number(conversation),
      question: Number(question),
      questionTs: ts,
      lease,
    };
  };
  console.log('| answer, bytes | as pieces | in one column, as before |');
  console.log('| ---: | ---: | ---: |');
  for (const length of LENGTHS) {
    const pieces = Array.from({ length: Math.ceil(length / 48) }, (_, at) => pieceOf(at));
    const text = pieces.join('');
    const asked = await ask(`${length}.000000`);
    await beginCall(database.query, asked.lease, asked.id, { from: 0, prompt: 12 });
    const asRows = await written(async () => {
      for (const [at, piece] of pieces.entries())
        await appendLog(database.query, asked.lease, asked.id, { at: at * 48, text: piece });
      const end = { log: text, stopReason: 'end', stoppedBy: null, errorCode: null, requestId: null };
      await commitAnswer(database.query, asked.lease, asked, end, { remembered: true, inContext: true });
    });
    const before = await ask(`${length}.000001`);
    const column = await written(async () => {
      for (const piece of pieces)
        await client.query(
          'update skein.replies set log = log || $2, log_units = log_units + 48 where id = $1',
          [before.id, piece],
        );
    });
    const ratio = (bytes: number) => (bytes / Buffer.byteLength(text)).toFixed(1);
    console.log(`| ${Buffer.byteLength(text)} | ${ratio(asRows)} | ${ratio(column)} |`);
  }
  await client.end();
  await database.close();
} finally {
  await server.stop();
  rmSync(dir, { recursive: true, force: true });
}
