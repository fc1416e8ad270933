import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chownSync, existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Binaries } from './binaries.ts';
import { codeOf, EmbeddedPostgresError, reasonOf } from './failure.ts';
import { readIfThere, renameDurably, writeDurably } from './files.ts';
import type { EmbeddedLog } from './log.ts';
import { asOwner } from './owner.ts';
import type { Place } from './place.ts';

/** The one role and the one database that we make. */
export const ROLE = 'bot';
export const DATABASE = 'skein';

const DRAFT = 'pgdata.new-';

/**
 * Sees to it that there is a cluster of the right version, and returns the password of its role.
 *
 * A new cluster is made under a draft's name and gets its own when it is whole: what is called `pgdata` is
 * finished, and drafts that a crash left behind are swept. Nothing called `pgdata` is ever deleted.
 */
export async function ensureCluster(place: Place, binaries: Binaries, log: EmbeddedLog): Promise<string> {
  sweepDrafts(place, log);
  const version = readIfThere(join(place.pgdata, 'PG_VERSION'))?.trim() ?? null;
  if (version === null) {
    if (existsSync(place.pgdata)) {
      throw new EmbeddedPostgresError(
        'INIT_FAILED',
        `${place.pgdata} exists and is not a PostgreSQL cluster. Move it away.`,
      );
    }
    return createCluster(place, binaries, log);
  }
  if (version !== binaries.major) {
    throw new EmbeddedPostgresError(
      'DATA_DIR_OTHER_MAJOR',
      `The data in ${place.pgdata} are of PostgreSQL ${version}, this version of Skein brings PostgreSQL ${binaries.major}. Start the version of Skein that wrote them, or move them away to begin anew.`,
    );
  }
  const secret = readSecret(place);
  if (secret === null) {
    throw new EmbeddedPostgresError(
      'START_FAILED',
      `The password of the database is missing: ${secretPath(place)}. Restore this file beside ${place.pgdata}.`,
    );
  }
  return secret;
}

async function createCluster(place: Place, binaries: Binaries, log: EmbeddedLog): Promise<string> {
  // Never a name that was used before: an initdb outlives a bot that was killed, and goes on writing.
  const draft = join(place.dir, `${DRAFT}${randomBytes(4).toString('hex')}`);
  const pwfile = `${draft}.password`;
  log.info({ dir: place.pgdata, major: binaries.major }, 'making a new database');
  const secret = readSecret(place) ?? randomBytes(24).toString('hex');
  writeDurably(secretPath(place), `${JSON.stringify({ password: secret })}\n`);
  writeDurably(pwfile, secret);
  mkdirSync(draft, { mode: 0o700 });
  if (place.owner !== null) {
    chownSync(draft, place.owner.uid, place.owner.gid);
    chownSync(pwfile, place.owner.uid, place.owner.gid);
  }
  try {
    // C collation: neither the bundled ICU nor the system's libc may ever decide the order of an index.
    await run(binaries.initdb, place, binaries, [
      ...['-D', draft, '-U', ROLE, '-A', 'scram-sha-256', `--pwfile=${pwfile}`],
      ...['-E', 'UTF8', '--no-locale'],
    ]);
  } finally {
    rmSync(pwfile, { force: true });
  }
  renameDurably(draft, place.pgdata);
  return secret;
}

function run(program: string, place: Place, binaries: Binaries, args: string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const options = { ...asOwner(place.owner), cwd: '/', env: binaries.env };
    execFile(program, args, options, (failure, _stdout, stderr) => {
      if (failure === null) return resolve();
      // The file is there, so what was not found is the loader that it names.
      if (codeOf(failure) === 'ENOENT' && existsSync(program)) {
        return reject(
          new EmbeddedPostgresError(
            'PLATFORM_UNSUPPORTED',
            'The Postgres binaries need a system with glibc 2.27 or newer (Alpine has musl).',
            failure,
          ),
        );
      }
      const said = stderr.trim().slice(-1000) || reasonOf(failure);
      reject(new EmbeddedPostgresError('INIT_FAILED', `A new database could not be made: ${said}`, failure));
    });
  });
}

function sweepDrafts(place: Place, log: EmbeddedLog): void {
  for (const name of readdirSync(place.dir)) {
    if (!name.startsWith(DRAFT)) continue;
    log.warn({ draft: name }, 'the making of a database was cut short: sweeping what it left');
    try {
      rmSync(join(place.dir, name), { recursive: true, force: true });
    } catch (thrown) {
      // Its initdb still writes; the next start finishes the sweep.
      log.warn({ draft: name, reason: reasonOf(thrown) }, 'the draft cannot be removed yet');
    }
  }
}

function secretPath(place: Place): string {
  return join(place.dir, 'secret.json');
}

function readSecret(place: Place): string | null {
  const text = readIfThere(secretPath(place));
  if (text === null) return null;
  try {
    const data: unknown = JSON.parse(text);
    if (typeof data !== 'object' || data === null || !('password' in data)) return null;
    return typeof data.password === 'string' && data.password !== '' ? data.password : null;
  } catch {
    return null;
  }
}
