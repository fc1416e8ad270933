import { performance } from 'node:perf_hooks';
import type { Clock } from '../clock.ts';

export interface ApproachOptions {
  readonly clock: Pick<Clock, 'after' | 'every'>;
  /** How much of the time since it was asked last this thread was busy, from 0 to 1; default: its event loop's own count. */
  readonly busy?: () => number;
  /** So many are prepared at the same time; default: as many as a process has connections to the database by default. */
  readonly most?: number;
}

/** Takes a place on the way to the model's request; what it resolves to gives the place back, and may be called again. */
export type Approach = (team: string, signal: AbortSignal) => Promise<() => void>;

const MOST = 8;
/** Longer than this nobody keeps others waiting, in milliseconds. Alone, an answer is on its way for 10 to 20. */
const MOST_MS = 250;
/** So often it is looked whether there is time for more while somebody waits, in milliseconds. */
const LOOK_MS = 10;
/** Below this those on the way wait for Slack, for a file or for the database, and others may use the time. */
const BUSY = 0.8;

interface Waiting {
  readonly team: string;
  readonly go: () => void;
}

/**
 * Lets a few answers at a time be prepared for the model while that keeps the process busy: of one workspace in the order in
 * which they came, and first of the workspace that has the fewest on the way. Were a hundred prepared at once, each in
 * pieces between the pieces of all others, the first would be ready when the last is; in order, half of them are ready in
 * half the time and the last is no later. An aborted signal ends the wait.
 */
export function createApproach({ clock, busy = loopsOwn(), most = MOST }: ApproachOptions): Approach {
  const onTheWay = new Map<string, number>();
  let taken = 0;
  const waiting = new Set<Waiting>();
  let stopLooking = () => {};

  const take = (team: string): (() => void) => {
    taken += 1;
    onTheWay.set(team, (onTheWay.get(team) ?? 0) + 1);
    let mine = true;
    const leave = () => {
      if (!mine) return;
      mine = false;
      cancel();
      taken -= 1;
      const left = (onTheWay.get(team) ?? 1) - 1;
      if (left === 0) onTheWay.delete(team);
      else onTheWay.set(team, left);
      if (taken < most) next()?.go();
    };
    const cancel = clock.after(MOST_MS, leave);
    return leave;
  };

  const next = () => {
    const ahead = ({ team }: Waiting) => onTheWay.get(team) ?? 0;
    let best: Waiting | null = null;
    for (const one of waiting) if (best === null || ahead(one) < ahead(best)) best = one;
    return best;
  };

  const look = () => {
    if (busy() >= BUSY) return;
    for (let more = 0; more < most; more++) next()?.go();
  };

  return async (team, signal) => {
    if (taken < most) return take(team);
    if (signal.aborted) return () => {};
    return new Promise((resolve) => {
      const end = (leave: () => void) => {
        waiting.delete(one);
        if (waiting.size === 0) stopLooking();
        signal.removeEventListener('abort', aborted);
        resolve(leave);
      };
      const aborted = () => end(() => {});
      const one = { team, go: () => end(take(team)) };
      if (waiting.size === 0) {
        busy();
        stopLooking = clock.every(LOOK_MS, look);
      }
      waiting.add(one);
      signal.addEventListener('abort', aborted, { once: true });
    });
  };
}

function loopsOwn(): () => number {
  let last = performance.eventLoopUtilization();
  return () => {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, last);
    last = now;
    return utilization;
  };
}
