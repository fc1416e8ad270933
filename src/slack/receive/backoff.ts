/** The wait before the second attempt in a row; doubled for each further one. */
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 30_000;

/**
 * Milliseconds to wait before connecting again after `failures` failed attempts in a row: none after a
 * connection that had worked, else doubling up to 30 s, minus up to half by `chance` in [0, 1] (so that many
 * processes do not come back together), and never less than Slack asked for.
 */
export function waitBefore(failures: number, askedMs: number | null, chance: number): number {
  const own = failures === 0 ? 0 : Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(failures - 1, 10));
  return Math.max(own * (1 - chance / 2), askedMs ?? 0);
}
