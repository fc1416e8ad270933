import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../../src/clock.ts';
import { createLog } from '../../../src/log.ts';
import { backUp, restore } from '../../../src/postgres/embedded/backup.ts';
import { startEmbeddedPostgres } from '../../../src/postgres/embedded/launcher.ts';

const log = createLog('error', { write: () => {} });
const clock = systemClock;

async function rows(url: string): Promise<number> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return Number((await client.query('select count(*) from kept')).rows[0]?.count);
  } finally {
    await client.end();
  }
}

it('a backup of a database that is written to has all that was there when it began, and nothing is written over', async () => {
  const base = mkdtempSync(join(tmpdir(), 'skein-backup-'));
  onTestFinished(() => rmSync(base, { recursive: true, force: true }));
  const [dataDir, to, again] = [join(base, 'data'), join(base, 'saved'), join(base, 'other')];
  const server = await startEmbeddedPostgres({ dataDir, clock, log });
  const writer = new pg.Client({ connectionString: server.url });
  await writer.connect();
  await writer.query('create table kept (n int, text text)');
  await writer.query(`insert into kept select n, repeat('x', 500) from generate_series(1, 5000) n`);
  let writing = true;
  const busy = (async () => {
    while (writing) await writer.query(`insert into kept values (0, repeat('y', 500))`);
  })();
  await backUp({ dataDir, to, clock, log });
  writing = false;
  await busy;
  await expect(backUp({ dataDir, to, clock, log })).rejects.toThrow(/exists already/);
  const before = await rows(server.url);
  await writer.end();
  await server.stop();

  await expect(restore({ dataDir, from: to, clock, log })).rejects.toThrow(/already/);
  await expect(restore({ dataDir: again, from: dataDir, clock, log })).rejects.toThrow(/no backup/);
  await restore({ dataDir: again, from: to, clock, log });
  const second = await startEmbeddedPostgres({ dataDir: again, clock, log });
  const restored = await rows(second.url);
  await second.stop();
  expect(restored).toBeGreaterThanOrEqual(5000);
  expect(restored).toBeLessThanOrEqual(before);
});
