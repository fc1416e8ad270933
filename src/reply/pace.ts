/** Below this an edit costs allowance and no eye sees the difference. */
export const SHORTEST_MS = 300;
/** Plans look this far at most: the allowance is counted over a minute. */
const LONGEST_HORIZON_MS = 60_000;
const SHORTEST_HORIZON_MS = 4_000;

export interface Plan {
  /** Replies being written in the workspace now. */
  readonly live: number;
  /** For how long they are likely to go on, in milliseconds. */
  readonly horizonMs: number;
  /** Calls that may be made within the horizon, finals not counted. */
  readonly left: number;
}

/**
 * How far apart the interim edits of one reply should be, so that the allowance lasts as long as the replies
 * do: one reply alone that will take 15 s may spend a minute's worth and move three times a second; many at
 * once slow down together.
 */
export function spacingMs({ live, horizonMs, left }: Plan): number {
  if (left <= 0) return LONGEST_HORIZON_MS;
  return Math.min(LONGEST_HORIZON_MS, Math.max(SHORTEST_MS, (Math.max(1, live) * horizonMs) / left));
}

/**
 * How long a reply will likely go on: the tokens it may still write at the speed seen so far, within the
 * bounds in which planning makes sense.
 */
export function remainingMs(tokensLeft: number, tokensPerSecond: number): number {
  const raw = (Math.max(0, tokensLeft) / Math.max(1, tokensPerSecond)) * 1000;
  return Math.min(LONGEST_HORIZON_MS, Math.max(SHORTEST_HORIZON_MS, raw));
}

/** Calls kept back so that no end of a text has to wait: one for each live reply, at most half of all. */
export function keptForFinals(live: number, limit: number): number {
  return Math.min(live, Math.floor(limit / 2));
}
