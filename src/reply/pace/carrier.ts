import type { Streaming } from '../../defaults.ts';

/** What makes a segment grow: edits of an ordinary message, or a native stream that is appended to. */
export type Carrier = 'edit' | 'native';

export interface Budgets {
  /** Until a stream may be started, and one stopped, in milliseconds. */
  readonly startWaitMs: number;
  readonly stopWaitMs: number;
  readonly edits: Crowded;
  readonly appends: Crowded;
  /** True if edits are saved for later: see `together.ts`. */
  readonly savesEdits: boolean;
}

/** How it is among the replies that move by one method. */
export interface Crowded {
  /** Replies that move by it now. */
  readonly count: number;
  /** How far apart the movements of all would be with one reply more, in milliseconds. */
  readonly distanceOfNextMs: number;
}

/** Edits suffice as long as they come at least this often: they have a placeholder and a Stop button. */
const LIVELY_MS = 400;
/** A reader should not wait longer for a stream to be allowed; an edit can begin at once. */
const LONGEST_START_MS = 500;

/**
 * What carries the next segment. `native` means streams wherever they can begin now; `auto` goes by what readers get:
 * edits while they are lively, and always for a reply alone, else the method that makes all of them wait least.
 */
export function choose(streaming: Streaming, budgets: Budgets): Carrier {
  const { startWaitMs, stopWaitMs, edits, appends, savesEdits } = budgets;
  if (streaming === 'edit') return 'edit';
  // A start is a promise to stop: with no stop left the next ones would pile up behind it.
  if (startWaitMs > LONGEST_START_MS || stopWaitMs > LONGEST_START_MS) return 'edit';
  if (streaming === 'native') return 'native';
  const alone = edits.count + appends.count === 0;
  if (alone || edits.distanceOfNextMs <= LIVELY_MS) return 'edit';
  return savesEdits || moreWaiting(appends) < moreWaiting(edits) ? 'native' : 'edit';
}

/**
 * What one reply more adds to the distances of all that move by this method, its own included. n replies that share a
 * budget are n·d apart together, where d grows with n: (n+1)·d(n+1) − n·d(n) = d(n+1)·(2n+1)/(n+1).
 */
function moreWaiting({ count, distanceOfNextMs }: Crowded): number {
  return (distanceOfNextMs * (2 * count + 1)) / (count + 1);
}
