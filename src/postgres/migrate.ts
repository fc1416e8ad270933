import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { runMigrations as migrateQueue } from 'graphile-worker';
import pg from 'pg';
import { SkeinError } from '../errors.ts';
import { type Address, connectionTo } from './address.ts';
import { failureOf, KEEP_ALIVE_MS, sqlState, startFailure } from './database.ts';

/** `migrations/` lies two levels above this file, in the sources and in the build alike. */
const FOLDER = fileURLToPath(new URL('../../migrations', import.meta.url));

/** Any number that no other program uses as an advisory lock on this database. */
const MIGRATION_LOCK = 7_203_315_412;
/**
 * How long a migration waits for a lock. Whoever waits for one makes all others behind it wait as well, so it gives
 * way and comes back.
 */
const LOCK_MS = 2000;
/** Between tries for a lock, and so often before the caller is told; in seconds, as it is the server that sleeps. */
const PAUSE_SECONDS = 0.5;
const MOST_TRIES = 60;

/**
 * First lines of a migration that say how it is applied. The first: statement by statement, each for itself, as
 * `create index concurrently` demands; it may be applied again after a failure in the middle. The second, with the tag
 * of a migration: programs that do not know that migration can't use the database any more.
 */
const OUTSIDE = /^-- outside a transaction$/m;
const NEEDS = /^-- needs: (\S+)$/m;
/** As drizzle-kit writes it. */
const BREAKPOINT = '--> statement-breakpoint';

interface Migration {
  readonly tag: string;
  /** When it was made, which names it in `skein.migrations`. */
  readonly when: number;
}

/**
 * Brings a database to this version: our tables, then the queue's. Twice is harmless; many processes at once take
 * turns. Each migration is a transaction of its own, which waits for no lock for longer than `LOCK_MS`, so that a busy
 * database goes on. What is there already and not known here is of a newer version and left alone, unless it says that
 * it needs one: DATABASE_NEWER. Throws DATABASE_UNREACHABLE if there is no connection, or a lock was not to be had.
 */
export async function migrate(url: string, ca: Address['ca'] = null): Promise<void> {
  const connection = connectionTo({ url, ca });
  const client = new pg.Client({
    ...connection,
    connectionTimeoutMillis: 5000,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
    application_name: 'skein migrations',
  });
  client.on('error', () => {});
  try {
    await client.connect();
    await takeTurn(client);
    const applied = await appliedTo(client);
    for (const migration of journal()) if (!applied.has(migration.when)) await apply(client, migration);
    const pool = new pg.Pool({ ...connection, max: 1 });
    // Without these a cut connection ends the process.
    pool.on('error', () => {});
    pool.on('connect', (one) => one.on('error', () => {}));
    await migrateQueue({ pgPool: pool }).finally(() => pool.end());
  } catch (thrown) {
    throw startFailure(thrown, 'the database could not be migrated');
  } finally {
    await client.end().catch(() => {});
  }
}

/**
 * One process at a time. Asked again and again: a session that waits in `pg_advisory_lock` has a snapshot, and for
 * its end `create index concurrently` of the process before would wait.
 */
async function takeTurn(client: pg.Client): Promise<void> {
  for (;;) {
    const { rows } = await client.query<{ ours: boolean }>('select pg_try_advisory_lock($1) as ours', [
      MIGRATION_LOCK,
    ]);
    if (rows[0]?.ours === true) return;
    await client.query('select pg_sleep($1)', [PAUSE_SECONDS]);
  }
}

/** What was applied, by `when`. The table is the one that drizzle's migrator made in databases before 0015. */
async function appliedTo(client: pg.Client): Promise<Set<number>> {
  await client.query('create schema if not exists skein');
  await client.query(
    'create table if not exists skein.migrations (id serial primary key, hash text not null, created_at bigint)',
  );
  await client.query('alter table skein.migrations add column if not exists needs bigint');
  const { rows } = await client.query<{ when: string; needs: string | null }>(
    'select created_at as "when", needs from skein.migrations',
  );
  const newest = Math.max(...journal().map(({ when }) => when));
  if (rows.some(({ needs }) => Number(needs ?? 0) > newest))
    throw new SkeinError('DATABASE_NEWER', 'the database has migrations that need a newer version');
  return new Set(rows.map(({ when }) => Number(when)));
}

async function apply(client: pg.Client, { tag, when }: Migration): Promise<void> {
  const text = readFileSync(`${FOLDER}/${tag}.sql`, 'utf8');
  const statements = text.split(BREAKPOINT).filter((statement) => statement.trim() !== '');
  const needed = NEEDS.exec(text)?.[1];
  const needs = needed === undefined ? null : (journal().find((other) => other.tag === needed)?.when ?? when);
  const note = () =>
    client.query('insert into skein.migrations (hash, created_at, needs) values ($1, $2, $3)', [
      createHash('sha256').update(text).digest('hex'),
      when,
      needs,
    ]);
  await client.query(`set lock_timeout = ${LOCK_MS}`);
  if (!OUTSIDE.test(text))
    return patiently(client, async () => {
      await client.query('begin');
      for (const statement of statements) await client.query(statement);
      await note();
      await client.query('commit');
    });
  for (const statement of statements)
    await patiently(client, async () => {
      await dropUnfinished(client);
      await client.query(statement);
    });
  await note();
}

/** Tries again while somebody else keeps a lock that the work needs. */
async function patiently(client: pg.Client, work: () => Promise<unknown>): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      await work();
      return;
    } catch (thrown) {
      await client.query('rollback').catch(() => {});
      const inTheWay = sqlState(thrown) === '55P03' || failureOf(thrown) === 'again';
      if (!inTheWay || tries >= MOST_TRIES) throw thrown;
      await client.query('select pg_sleep($1)', [PAUSE_SECONDS]);
    }
  }
}

/** A concurrent build that failed leaves an index that is written and never read. */
async function dropUnfinished(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ name: string }>(
    `select i.indexrelid::regclass::text as name from pg_index i join pg_class c on c.oid = i.indexrelid
     where not i.indisvalid and c.relnamespace = 'skein'::regnamespace`,
  );
  for (const { name } of rows) await client.query(`drop index concurrently if exists ${name}`);
}

let known: readonly Migration[] | null = null;

/** The migrations of this version in their order, from the journal that drizzle-kit keeps. */
function journal(): readonly Migration[] {
  known ??= entriesOf(JSON.parse(readFileSync(`${FOLDER}/meta/_journal.json`, 'utf8')));
  return known;
}

function entriesOf(value: unknown): Migration[] {
  if (typeof value !== 'object' || value === null || !('entries' in value) || !Array.isArray(value.entries))
    return [];
  return value.entries.map((entry: { tag?: unknown; when?: unknown }) => ({
    tag: String(entry.tag),
    when: Number(entry.when),
  }));
}
