import { readFileSync, readlinkSync, realpathSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { codeOf } from './failure.ts';
import { readIfThere } from './files.ts';
import { markOf, type ProcessMark } from './processes.ts';

/** What a running server says about itself in `postmaster.pid`. */
export interface ServerFile {
  readonly pid: number;
  readonly port: number;
  readonly status: 'starting' | 'ready' | 'stopping';
  /** Id of the shared memory segment by which Postgres knows that old backends still run. */
  readonly segment: string | null;
}

const FILE = 'postmaster.pid';

/** Null if no server runs or the one that starts has not said anything yet. */
export function readServerFile(pgdata: string): ServerFile | null {
  const lines = readIfThere(join(pgdata, FILE))?.split('\n');
  const pid = Number(lines?.[0]);
  if (lines === undefined || !Number.isSafeInteger(pid) || pid <= 0) return null;
  const status = lines[7]?.trim();
  return {
    pid,
    port: Number(lines[3] ?? 0),
    status: status === 'ready' || status === 'stopping' ? status : 'starting',
    segment: lines[6]?.trim().split(/\s+/)[1] ?? null,
  };
}

/** The server named by the file, if that process lives and really is it. */
export function liveServer(pgdata: string, file: ServerFile): ProcessMark | null {
  const mark = markOf(file.pid);
  return mark !== null && worksIn(file.pid, pgdata) ? mark : null;
}

/**
 * Removes the file of a dead server when its id now belongs to another program or to a zombie: Postgres
 * would take either for a living server and refuse to start, in a container for ever. Not as long as an
 * old backend is attached to the shared memory, which is what the file protects.
 */
export function removeLeftover(pgdata: string, file: ServerFile): void {
  if (process.platform !== 'linux' || isAttached(file.segment)) return;
  rmSync(join(pgdata, FILE), { force: true });
}

/** A server's working directory is its cluster. Where that is not shown, its name must do. */
function worksIn(pid: number, pgdata: string): boolean {
  if (process.platform !== 'linux') return true;
  try {
    return readlinkSync(`/proc/${pid}/cwd`) === realpathSync(pgdata);
  } catch (thrown) {
    if (codeOf(thrown) !== 'EACCES') return false;
  }
  return readIfThere(`/proc/${pid}/comm`)?.trim() === 'postgres';
}

/** Columns: key, shmid, perms, size, cpid, lpid, nattch, … Unknown counts as attached. */
function isAttached(segment: string | null): boolean {
  if (segment === null) return false;
  try {
    const rows = readFileSync('/proc/sysvipc/shm', 'utf8').split('\n').slice(1);
    const row = rows.map((line) => line.trim().split(/\s+/)).find((columns) => columns[1] === segment);
    return row !== undefined && row[6] !== '0';
  } catch {
    return true;
  }
}
