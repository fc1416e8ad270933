/** A job that was begun this often is given up: its thread is told and goes on with the next question. */
export const giveUpAfter = 5;

const FIRST_MS = 500;
const LONGEST_MS = 30_000;

/**
 * Waiting time in milliseconds before attempt `failed + 1`: doubling from half a second, at most half a
 * minute, less up to a quarter at random so that many failures at once do not come back at once.
 */
export function retryDelayMs(failed: number, random: number): number {
  const full = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.max(0, Math.min(failed - 1, 16)));
  return Math.round(full * (1 - random / 4));
}
