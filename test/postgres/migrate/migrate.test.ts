import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import pg from 'pg';
import { describe, expect, inject, it, onTestFinished } from 'vitest';
import { systemClock } from '../../../src/clock.ts';
import { isConnectionLoss } from '../../../src/postgres/database.ts';
import { migrate } from '../../../src/postgres/migrate.ts';
import { createTestDatabase } from '../../support/database.ts';
import { withDatabase } from '../../support/database-url.ts';
import { ROOT } from '../../support/source.ts';
import { openStored } from '../../support/stored.ts';

/** A database without anything in it. */
async function emptyDatabase(): Promise<{ url: string; client: pg.Client }> {
  const { url, drop } = await createTestDatabase();
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  onTestFinished(async () => {
    await client.end();
    await drop();
  });
  await client.query('drop schema skein cascade');
  await client.query('drop schema graphile_worker cascade');
  return { url, client };
}

const tables = async (client: pg.Client) =>
  (
    await client.query<{ name: string }>(
      "select schemaname || '.' || tablename as name from pg_tables where schemaname in ('skein', 'graphile_worker') order by 1",
    )
  ).rows.map(({ name }) => name);

it('an empty database is brought to this version, and doing it twice is harmless', async () => {
  const { url, client } = await emptyDatabase();
  await migrate(url);
  const first = await tables(client);
  expect(first).toContain('skein.mailboxes');
  await client.query(
    "insert into skein.conversations (team, channel, thread_ts, kind) values ('T1', 'C1', '1.0', 'im')",
  );
  await migrate(url);
  expect(await tables(client)).toEqual(first);
  expect((await client.query('select 1 from skein.conversations')).rowCount).toBe(1);
});

it('eight processes at once take turns', async () => {
  const { url, client } = await emptyDatabase();
  await Promise.all(Array.from({ length: 8 }, () => migrate(url)));
  const { rows } = await client.query('select hash from skein.migrations');
  expect(new Set(rows.map((row) => JSON.stringify(row))).size).toBe(rows.length);
  expect(rows.length).toBeGreaterThan(0);
});

describe('a database that a newer version has migrated', () => {
  const newer = async (needs: number | null) => {
    const { url, client } = await emptyDatabase();
    await migrate(url);
    await client.query('insert into skein.migrations (hash, created_at, needs) values ($1, $2, $3)', [
      'newer',
      Date.parse('2099-01-01'),
      needs,
    ]);
    return { url, client };
  };
  it('is used as it is, so that a deploy and a step back need no luck', async () => {
    const { url, client } = await newer(Date.parse('2026-01-01'));
    await migrate(url);
    expect((await client.query("select 1 from skein.migrations where hash = 'newer'")).rowCount).toBe(1);
  });

  it('is refused if it says that it needs a newer version', async () => {
    const { url } = await newer(Date.parse('2098-01-01'));
    await expect(migrate(url)).rejects.toMatchObject({ code: 'DATABASE_NEWER' });
  });
});

/** As if a migration had not been applied yet. */
const forget = async (client: pg.Client, tag: string) => {
  const text = readFileSync(join(ROOT, 'migrations', `${tag}.sql`), 'utf8');
  const { rowCount } = await client.query('delete from skein.migrations where hash = $1', [
    createHash('sha256').update(text).digest('hex'),
  ]);
  expect(rowCount).toBe(1);
};

it('a migration waits for no lock for long, so that nobody queues behind it, and comes back until it is through', async () => {
  const { url, client } = await emptyDatabase();
  await migrate(url);
  await forget(client, '0020_storage');
  await client.query('begin');
  await client.query('lock table skein.jobs in share mode');
  let through = false;
  const migrating = migrate(url).then(() => {
    through = true;
  });
  const looker = new pg.Client({ connectionString: url });
  await looker.connect();
  const paused = async () => {
    const { rowCount } = await looker.query(
      "select 1 from pg_stat_activity where application_name = 'skein migrations' and query like '%pg_sleep%' and state = 'active'",
    );
    return rowCount === 1;
  };
  await expect.poll(paused).toBe(true);
  await looker.end();
  expect(through).toBe(false);
  await client.query('commit');
  await migrating;
  const { rows } = await client.query<{ options: string[] }>(
    "select reloptions as options from pg_class where oid = 'skein.jobs'::regclass",
  );
  expect(rows[0]?.options).toContain('fillfactor=80');
});

it('an index whose building was cut off is built again', async () => {
  const { url, client } = await emptyDatabase();
  await migrate(url);
  await forget(client, '0019_kept_and_done');
  await client.query(
    "update pg_index set indisvalid = false where indexrelid = 'skein.messages_kept_in'::regclass",
  );
  await migrate(url);
  const { rows } = await client.query<{ indisvalid: boolean }>(
    "select indisvalid from pg_index where indexrelid = 'skein.messages_kept_in'::regclass",
  );
  expect(rows).toEqual([{ indisvalid: true }]);
});

it('what drizzle’s migrator applied is not applied again', async () => {
  const { url, client } = await emptyDatabase();
  await migrate(url);
  await client.query('alter table skein.migrations drop column needs');
  const before = await client.query('select hash, created_at from skein.migrations order by id');
  await migrate(url);
  expect((await client.query('select hash, created_at from skein.migrations order by id')).rows).toEqual(
    before.rows,
  );
});

it.each([
  ['nobody listens', () => 'postgres://skein:secret-word@127.0.0.1:9/skein'],
  ['there is no such database', () => withDatabase(inject('databaseServer'), 'test_that_is_not_there')],
  [
    'the login is refused',
    () => {
      const url = new URL(inject('databaseServer'));
      url.password = 'secret-word';
      return url.href;
    },
  ],
])('a database is unreachable when %s, and no password is told', async (_case, url) => {
  const failed = await migrate(url()).catch((thrown: unknown) => thrown);
  expect(failed).toMatchObject({ code: 'DATABASE_UNREACHABLE' });
  expect(String(failed)).not.toContain('secret-word');
});

it('a server that takes the connection and says nothing counts as a lost connection', async () => {
  const silent = createServer(() => {});
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const address = silent.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const client = new pg.Client({ host: '127.0.0.1', port: address.port, connectionTimeoutMillis: 100 });
  const thrown = await client.connect().catch((error: unknown) => error);
  silent.close();
  expect(isConnectionLoss(thrown)).toBe(true);
});

it('a transaction whose connection is cut rejects as unreachable, and the pool recovers', async () => {
  const { database } = await openStored();
  const cut = database.transaction(async (tx) => {
    await tx.execute('select pg_terminate_backend(pg_backend_pid())');
  });
  await expect(cut).rejects.toMatchObject({ code: 'DATABASE_UNREACHABLE' });
  const later = database.transaction(async (tx) => {
    const { rows } = await tx.execute('select pg_backend_pid() as pid');
    await database.pool.query('select pg_terminate_backend($1)', [rows[0]?.['pid']]);
    await systemClock.sleep(50);
    await tx.execute('select 1');
  });
  await expect(later).rejects.toMatchObject({ code: 'DATABASE_UNREACHABLE' });
  expect(await database.condition(5000)).toBe('ok');
  // A fault of ours is no outage.
  await expect(database.transaction((tx) => tx.execute('select nonsense'))).rejects.not.toMatchObject({
    code: 'DATABASE_UNREACHABLE',
  });
  expect(isConnectionLoss(new Error('something else'))).toBe(false);
});
