import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { afterEach, beforeEach, expect, inject, type TestContext } from 'vitest';
import { withDatabase } from './database-url.ts';

export interface TestDatabase {
  readonly url: string;
  /**
   * Waits for sessions that are just ending, then drops the database. Throws if the test left
   * connections open: what is not closed here is not closed in the bot either.
   */
  drop(): Promise<void>;
}

/** A migrated database of its own for the running test, named after the test's file and title. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const { testPath, currentTestName } = expect.getState();
  const file =
    testPath
      ?.split('/')
      .at(-1)
      ?.replace(/\.test\.ts$/, '') ?? '';
  const title = currentTestName?.split(' > ').at(-1) ?? '';
  return create(`${file}_${title}`);
}

/**
 * Gives each test of the file (or of the `describe`) a database, dropped after a test that passed. After
 * one that failed it is kept for a day, and its address is printed.
 */
export function useDatabase(): { readonly url: string } {
  let current: TestDatabase | null = null;
  beforeEach(async () => {
    current = await createTestDatabase();
  });
  afterEach(async ({ task }: TestContext) => {
    const database = current;
    current = null;
    if (database === null) return;
    if (task.result?.state === 'fail') {
      console.error(`The database of this test is kept: ${database.url}`);
    } else {
      await database.drop();
    }
  });
  return {
    get url() {
      if (current === null) throw new Error('there is a database only while a test runs');
      return current.url;
    },
  };
}

async function create(label: string): Promise<TestDatabase> {
  const server = inject('databaseServer');
  const name = nameFor(label);
  await onServer(server, async (client) => {
    await client.query(`create database ${name} template ${inject('databaseTemplate')} strategy wal_log`);
    await client.query(`comment on database ${name} is '${new Date().toISOString()}'`);
  });
  return {
    url: withDatabase(server, name),
    drop: () => onServer(server, (client) => drop(client, name)),
  };
}

/** Postgres itself waits up to 5 s for sessions to end; on a busy machine one that was closed may take longer. */
async function drop(client: pg.Client, name: string, tries = 4): Promise<void> {
  try {
    await client.query(`drop database ${name}`);
  } catch (thrown) {
    if (tries > 1) return drop(client, name, tries - 1);
    const { rows } = await client.query<{ query: string }>(
      'select query from pg_stat_activity where datname = $1',
      [name],
    );
    await client.query(`drop database if exists ${name} with (force)`);
    if (rows.length === 0) throw thrown;
    const last = rows.map(({ query }) => query.slice(0, 80) || 'nothing').join(' · ');
    throw new Error(`The test left ${rows.length} database connections open; they last ran: ${last}`);
  }
}

/** At most 63 bytes; a random end, so that a test can have several and be run many times at once. */
function nameFor(label: string): string {
  const words = label
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .slice(0, 44);
  return `test_${words}_${randomBytes(4).toString('hex')}`;
}

async function onServer(url: string, work: (client: pg.Client) => Promise<void>): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => {});
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}
