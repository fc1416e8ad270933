import { execFile, spawn } from 'node:child_process';
import {
  closeSync,
  copyFileSync,
  existsSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
  truncateSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../../clock.ts';
import type { Binaries } from './binaries.ts';
import { EmbeddedPostgresError, reasonOf } from './failure.ts';
import { readServerFile } from './leftover.ts';
import type { EmbeddedLog } from './log.ts';
import { asOwner } from './owner.ts';
import { hasReader, makePipe, openReader } from './pipes.ts';
import type { Place } from './place.ts';
import { HOST } from './ports.ts';
import { isAlive, markOf, type ProcessMark, signal } from './processes.ts';

/**
 * For one small bot: little memory, enough connections for a few pools, no worker processes that we do not use. What
 * makes a commit durable is left as Postgres has it. The server's log gets no statements and no details:
 * they hold people's words.
 */
const FLAGS: Readonly<Record<string, string>> = {
  listen_addresses: HOST,
  unix_socket_directories: '',
  shared_buffers: '32MB',
  max_connections: '100',
  io_method: 'sync',
  max_logical_replication_workers: '0',
  max_parallel_workers_per_gather: '0',
  max_wal_size: '256MB',
  log_error_verbosity: 'terse',
  log_min_error_statement: 'panic',
};

/**
 * A named pipe that the server and its backends inherit open, so that they are seen to live also by those who see none
 * of their processes: another container with the same folder.
 */
const PIPE = 'serving';
const LOG = 'postgres.log';
const LOG_BYTES = 10 * 1024 * 1024;
/** Includes the recovery of up to `max_wal_size` after a crash, on a slow disk. */
const READY_MS = 60_000;
const POLL_MS = 4;
const FAST_STOP_MS = 20_000;
const HARD_STOP_MS = 5_000;

/**
 * Starts the server in a session of its own: Ctrl-C in a terminal reaches every process of the group, and
 * would end it before the bot has drained. Returns when it takes connections; throws START_FAILED, with
 * the server's own words, if it ends before that.
 */
export async function spawnServer(
  place: Place,
  binaries: Binaries,
  port: number,
  flags: Readonly<Record<string, string>>,
  clock: Clock,
): Promise<ProcessMark> {
  const logPath = join(place.dir, LOG);
  const before = rotate(logPath);
  const logFile = openSync(logPath, 'a', 0o600);
  const pipe = join(place.dir, PIPE);
  const witness = (await makePipe(pipe, binaries.env)) ? openReader(pipe) : null;
  let ended: string | null = null;
  let pid: number | undefined;
  try {
    const settings = Object.entries({ ...FLAGS, ...flags, port: String(port) });
    const server = spawn(
      binaries.postgres,
      ['-D', place.pgdata, ...settings.flatMap(([name, value]) => ['-c', `${name}=${value}`])],
      {
        ...asOwner(place.owner),
        cwd: place.pgdata,
        env: binaries.env,
        detached: true,
        stdio: ['ignore', logFile, logFile, ...(witness === null ? [] : [witness])],
      },
    );
    server.once('error', (error) => {
      ended = reasonOf(error);
    });
    server.once('exit', (code, by) => {
      ended = `it ended with ${code ?? by}`;
    });
    server.unref();
    pid = server.pid;
  } finally {
    closeSync(logFile);
    if (witness !== null) closeSync(witness);
  }

  const until = clock.monotonic() + READY_MS;
  for (;;) {
    const file = readServerFile(place.pgdata);
    if (file !== null && file.pid === pid && file.status === 'ready') {
      const mark = markOf(file.pid);
      if (mark !== null) return mark;
    }
    if (ended !== null || clock.monotonic() > until) {
      const said = readFileSync(logPath, 'utf8').slice(before).trim().slice(-1000);
      throw new EmbeddedPostgresError(
        'START_FAILED',
        `The database did not start in ${place.pgdata} (${ended ?? 'it is not ready'}): ${said || 'no message'}`,
      );
    }
    await clock.sleep(POLL_MS);
  }
}

/** True while a server of this folder or one of its backends lives anywhere on this machine. */
export function isServed(place: Place): boolean {
  const pipe = join(place.dir, PIPE);
  return existsSync(pipe) && hasReader(pipe);
}

/**
 * Fast shutdown: ends sessions, writes everything, exits. If that hangs, an immediate one (the next start
 * recovers from the log).
 */
export async function stopServer(
  place: Place,
  binaries: Binaries,
  server: ProcessMark,
  clock: Clock,
  log: EmbeddedLog,
): Promise<void> {
  if (process.platform === 'win32') {
    // No signals there: Postgres' own tool speaks to the server.
    const args = ['stop', '-D', place.pgdata, '-m', 'fast', '-w'];
    await new Promise<void>((resolve) => {
      execFile(binaries.pgCtl, args, { env: binaries.env }, () => resolve());
    });
  } else {
    signal(server, 'SIGINT');
  }
  if (await gone(server, clock, FAST_STOP_MS)) return;
  log.warn({ pid: server.pid }, 'the database does not stop: stopping it at once');
  signal(server, 'SIGQUIT');
  if (await gone(server, clock, HARD_STOP_MS)) return;
  log.error({ pid: server.pid }, 'the database does not stop');
}

/** @returns false if the process still lives after `ms`. */
async function gone(server: ProcessMark, clock: Clock, ms: number): Promise<boolean> {
  const until = clock.monotonic() + ms;
  while (isAlive(server)) {
    if (clock.monotonic() > until) return false;
    await clock.sleep(POLL_MS);
  }
  return true;
}

/** Keeps the log and one older one. Returns the length of what is there already. */
function rotate(path: string): number {
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  if (size < LOG_BYTES) return size;
  renameSync(path, `${path}.1`);
  return 0;
}

/**
 * The same while the server writes: it has the file open for appending, so that it goes on at the new end. What it writes
 * between the copy and the cut is lost.
 */
export function rotateWhileOpen(place: Place): void {
  const path = join(place.dir, LOG);
  if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) < LOG_BYTES) return;
  copyFileSync(path, `${path}.1`);
  truncateSync(path);
}
