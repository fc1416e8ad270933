import type { Lengths } from './lengths.ts';

/** A reply that is being written, here or in another process. */
export interface Writing {
  /** For how long it has been going on, in milliseconds. */
  readonly sinceMs: number;
}

/** All that a plan is made from. */
export interface Situation {
  /** All replies of the workspace that move by this method. */
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

/** When replies move. Milliseconds. */
export interface Plan {
  /** From one movement of a reply to its next. */
  readonly distanceMs: number;
  /** Until a reply that has not shown a word yet shows its first, in the order of `writings`. */
  readonly firstWordsMs: readonly number[];
}

/** Below this a movement costs allowance and no eye sees the difference. */
export const SHORTEST_MS = 290;
/** What a crowd of short answers does not spend for haste is there when one of them turns out to be long. */
const SHORTEST_IN_CROWD_MS = 600;
/** Up to so many replies are planned for each by itself; of more, those whose ages differ by less than `ALIKE_MS` together. */
const FEW = 10;
const ALIKE_MS = 200;
/** Plans look this far at most: calls are counted over a minute. */
export const LONGEST_MS = 60_000;
/** So many moments of the window are looked at. */
const STEPS = 24;
/** So many replies at once have a call kept back for each end: they may well have begun, and end, together. */
const ENDS_FOR_SURE = 10;
/** Replies that began within this time were asked for together: they may end together too, however long such replies take. */
const TOGETHER_MS = 2000;
/**
 * First words may come before their turn in the plan as far as that makes the rest older by this share. With
 * n movements of a reply to come, its first at a share x of the even distance costs (1 - x)² / (n - 1).
 */
const FIRST_WORDS_MAY_COST = 0.07;

/**
 * The plan: all replies move at one distance, which is the shortest that never runs out of calls. Edits of replies of
 * known lengths make their text youngest, in the mean, when all are equally far apart; and the age of unseen text has
 * its 95th percentile at 1.9 times its mean when the distance never changes, which is the least there is. So the
 * movements that replies are expected to want up to each moment ahead (`wanted`: one for each distance for which a reply
 * goes on, by what is known of lengths) must fit into the calls that are there up to that moment, without those that
 * ends take. What turns out otherwise changes both sides little by little, and with them the distance. Null: no call
 * may be spent now on what can wait, because an end of a text would miss it.
 */
export function plan(situation: Situation): Plan | null {
  const { writings, lengths, windowMs, left } = situation;
  const kinds = kindsOf(situation);
  const groups = groupsOf(kinds);
  const shortest = writings.length === 1 ? SHORTEST_MS : SHORTEST_IN_CROWD_MS;
  let distanceMs = shortest;
  let wanted = 0;
  for (let at = 0; at <= STEPS; at++) {
    const aheadMs = momentOf(at, windowMs);
    const spare = left(aheadMs) - callsOfEnds(situation, aheadMs, groups);
    if (at < STEPS && spare < 1) return null;
    distanceMs = Math.max(distanceMs, wanted / Math.max(1, spare));
    const step = momentOf(at + 1, windowMs) - aheadMs;
    const middle = aheadMs + step / 2;
    for (const group of groups)
      for (const kind of group) wanted += kind.count * step * mayGoOn(kind, middle, lengths);
  }
  const firstWords = new Map<Kind, number>();
  if (distanceMs !== shortest)
    for (const kind of kinds) {
      if (firstWords.has(kind)) continue;
      const moves = restMs(kind, windowMs, lengths) / distanceMs;
      const early = Math.max(0, 1 - Math.sqrt(FIRST_WORDS_MAY_COST * Math.max(0, moves - 1)));
      firstWords.set(kind, early * distanceMs);
    }
  return { distanceMs, firstWordsMs: kinds.map((kind) => firstWords.get(kind) ?? 0) };
}

/** So far ahead is the n-th of the moments that are looked at: close together at first, where a call too many would be missed. */
function momentOf(n: number, windowMs: number): number {
  return windowMs * (n / STEPS) ** 1.5;
}

/** Replies of one age. */
interface Kind {
  readonly sinceMs: number;
  /** Share of all replies that get as old, and as the doubtful have it. */
  readonly reached: number;
  readonly mayReach: number;
  count: number;
}

/**
 * The kind of each reply, in their order. In a crowd those of nearly the same age are of one: a plan is made with every
 * movement, and its cost must not grow with the square of the crowd.
 */
function kindsOf({ writings, lengths }: Situation): Kind[] {
  const step = writings.length > FEW ? ALIKE_MS : null;
  const known = new Map<number, Kind>();
  return writings.map(({ sinceMs: age }) => {
    const sinceMs = step === null ? age : Math.round(age / step) * step;
    const kind = known.get(sinceMs) ?? {
      sinceMs,
      reached: lengths.longerThan(sinceMs),
      mayReach: lengths.mayExceed(sinceMs),
      count: 0,
    };
    known.set(sinceMs, kind);
    kind.count += 1;
    return kind;
  });
}

/** Share of the replies of a kind that go on for longer than `ms` from now on. */
function goesOn({ sinceMs, reached }: Kind, ms: number, lengths: Lengths): number {
  return lengths.longerThan(sinceMs + ms) / reached;
}

/** The same for calls that are spent on it. */
function mayGoOn({ sinceMs, mayReach }: Kind, ms: number, lengths: Lengths): number {
  return lengths.mayExceed(sinceMs + ms) / mayReach;
}

/** For how long a reply goes on within the window, as expected. */
function restMs(kind: Kind, windowMs: number, lengths: Lengths): number {
  const step = windowMs / STEPS;
  let sum = 0;
  for (let at = 0; at < STEPS; at++) sum += step * mayGoOn(kind, (at + 0.5) * step, lengths);
  return sum;
}

/**
 * Calls to be kept back so that no end of a text within `withinMs` has to wait: those expected, and so many more that
 * it rarely takes more. That is three standard deviations if each reply ends by itself, and one as if those that began
 * together end together (with less, a few of a hundred answers of 2 to 15 s at once ended without a call). Never more
 * than one for each reply that is there; those that have not begun come on top.
 */
export function callsOfEnds(
  situation: Situation,
  withinMs: number,
  groups: readonly (readonly Kind[])[] = groupsOf(kindsOf(situation)),
): number {
  const { writings, lengths, arrivalRate, ends } = situation;
  if (ends !== 'all') return ends;
  let expected = 1;
  let variance = 0;
  let jointly = 0;
  for (const group of groups) {
    let deviation = 0;
    for (const kind of group) {
      const chance = 1 - goesOn(kind, withinMs, lengths);
      expected += kind.count * chance;
      deviation += kind.count * Math.sqrt(chance * (1 - chance));
      variance += kind.count * chance * (1 - chance);
    }
    jointly += deviation ** 2;
  }
  const passing = arrivalRate * withinMs * (1 - lengths.longerThan(withinMs / 2));
  const present = Math.min(
    writings.length,
    Math.max(ENDS_FOR_SURE, expected + Math.sqrt(9 * variance + jointly)),
  );
  return Math.floor(present + passing);
}

/** Those that began within `TOGETHER_MS`. */
function groupsOf(replies: readonly Kind[]): readonly (readonly Kind[])[] {
  const groups: Kind[][] = [];
  for (const kind of [...new Set(replies)].sort((a, b) => a.sinceMs - b.sinceMs)) {
    const group = groups.at(-1);
    const first = group?.[0];
    if (group === undefined || first === undefined || kind.sinceMs - first.sinceMs > TOGETHER_MS)
      groups.push([kind]);
    else group.push(kind);
  }
  return groups;
}
