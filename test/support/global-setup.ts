import { createHash } from 'node:crypto';
import { chmodSync, lstatSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import type { TestProject } from 'vitest/node';
import { systemClock } from '../../src/clock.ts';
import { startEmbeddedPostgres } from '../../src/postgres/embedded/launcher.ts';
import { migrate } from '../../src/postgres/migrate.ts';
import { withDatabase } from './database-url.ts';
import { scratchBase } from './scratch.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** A server on which this run may make databases. */
    databaseServer: string;
    /** The migrated database that tests copy. */
    databaseTemplate: string;
  }
}

/** Copies and moves of whole databases; a power failure may cost them. */
const NOT_DURABLE = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  max_connections: '100',
  max_wal_size: '128MB',
  min_wal_size: '32MB',
};
/** Any number, known to nobody else: runs side by side make the template one after the other. */
const TEMPLATE_LOCK = 7_283_004_416;
/** Databases of failed tests are kept this long, templates of other migrations too. */
const KEPT_MS = 24 * 60 * 60 * 1000;

/**
 * One server a run: `TEST_DATABASE_URL` (a role that may create databases), or the embedded one with its
 * data in a cache folder, shared with runs that happen at the same time.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const given = process.env['TEST_DATABASE_URL'];
  const { url, stop } =
    given === undefined || given === '' ? await startServer() : { url: given, stop: async () => {} };
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => {});
  await client.connect();
  try {
    await sweep(client);
    project.provide('databaseServer', url);
    project.provide('databaseTemplate', await ensureTemplate(client, url));
  } finally {
    await client.end();
  }
  return stop;
}

async function startServer(): Promise<{ url: string; stop(): Promise<void> }> {
  const quiet = () => {};
  const told = (fields: object, message: string) => console.warn(`test database: ${message}`, fields);
  return startEmbeddedPostgres({
    dataDir: cacheDir(),
    clock: systemClock,
    log: { info: quiet, warn: told, error: told },
    flags: NOT_DURABLE,
  });
}

/** One a user: these folders are open to all, so the name alone proves nothing. */
function cacheDir(): string {
  const uid = process.getuid?.() ?? 0;
  const dir = join(scratchBase(), `skein-test-postgres-18-${uid}`);
  mkdirSync(dir, { recursive: true, mode: 0o711 });
  const found = lstatSync(dir);
  if (!found.isDirectory() || (process.getuid !== undefined && found.uid !== uid)) {
    throw new Error(`${dir} belongs to somebody else`);
  }
  if (uid === 0) chmodSync(dir, 0o711);
  return dir;
}

/** Migrates once for each state of `migrations/` and of the code that applies them. */
async function ensureTemplate(client: pg.Client, url: string): Promise<string> {
  const template = `template_${hashOfMigrations()}`;
  await client.query('select pg_advisory_lock($1)', [TEMPLATE_LOCK]);
  try {
    const { rowCount } = await client.query('select 1 from pg_database where datname = $1', [template]);
    if (rowCount === 0) {
      const draft = `${template}_new`;
      await client.query(`drop database if exists ${draft} with (force)`);
      await client.query(`create database ${draft} strategy wal_log`);
      await migrate(withDatabase(url, draft));
      await client.query(`alter database ${draft} rename to ${template}`);
    }
    // The day of its last use, for the sweep.
    await client.query(`comment on database ${template} is '${new Date().toISOString()}'`);
    return template;
  } finally {
    await client.query('select pg_advisory_unlock($1)', [TEMPLATE_LOCK]);
  }
}

function hashOfMigrations(): string {
  const root = fileURLToPath(new URL('../../', import.meta.url));
  const files = readdirSync(join(root, 'migrations'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  const hash = createHash('sha256');
  // The lock file names the version of the queue, which brings tables of its own.
  for (const file of [...files, join(root, 'src/postgres/migrate.ts'), join(root, 'package-lock.json')]) {
    hash.update(`${file.slice(root.length)}\0`).update(readFileSync(file));
  }
  return hash.digest('hex').slice(0, 16);
}

async function sweep(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ name: string; used: string | null }>(
    `select datname as name, shobj_description(oid, 'pg_database') as used
       from pg_database where datname ~ '^(test|template)_[a-z0-9_]+$'`,
  );
  for (const { name, used } of rows) {
    const since = Date.parse(used ?? '');
    if (Date.now() - since > KEPT_MS) await client.query(`drop database if exists ${name} with (force)`);
  }
}
