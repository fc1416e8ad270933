import { createHash } from 'node:crypto';
import { chmodSync, existsSync, lstatSync, mkdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { EmbeddedPostgresError, onDataDir } from './failure.ts';
import { writeDurably } from './files.ts';
import type { EmbeddedLog } from './log.ts';
import { canReach, chooseOwner, type Owner } from './owner.ts';

/** Where the cluster and everything beside it lives, and who runs it. */
export interface Place {
  readonly dir: string;
  readonly pgdata: string;
  readonly owner: Owner;
}

/** In the data directory when its content had to go elsewhere: one line, the other directory. */
const SIGNPOST = 'moved-to';

/**
 * Makes the data directory and sees to it that the owner of the server can enter it. Root's home, for
 * one, lets nobody else through; then the data live in the first of `fallbackDirs` that can be reached,
 * under a name made from the path of the data directory, and a signpost is left behind. The signpost is
 * followed for ever, so that a later change of permissions does not begin an empty database.
 */
export async function choosePlace(
  dataDir: string,
  fallbackDirs: readonly string[],
  log: EmbeddedLog,
): Promise<Place> {
  return onDataDir(dataDir, async () => {
    const firstMade = mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    const home = realpathSync(dataDir);
    const here = placeIn(home);
    if (here.owner === null) return here;
    letThrough(home);
    if (firstMade !== undefined) {
      const top = realpathSync(firstMade);
      for (let dir = home; dir !== top; dir = dirname(dir)) letThrough(dirname(dir));
    }

    const signpost = join(home, SIGNPOST);
    if (existsSync(signpost)) {
      const elsewhere = placeIn(readFileSync(signpost, 'utf8').trim());
      if (existsSync(elsewhere.pgdata) && isOurs(elsewhere.dir)) {
        log.info({ dataDir: home, dir: elsewhere.dir }, 'the database lives outside of the data directory');
        return elsewhere;
      }
      log.warn({ dataDir: home, dir: elsewhere.dir }, 'the database is gone from where it was kept');
    }
    if (await canReach(here.owner, [home])) return here;
    if (existsSync(here.pgdata)) {
      throw new EmbeddedPostgresError(
        'DATA_DIR_UNREACHABLE',
        `Postgres runs as "${here.owner.name}", who cannot get through to the existing data in ${home}. Give all directories above it the permission to pass (chmod o+x).`,
      );
    }
    const elsewhere = await findReachable(home, here.owner, fallbackDirs);
    writeDurably(signpost, `${elsewhere.dir}\n`);
    log.warn(
      { dataDir: home, dir: elsewhere.dir, user: here.owner.name },
      'Postgres does not run as root, and its user cannot get through to the data directory: the database is kept elsewhere',
    );
    return elsewhere;
  });
}

async function findReachable(home: string, owner: Owner, bases: readonly string[]): Promise<Place> {
  const name = `skein-${createHash('sha256').update(home).digest('hex').slice(0, 12)}`;
  for (const base of bases) {
    const dir = join(base, name);
    try {
      mkdirSync(dir, { mode: 0o711 });
    } catch {
      // There already, or not possible: the next line tells which.
    }
    if (!isOurs(dir)) continue;
    letThrough(dir);
    if (await canReach(owner, [dir])) return placeIn(dir);
  }
  throw new EmbeddedPostgresError(
    'DATA_DIR_UNREACHABLE',
    `Postgres does not run as root, and its user can get through neither to ${home} nor to ${bases.join(' or ')}. Set DATA_DIR to a directory outside of root's home.`,
  );
}

function placeIn(dir: string): Place {
  const pgdata = join(dir, 'pgdata');
  return { dir, pgdata, owner: chooseOwner(pgdata) };
}

/** A real directory that nobody else could have prepared for us: temporary folders are open to all. */
function isOurs(dir: string): boolean {
  const found = lstatSync(dir, { throwIfNoEntry: false });
  return found?.isDirectory() === true && found.uid === process.getuid?.();
}

/** Passing through needs x; reading the directory stays ours. */
function letThrough(dir: string): void {
  const mode = statSync(dir).mode & 0o7777;
  if ((mode & 0o011) !== 0o011) chmodSync(dir, mode | 0o011);
}
