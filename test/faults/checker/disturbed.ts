import type { Evidence } from './evidence.ts';

/** An acknowledged press is carried out within this time, on a machine that is busy with deaths of others. */
export const CARRIED_OUT_WITHIN_MS = 6_000;
/** A process that is asked to stop, or dies, is there no more after this. */
const LEAVES_WITHIN_MS = 3_000;
/** A connection that is merely cut is made again, and the press tried again. */
const CUT_MS = 500;

/**
 * Whether a press at this moment may have been lost by design: it is acknowledged before it is stored, and whoever
 * had it may have died, stood still or been without a database for long.
 */
export function wasDisturbed({ troubles, lateAround }: Evidence, at: number): boolean {
  if (lateAround(at) > CARRIED_OUT_WITHIN_MS / 3) return true;
  return troubles.some(({ what, from, to }) => {
    if (what === 'database' && to - from < CUT_MS) return false;
    const over = what === 'database' || what === 'frozen' ? to : from + LEAVES_WITHIN_MS;
    return over > at - 1_000 && from < at + CARRIED_OUT_WITHIN_MS;
  });
}
