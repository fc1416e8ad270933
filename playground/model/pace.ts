import type { Clock } from '../../src/clock.ts';

/** Shares of a delta's own time by which it may come early or late: no model is a metronome. */
const LEAST_SHARE = 0.4;
const MOST_SHARE = 1.6;

/**
 * Waits as long as `tokens` take at the speed of the moment (tokens per second; `Infinity`: no wait). Late
 * timers are made up for, so that the mean speed is kept at any timer resolution.
 */
export function createPacer(clock: Clock, speed: () => number, signal: AbortSignal) {
  let due = clock.monotonic();
  return async (tokens: number): Promise<void> => {
    const share = LEAST_SHARE + (MOST_SHARE - LEAST_SHARE) * clock.random();
    const now = clock.monotonic();
    due = Math.max(due, now - 1000) + ((tokens * 1000) / speed()) * share;
    if (due - now >= 1) await clock.sleep(due - now, signal);
  };
}
