import { execFile } from 'node:child_process';
import { accessSync, constants, readFileSync, statSync } from 'node:fs';
import { EmbeddedPostgresError, reasonOf } from './failure.ts';

/** The user that Postgres runs as. Null: the same user as this process. */
export type Owner = { readonly uid: number; readonly gid: number; readonly name: string } | null;

/** In this order; macOS calls its own `_postgres`. */
const CANDIDATES = ['postgres', '_postgres', 'nobody'];

/**
 * Postgres refuses to run as root, so root hands it to somebody with fewer rights: whoever owns the
 * cluster already (it may have been made without root), else `postgres`, else `nobody`.
 */
export function chooseOwner(pgdata: string, passwd = readPasswd()): Owner {
  if (process.getuid?.() !== 0) return null;
  try {
    const { uid, gid } = statSync(pgdata);
    if (uid !== 0) return { uid, gid, name: String(uid) };
  } catch {
    // No cluster yet.
  }
  for (const name of CANDIDATES) {
    const entry = passwd.split('\n').find((line) => line.startsWith(`${name}:`));
    const [, , uid, gid] = entry?.split(':') ?? [];
    if (uid !== undefined && gid !== undefined && /^[1-9]\d*$/.test(uid) && /^\d+$/.test(gid)) {
      return { uid: Number(uid), gid: Number(gid), name };
    }
  }
  throw new EmbeddedPostgresError(
    'NO_UNPRIVILEGED_USER',
    'Postgres refuses to run as root, and this system has neither a user "postgres" nor "nobody" for it. Start Skein as an ordinary user.',
  );
}

/** What `spawn` needs to run as the owner. */
export function asOwner(owner: Owner): { uid?: number; gid?: number } {
  return owner === null ? {} : { uid: owner.uid, gid: owner.gid };
}

/**
 * Whether the owner may execute these files and enter these directories. Another user is really asked
 * (a shell under that id), because only the system knows all reasons to refuse: modes of every directory
 * above, access lists, mount options.
 */
export async function canReach(owner: Owner, paths: readonly string[]): Promise<boolean> {
  if (owner === null) {
    return paths.every((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
  }
  const script = 'for path do test -x "$path" || exit 3; done';
  return new Promise((resolve, reject) => {
    execFile(
      '/bin/sh',
      ['-c', script, 'sh', ...paths],
      { ...asOwner(owner), cwd: '/', env: {} },
      (failure) => {
        if (failure === null) return resolve(true);
        if (failure.code === 3) return resolve(false);
        reject(
          new EmbeddedPostgresError(
            'NO_UNPRIVILEGED_USER',
            `Postgres refuses to run as root, and this process may not start one as "${owner.name}" (${reasonOf(failure)}). Start Skein as an ordinary user.`,
            failure,
          ),
        );
      },
    );
  });
}

function readPasswd(): string {
  try {
    return readFileSync('/etc/passwd', 'utf8');
  } catch {
    return '';
  }
}
