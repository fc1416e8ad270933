import { backoff } from '../../clock.ts';

const BACKOFF = { first: 1_000, most: 30_000, spread: 1 / 2 };

/**
 * Milliseconds to wait before connecting again after `failures` failed attempts in a row: none after a
 * connection that had worked, else doubling up to 30 s, minus up to half by `chance` in [0, 1] (so that many
 * processes do not come back together), and never less than Slack asked for.
 */
export function waitBefore(failures: number, askedMs: number | null, chance: number): number {
  const own = failures === 0 ? 0 : backoff(BACKOFF, failures, chance);
  return Math.max(own, askedMs ?? 0);
}
