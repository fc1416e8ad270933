import type { Lengths } from './lengths.ts';

/** Below this an edit costs allowance and no eye sees the difference. */
export const SHORTEST_MS = 290;
/** Plans look this far at most: the allowance is counted over a minute. */
const LONGEST_HORIZON_MS = 60_000;
const SHORTEST_HORIZON_MS = 4_000;
/** The expected rest of a reply is a sum over steps of this length. */
const STEP_MS = 500;

/**
 * First words may come before their turn in the plan as far as that makes the rest older by this share. With
 * n movements of a reply to come, its first at a share x of the even distance costs (1 - x)² / (n - 1).
 */
const FIRST_WORDS_MAY_COST = 0.07;

/** A reply that is being written, here or in another process. */
export interface Writing {
  /** For how long it has been going on, in milliseconds. */
  readonly sinceMs: number;
  /** The longest it can still go on; `LONGEST_HORIZON_MS` or more means any time. */
  readonly mostMs: number;
  /** For how long what was received has been waiting to be shown: 0 if there is nothing. */
  readonly unseenMs: number;
}

/** When a reply should move next, counted from when its unseen text began to come; `firstWordsMs` if it is its first. */
export interface Share {
  readonly distanceMs: number;
  readonly firstWordsMs: number;
}

/** Share of the replies like this one that end within `withinMs`. */
export function endsWithin({ sinceMs, mostMs }: Writing, withinMs: number, lengths: Lengths): number {
  if (mostMs < LONGEST_HORIZON_MS && withinMs >= mostMs) return 1;
  return 1 - lengths.longerThan(sinceMs + withinMs) / lengths.longerThan(sinceMs);
}

/**
 * One reply whose length is not known is planned for at S^RISK (S: the chance that it is still going on). ½
 * would be best for lengths of any spread (see `horizonMs`), 1 for lengths that are well known; measured with
 * `bench/streaming/simulate.ts`, lone replies of like lengths gain 5 % from ½ to ¾, mixed crowds lose as much.
 */
const RISK = 0.75;

/**
 * For how long to plan for a reply, in milliseconds: ∫w over the time to come, with S the chance that it is
 * still going on. Of many replies the number alive can be relied on, and w = S. One reply alone can't be
 * averaged: edits at a rate λ make its text ∫S/2λ old, which a given number of edits ∫λ makes least with
 * λ ∝ √S. N replies count as one as soon as N·S < 1.
 */
export function horizonMs(writing: Writing, together: number, lengths: Lengths): number {
  const now = lengths.longerThan(writing.sinceMs);
  const most = Math.min(LONGEST_HORIZON_MS, Math.max(STEP_MS, writing.mostMs));
  let sum = 0;
  for (let at = STEP_MS / 2; at < most; at += STEP_MS) {
    const alive = lengths.longerThan(writing.sinceMs + at) / now;
    sum += (alive * together >= 1 ? alive : (alive * together) ** RISK / together) * STEP_MS;
  }
  return sum;
}

/** So many replies at once have a call kept back for each end: they may well have begun, and end, together. */
const ENDS_FOR_SURE = 10;

/**
 * Calls to be kept back so that no end of a text within `withinMs` has to wait: those expected, and so many
 * more that it rarely takes more. Never more than one for each reply; `arrivals` come on top.
 */
export function keptForEnds(
  writings: readonly Writing[],
  arrivals: number,
  withinMs: number,
  lengths: Lengths,
): number {
  let expected = 1;
  let variance = 0;
  for (const writing of writings) {
    const chance = endsWithin(writing, withinMs, lengths);
    expected += chance;
    variance += chance * (1 - chance);
  }
  const ends = Math.min(writings.length, Math.max(ENDS_FOR_SURE, expected + 3 * Math.sqrt(variance)));
  return ends + arrivals;
}

/**
 * Shares `calls` interim edits out among replies: each next one goes to the reply whose text it makes younger
 * most, which is the best there is when their lengths are known, because the gain falls with each edit. With
 * k edits to come, a reply whose text begins now and goes on for L moves every L / (k + 1); its end is the
 * last movement.
 */
export function shareOut(
  writings: readonly { readonly unseenMs: number; readonly horizonMs: number }[],
  calls: number,
): readonly Share[] {
  const lengths = writings.map(({ unseenMs, horizonMs: rest }) => unseenMs + rest);
  const moves = lengths.map(() => 1);
  const gains = lengths.map((length) => gain(length, 1));
  let spare = false;
  for (let left = Math.floor(calls); left > 0; left--) {
    let best = 0;
    for (let index = 1; index < gains.length; index++)
      if ((gains[index] ?? 0) > (gains[best] ?? 0)) best = index;
    if ((gains[best] ?? 0) <= 0) {
      // Everybody moves as often as an eye can see: nobody pays for first words that come at once.
      spare = true;
      break;
    }
    const count = (moves[best] ?? 1) + 1;
    moves[best] = count;
    gains[best] = gain(lengths[best] ?? 0, count);
  }
  return lengths.map((length, index) => {
    const count = moves[index] ?? 1;
    const early = spare
      ? 0
      : count === 1
        ? 1
        : Math.max(0, 1 - Math.sqrt(FIRST_WORDS_MAY_COST * (count - 1)));
    return { distanceMs: Math.max(SHORTEST_MS, length / count), firstWordsMs: early * (length / count) };
  });
}

/** What one movement more than `count` takes off the age; nothing if the movements came too close. */
function gain(length: number, count: number): number {
  return length / count <= SHORTEST_MS ? 0 : length ** 2 / (count * (count + 1));
}

/**
 * How long a reply can go on at most: the tokens it may still write at the speed seen so far, within the
 * bounds in which planning makes sense.
 */
export function remainingMs(tokensLeft: number, tokensPerSecond: number): number {
  const raw = (Math.max(0, tokensLeft) / Math.max(1, tokensPerSecond)) * 1000;
  return Math.min(LONGEST_HORIZON_MS, Math.max(SHORTEST_HORIZON_MS, raw));
}
