import { spawn } from 'node:child_process';
import { closeSync, constants, openSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../../clock.ts';
import type { Binaries } from './binaries.ts';
import { asOwner } from './owner.ts';
import { hasReader, hasWriter, makePipe, openReader } from './pipes.ts';
import type { Place } from './place.ts';

/**
 * Who uses the server: every process that does holds the named pipe `users` open for writing. A guard, a shell of its
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
  if (!(await makePipe(path, binaries.env))) return null;

  // A reader must exist before a writer may open without waiting. If there is a guard already, this one
  // is superfluous and does no harm.
  const reader = openReader(path);
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
