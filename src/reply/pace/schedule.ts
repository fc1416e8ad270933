import type { Lengths } from './lengths.ts';
import { endsWithin, horizonMs, keptForEnds, type Share, shareOut, type Writing } from './pace.ts';

/** What a plan is made from. */
export interface Outlook {
  /** All replies of the workspace that are being written, ours first. */
  readonly writings: readonly Writing[];
  readonly lengths: Lengths;
  /** Replies that begin, per millisecond. */
  readonly arrivalRate: number;
  /** The time over which Slack counts calls. */
  readonly windowMs: number;
  /** Calls that may still be made within so many milliseconds, counting those that leave the window. */
  readonly left: (aheadMs: number) => number;
  /** Ends that take a call: those of all replies, or only so many, which have no other way. */
  readonly ends: 'all' | number;
}

/** Ends to come are looked for in so many steps of the window. */
const STEPS = 12;

/**
 * When each reply should move next, in the order of `writings`; null if now no call may be spent on what can
 * wait, because it would be missing for an end of a text before it leaves the window again.
 */
export function scheduleOf(outlook: Outlook): readonly Share[] | null {
  const { writings, lengths, arrivalRate, windowMs, left, ends } = outlook;
  /** Ends of replies that have not begun yet. */
  const passing = (withinMs: number) => arrivalRate * withinMs * (1 - lengths.longerThan(withinMs / 2));
  for (let step = 0; step < STEPS; step++) {
    const aheadMs = (step / STEPS) * windowMs;
    const kept = ends === 'all' ? keptForEnds(writings, passing(aheadMs), aheadMs, lengths) : ends;
    if (left(aheadMs) - 1 < Math.floor(kept)) return null;
  }
  // Beyond the window all calls are there anew, so that looking farther would spread too few of them.
  const horizons = writings.map((writing) =>
    Math.min(windowMs, horizonMs(writing, writings.length, lengths)),
  );
  const farthest = Math.max(0, ...horizons);
  // A call that is spent now is not there for an end within the whole window.
  const taken =
    ends === 'all'
      ? writings.reduce((sum, writing) => sum + endsWithin(writing, windowMs, lengths), 0) + passing(farthest)
      : ends;
  const calls = left(farthest) - taken;
  return shareOut(
    writings.map(({ unseenMs }, index) => ({ unseenMs, horizonMs: horizons[index] ?? 0 })),
    Math.round(calls),
  );
}
