import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { drizzle } from 'drizzle-orm/node-postgres';
import { migrate as applyMigrations } from 'drizzle-orm/node-postgres/migrator';
import { runMigrations as migrateQueue } from 'graphile-worker';
import pg from 'pg';
import { SkeinError } from '../errors.ts';
import { isConnectionLoss } from './database.ts';

/** `migrations/` lies two levels above this file, in the sources and in the build alike. */
const FOLDER = fileURLToPath(new URL('../../migrations', import.meta.url));

/** Any number that no other program uses as an advisory lock on this database. */
const MIGRATION_LOCK = 7_203_315_412;

/**
 * Brings a database to this version: our tables, then the queue's. Twice is harmless; many processes at
 * once take turns under an advisory lock (drizzle's own migrator fails when it is run concurrently).
 * Throws DATABASE_NEWER if the database has migrations that this version does not know, and
 * DATABASE_UNREACHABLE if there is no connection.
 */
export async function migrate(databaseUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl, connectionTimeoutMillis: 5000 });
  client.on('error', () => {});
  try {
    await client.connect();
    await client.query('select pg_advisory_lock($1)', [MIGRATION_LOCK]);
    await refuseNewer(client);
    await applyMigrations(drizzle(client), {
      migrationsFolder: FOLDER,
      migrationsSchema: 'skein',
      migrationsTable: 'migrations',
    });
    await migrateQueue({ connectionString: databaseUrl });
  } catch (thrown) {
    if (isConnectionLoss(thrown))
      throw new SkeinError('DATABASE_UNREACHABLE', 'the database could not be migrated', { cause: thrown });
    throw thrown;
  } finally {
    await client.end().catch(() => {});
  }
}

/** Newest migration of this version: its `when` in the journal that drizzle-kit keeps. */
function newestKnown(): number {
  const journal: unknown = JSON.parse(readFileSync(`${FOLDER}/meta/_journal.json`, 'utf8'));
  const entries =
    typeof journal === 'object' && journal !== null && 'entries' in journal && Array.isArray(journal.entries)
      ? journal.entries
      : [];
  return Math.max(0, ...entries.map((entry: { when?: unknown }) => Number(entry.when ?? 0)));
}

async function refuseNewer(client: pg.Client): Promise<void> {
  const table = await client.query<{ there: boolean }>(
    "select to_regclass('skein.migrations') is not null as there",
  );
  if (table.rows[0]?.there !== true) return;
  const newest = await client.query<{ newest: string | null }>(
    'select max(created_at) as newest from skein.migrations',
  );
  if (Number(newest.rows[0]?.newest ?? 0) > newestKnown())
    throw new SkeinError('DATABASE_NEWER', 'the database has migrations that this version does not know');
}
