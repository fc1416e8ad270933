import { join } from 'node:path';
import type { Clock } from '../../clock.ts';
import type { Binaries } from './binaries.ts';
import { greet } from './connection.ts';
import { EmbeddedPostgresError } from './failure.ts';
import { readIfThere, writeDurably } from './files.ts';
import { liveServer, readServerFile, removeLeftover, type ServerFile } from './leftover.ts';
import type { Place } from './place.ts';
import { choosePort, isPortFree } from './ports.ts';
import type { ProcessMark } from './processes.ts';
import { isServed, spawnServer } from './server.ts';

export interface Server {
  readonly mark: ProcessMark;
  readonly port: number;
  /** It ran already, left by a process that died or shared with one that lives. */
  readonly adopted: boolean;
}

export interface BringUp {
  readonly place: Place;
  readonly binaries: Binaries;
  readonly password: string;
  readonly flags: Readonly<Record<string, string>>;
  readonly clock: Clock;
  /** The port that pools know already: a restart must come back there. Null at the first start. */
  readonly fixedPort: number | null;
}

/** How long a server that lives but does not answer, or what a dead one left behind, may hold us up. */
const PATIENCE_MS = 30_000;
const PAUSE_MS = 20;

/** Adopts the server of the cluster if one runs, else starts one. To be called under the start lock. */
export async function bringUp(task: BringUp): Promise<Server> {
  const { place, password, clock } = task;
  const until = clock.monotonic() + PATIENCE_MS;
  for (;;) {
    const file = readServerFile(place.pgdata);
    const mark = file === null ? null : liveServer(place.pgdata, file);
    const hidden = mark === null && isServed(place);
    if (file === null || mark === null) {
      // It may be ending, with its container or after its postmaster.
      const started = hidden ? null : await tryStart(task, file, clock.monotonic() < until);
      if (started !== null) return started;
    } else if (file.status === 'ready') {
      const answer = await greet(file.port, password, place.pgdata);
      if (answer === 'ready') return { mark, port: file.port, adopted: true };
    }
    if (hidden && clock.monotonic() > until)
      throw new EmbeddedPostgresError(
        'DATA_DIR_LOCKED',
        `A database server that is not among the processes here, as in another container, has ${place.pgdata} open. End it, or give each container a DATA_DIR of its own`,
      );
    if (clock.monotonic() > until) {
      throw new EmbeddedPostgresError(
        'START_FAILED',
        `A database server (process ${mark?.pid ?? 'unknown'}) holds ${place.pgdata} and does not answer. End that process.`,
      );
    }
    await clock.sleep(PAUSE_MS);
  }
}

/** Null: did not start, for a reason that may pass. */
async function tryStart(task: BringUp, file: ServerFile | null, patient: boolean): Promise<Server | null> {
  const { place, binaries, flags, password, clock, fixedPort } = task;
  if (file !== null) removeLeftover(place.pgdata, file);
  const port = fixedPort ?? (await choosePort(lastPort(place)));
  let mark: ProcessMark;
  try {
    mark = await spawnServer(place, binaries, port, flags, clock);
  } catch (thrown) {
    // Somebody took the port in between, or old backends have not gone yet.
    const mayPass = file !== null || !(await isPortFree(port));
    if (patient && mayPass) return null;
    throw thrown;
  }
  rememberPort(place, port);
  const answer = await greet(port, password, place.pgdata);
  return answer === 'ready' ? { mark, port, adopted: false } : null;
}

/**
 * The port stays the same from start to start while it is free, so that processes that share the server
 * find it again whoever of them restarts it.
 */
function lastPort(place: Place): number | null {
  const port = Number(readIfThere(portPath(place)) ?? '');
  return Number.isInteger(port) && port > 1023 && port < 65_536 ? port : null;
}

function rememberPort(place: Place, port: number): void {
  if (lastPort(place) !== port) writeDurably(portPath(place), `${port}\n`);
}

function portPath(place: Place): string {
  return join(place.dir, 'port');
}
