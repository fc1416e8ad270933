import { execFile, spawn } from 'node:child_process';
import { closeSync, constants, lstatSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../../clock.ts';
import type { Binaries } from './binaries.ts';
import { codeOf } from './failure.ts';
import { asOwner } from './owner.ts';
import type { Place } from './place.ts';

/**
 * Who uses the server: every process that does holds the named pipe `users` open for writing. Nobody
 * writes into it; the kernel counts, and counts right whatever kills a process. A guard, a shell of its
 * own session, reads: when the last user is gone it comes to the end of the file and stops the server.
 */
const PIPE = 'users';

/**
 * `$0` is the cluster. The server's id is read at the end, because it may have been restarted since; a
 * file left by a dead server may name another program by now.
 */
const GUARD = `while read -r line; do :; done
read -r pid < "$0/postmaster.pid" || exit 0
case $pid in ''|*[!0-9]*) exit 0;; esac
if read -r name < "/proc/$pid/comm"; then [ "$name" = postgres ] || exit 0; fi
kill -INT "$pid"`;

const GUARD_GONE_MS = 5_000;

/** The part of this process in the counting. Until `leave`, the server is not stopped by the guard. */
export interface Membership {
  /** Starts a guard if there is none (any more). */
  ensureGuard(): void;
  /** Gives up the use. True if nobody else uses the server: the guard is about to stop it. */
  leave(): boolean;
  /** Waits until the guard of a server that was left by all has ended, so that it meets no later one. */
  guardGone(): Promise<void>;
}

/**
 * Null where there are no named pipes (Windows, some mounted folders): then a server that lost its users
 * lives on until the next start adopts it.
 */
export async function joinUsers(place: Place, binaries: Binaries, clock: Clock): Promise<Membership | null> {
  const path = join(place.dir, PIPE);
  if (!(await ensurePipe(path, binaries))) return null;

  // A reader must exist before a writer may open without waiting. If there is a guard already, this one
  // is superfluous and does no harm.
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  let writer: number | null = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
  closeSync(reader);

  return {
    ensureGuard() {
      if (writer !== null && !hasReader(path)) spawnGuard(path, place, binaries);
    },
    leave() {
      if (writer !== null) closeSync(writer);
      writer = null;
      return !hasWriter(path);
    },
    async guardGone() {
      const until = clock.monotonic() + GUARD_GONE_MS;
      while (hasReader(path) && clock.monotonic() < until) await clock.sleep(3);
    },
  };
}

function ensurePipe(path: string, binaries: Binaries): Promise<boolean> {
  if (process.platform === 'win32') return Promise.resolve(false);
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found !== undefined) return Promise.resolve(found.isFIFO());
  return new Promise((resolve) => {
    execFile('mkfifo', ['-m', '600', path], { env: binaries.env }, (failure) => resolve(failure === null));
  });
}

function spawnGuard(path: string, place: Place, binaries: Binaries): void {
  // Opens at once, as this process is a writer.
  const end = openSync(path, constants.O_RDONLY);
  try {
    const guard = spawn('/bin/sh', ['-c', GUARD, place.pgdata], {
      ...asOwner(place.owner),
      cwd: '/',
      env: binaries.env,
      detached: true,
      stdio: [end, 'ignore', 'ignore'],
    });
    guard.on('error', () => {}); // without a guard the next start adopts what was left
    guard.unref();
  } finally {
    closeSync(end);
  }
}

/** Opening for writing without waiting is refused when nobody reads. */
function hasReader(path: string): boolean {
  try {
    closeSync(openSync(path, constants.O_WRONLY | constants.O_NONBLOCK));
    return true;
  } catch (thrown) {
    if (codeOf(thrown) === 'ENXIO') return false;
    throw thrown;
  }
}

/** An empty pipe without writers is at its end; with writers there is nothing to read yet. */
function hasWriter(path: string): boolean {
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    return readSync(reader, Buffer.alloc(1), 0, 1, null) !== 0;
  } catch (thrown) {
    if (codeOf(thrown) === 'EAGAIN') return true;
    throw thrown;
  } finally {
    closeSync(reader);
  }
}
