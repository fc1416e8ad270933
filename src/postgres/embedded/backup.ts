import { chownSync, type Dirent, existsSync } from 'node:fs';
import { chmod, copyFile, lchown, mkdir, readdir, readlink, rename, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import type { Clock } from '../../clock.ts';
import { codeOf, EmbeddedPostgresError, onDataDir } from './failure.ts';
import { writeDurably } from './files.ts';
import { startEmbeddedPostgres } from './launcher.ts';
import type { EmbeddedLog } from './log.ts';
import { choosePlace } from './place.ts';
import { withStartLock } from './start-lock.ts';

interface Options {
  readonly dataDir: string;
  readonly clock: Clock;
  readonly log: EmbeddedLog;
}

/** What a copy of a running cluster leaves out (Postgres, "Making a Base Backup Using the Low Level API"). */
const EMPTY = new Set([
  'pg_wal',
  'pg_replslot',
  'pg_dynshmem',
  'pg_notify',
  'pg_serial',
  'pg_snapshots',
  'pg_stat_tmp',
  'pg_subtrans',
]);
const NEVER = /^(?:postmaster\.(?:pid|opts)|pgsql_tmp.*|backup_label|tablespace_map)$/;
const FALLBACKS = ['/var/lib', tmpdir()];

/**
 * Copies the embedded database into a new directory `to`, while Skein may go on with it: a base backup by Postgres' low
 * level interface, with the write-ahead log that it needs. Whole when it has its name; a draft beside it is not. Throws
 * `EmbeddedPostgresError` if `to` exists, else what the system says.
 */
export async function backUp(options: Options & { readonly to: string }): Promise<void> {
  const { to } = options;
  if (existsSync(to)) throw new EmbeddedPostgresError('INIT_FAILED', `${to} exists already.`);
  const draft = `${to}.part`;
  await rm(draft, { recursive: true, force: true });
  const place = await choosePlace(options.dataDir, FALLBACKS, options.log);
  if (!existsSync(place.pgdata))
    throw new EmbeddedPostgresError('START_FAILED', `There is no database in ${place.dir}.`);
  const server = await startEmbeddedPostgres(options);
  const client = new pg.Client({ connectionString: server.url });
  client.on('error', () => {});
  try {
    await client.connect();
    // Keeps the log from its beginning until this connection ends.
    await client.query(`select pg_create_physical_replication_slot('skein_backup', true, true)`);
    await client.query(`select pg_backup_start('skein backup', fast => true)`);
    await mkdir(draft, { mode: 0o700 });
    await copyTree(
      place.pgdata,
      join(draft, 'pgdata'),
      (name, top) => !NEVER.test(name) && !(top && EMPTY.has(name)),
    );
    const { rows } = await client.query<{ label: string }>(
      'select labelfile as label from pg_backup_stop(wait_for_archive => false)',
    );
    writeDurably(join(draft, 'pgdata', 'backup_label'), rows[0]?.label ?? '');
    for (const name of EMPTY) await mkdir(join(draft, 'pgdata', name), { mode: 0o700 });
    // After the end of the copy: all of the log that it needs is written.
    await copyTree(
      join(place.pgdata, 'pg_wal'),
      join(draft, 'pgdata', 'pg_wal'),
      (name) => name !== 'archive_status',
    );
    await copyFile(join(place.dir, 'secret.json'), join(draft, 'secret.json'));
    await chmod(join(draft, 'secret.json'), 0o600);
    await rename(draft, to);
  } finally {
    await client.end().catch(() => {});
    await server.stop();
  }
}

/**
 * Puts a backup where `DATA_DIR` is; the next start goes on from it. Throws `EmbeddedPostgresError` if there is a database
 * already, or `from` is no backup: nothing is ever written over.
 */
export async function restore(options: Options & { readonly from: string }): Promise<void> {
  const { from, dataDir, clock, log } = options;
  if (!existsSync(join(from, 'pgdata', 'backup_label')) || !existsSync(join(from, 'secret.json')))
    throw new EmbeddedPostgresError('START_FAILED', `${from} is no backup of Skein.`);
  const place = await choosePlace(dataDir, FALLBACKS, log);
  await onDataDir(place.dir, () =>
    withStartLock(place.dir, clock, async () => {
      if (existsSync(place.pgdata))
        throw new EmbeddedPostgresError(
          'INIT_FAILED',
          `There is a database in ${place.dir} already. Move it away.`,
        );
      const draft = join(place.dir, 'pgdata.new-restored');
      await rm(draft, { recursive: true, force: true });
      await copyTree(join(from, 'pgdata'), draft, () => true, place.owner);
      await copyFile(join(from, 'secret.json'), join(place.dir, 'secret.json'));
      await chmod(join(place.dir, 'secret.json'), 0o600);
      await rename(draft, place.pgdata);
    }),
  );
}

/** Copies a directory; what vanishes meanwhile was not needed. `wanted` is asked for each name, and whether it lies at the top. */
async function copyTree(
  from: string,
  to: string,
  wanted: (name: string, top: boolean) => boolean,
  owner: { readonly uid: number; readonly gid: number } | null = null,
  top = true,
): Promise<void> {
  await mkdir(to, { recursive: true, mode: 0o700 });
  if (owner !== null) chownSync(to, owner.uid, owner.gid);
  for (const entry of await readdir(from, { withFileTypes: true }).catch(gone<Dirent[]>([]))) {
    if (!wanted(entry.name, top)) continue;
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) await copyTree(source, target, (name) => wanted(name, false), owner, false);
    else if (entry.isSymbolicLink()) await symlink(await readlink(source), target).catch(gone(undefined));
    else await copyFile(source, target).catch(gone(undefined));
    if (owner !== null) await lchown(target, owner.uid, owner.gid).catch(gone(undefined));
  }
}

function gone<T>(instead: T): (thrown: unknown) => T {
  return (thrown) => {
    if (codeOf(thrown) === 'ENOENT') return instead;
    throw thrown;
  };
}
