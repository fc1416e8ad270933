import { randomUUID } from 'node:crypto';
import { closeSync, linkSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../../clock.ts';
import { codeOf, EmbeddedPostgresError } from './failure.ts';
import { hasReader, makePipe, openReader } from './pipes.ts';
import { isAlive, markOf, NAMESPACE, type ProcessMark } from './processes.ts';

/**
 * One process at a time starts, adopts or stops the server of a data directory.
 *
 * The lock is the file `start.lock`: a hard link to a file that was complete before it got this name, so
 * that nobody ever reads half of it. A lock of a dead process is taken away by whoever first makes a link
 * named after its token: that name exists once, so two who judged the same lock dead never both remove
 * it, and a link made too late shows another token and removes nothing. Of a process in another container the
 * number says nothing; whoever has the lock has the named pipe `starting` open, which the kernel tells everywhere.
 */
const LOCK = 'start.lock';
const PIPE = 'starting';

/** Longer than the longest start (`READY_MS` in server.ts plus a slow initdb). */
const WAIT_MS = 90_000;
const POLL_MS = 20;
/** Removing a dead lock takes microseconds; who has not finished after this has died while at it. */
const REMOVAL_MS = 10_000;

interface Holder {
  readonly token: string;
  readonly mark: ProcessMark | null;
  readonly namespace: string | null;
}

/** @param waitMs how long to wait for a living holder before DATA_DIR_LOCKED is thrown. */
export async function withStartLock<T>(
  dir: string,
  clock: Clock,
  work: () => Promise<T>,
  waitMs = WAIT_MS,
): Promise<T> {
  const release = await acquire(dir, clock, waitMs);
  try {
    return await work();
  } finally {
    release();
  }
}

async function acquire(dir: string, clock: Clock, waitMs: number): Promise<() => void> {
  const lock = join(dir, LOCK);
  const token = randomUUID();
  const own = `${lock}.${token}`;
  const me = markOf(process.pid) ?? { pid: process.pid, born: null };
  writeFileSync(own, JSON.stringify({ token, ...me, namespace: NAMESPACE }), { mode: 0o600, flag: 'wx' });
  const path = join(dir, PIPE);
  const pipe = (await makePipe(path)) ? path : null;
  // Open before the lock is ours, and only while it is or may become ours: those who wait are no witnesses.
  let witness: number | null = null;
  const close = () => {
    if (witness !== null) closeSync(witness);
    witness = null;
  };
  try {
    const until = clock.monotonic() + waitMs;
    for (;;) {
      witness = pipe === null ? null : openReader(pipe);
      if (tryLink(own, lock)) break;
      close();
      const holder = readHolder(lock);
      if (holder === null) continue;
      if (isDead(holder, lock, pipe, clock) && removeDead(lock, holder.token, clock)) continue;
      if (clock.monotonic() >= until) {
        const who = holder.mark === null ? 'another process' : `process ${holder.mark.pid}`;
        throw new EmbeddedPostgresError(
          'DATA_DIR_LOCKED',
          `In ${dir}, ${who} has been starting or stopping the database for ${Math.round(waitMs / 1000)} s. Look at that process; if it hangs, end it.`,
        );
      }
      await clock.sleep(POLL_MS);
    }
  } catch (thrown) {
    close();
    throw thrown;
  } finally {
    rmSync(own, { force: true });
  }
  sweep(dir);
  return () => {
    if (readHolder(lock)?.token === token) rmSync(lock, { force: true });
    close();
  };
}

function tryLink(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (thrown) {
    if (codeOf(thrown) === 'EEXIST') return false;
    throw thrown;
  }
}

/** Null if there is no lock. One that cannot be read was cut by a power failure: nobody holds it. */
function readHolder(path: string): Holder | null {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (thrown) {
    if (codeOf(thrown) === 'ENOENT') return null;
    throw thrown;
  }
  const torn: Holder = { token: 'torn', mark: null, namespace: null };
  try {
    const data: unknown = JSON.parse(text);
    if (typeof data !== 'object' || data === null) return torn;
    if (!('token' in data) || typeof data.token !== 'string' || !/^[0-9a-f-]{36}$/.test(data.token))
      return torn;
    if (!('pid' in data) || typeof data.pid !== 'number') return torn;
    const born = 'born' in data && typeof data.born === 'string' ? data.born : null;
    const namespace = 'namespace' in data && typeof data.namespace === 'string' ? data.namespace : null;
    return { token: data.token, mark: { pid: data.pid, born }, namespace };
  } catch {
    return torn;
  }
}

/**
 * Where births are unknown, a lock older than any start can take is dead too: its id was given away again. So is that
 * of another container where there are no pipes.
 */
function isDead(holder: Holder, path: string, pipe: string | null, clock: Clock): boolean {
  const isOld = () => ageOf(path, clock) > 2 * WAIT_MS;
  if (isElsewhere(holder)) return pipe === null ? isOld() : !hasReader(pipe);
  if (holder.mark === null || !isAlive(holder.mark)) return true;
  return holder.mark.born === null && isOld();
}

function isElsewhere({ namespace }: Holder): boolean {
  return namespace !== null && NAMESPACE !== null && namespace !== NAMESPACE;
}

/** False if somebody else is at it. */
function removeDead(lock: string, token: string, clock: Clock): boolean {
  const grave = `${lock}.dead-${token}`;
  try {
    if (!tryLink(lock, grave)) {
      if (ageOf(grave, clock) > REMOVAL_MS) rmSync(grave, { force: true });
      return false;
    }
  } catch (thrown) {
    if (codeOf(thrown) === 'ENOENT') return true;
    throw thrown;
  }
  if (readHolder(grave)?.token === token) rmSync(lock, { force: true });
  rmSync(grave, { force: true });
  return true;
}

/** Milliseconds since the file last got a name: making a link sets its change time. */
function ageOf(path: string, clock: Clock): number {
  try {
    return clock.now() - statSync(path).ctimeMs;
  } catch {
    return 0;
  }
}

/** Files of processes that died between writing theirs and getting the lock. */
function sweep(dir: string): void {
  for (const name of readdirSync(dir)) {
    if (!name.startsWith(`${LOCK}.`) || name.startsWith(`${LOCK}.dead-`)) continue;
    const path = join(dir, name);
    const holder = readHolder(path);
    if (holder?.mark != null && !isElsewhere(holder) && !isAlive(holder.mark)) rmSync(path, { force: true });
  }
}
