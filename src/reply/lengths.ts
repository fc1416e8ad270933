/**
 * How long replies take, learned from the last ones of this process. Until there are any, and beyond the
 * longest of them, what is assumed is a long-tailed law (Lomax): half of all replies take less than six
 * seconds, one in twenty-five more than a minute, and the longer one has been going on the longer it will.
 */
export interface Lengths {
  /** A reply took so many milliseconds from its beginning to the end of its text. */
  note(lengthMs: number): void;
  /** Share of replies that take longer than `ms`. Falls from 1, and never reaches 0. */
  longerThan(ms: number): number;
}

const REMEMBERED = 64;
const ASSUMED_SCALE_MS = 15_000;
const ASSUMED_SHAPE = 2;
/** The assumption counts as much as this share of one reply that was seen. */
const ASSUMED_WEIGHT = 0.15;
/**
 * A reply that took T stands for lengths around T: the share of its kind that take longer than t is
 * 1 / (1 + (t / T)^SHARPNESS), a log-logistic law; with 16 half of them are within 7 % of T.
 */
const SHARPNESS = 16;
/** Shares are kept for moments so far apart, and reach so far; in between they are interpolated. */
const STEP_MS = 500;
const REACH_MS = 300_000;

export function createLengths(): Lengths {
  const recent: number[] = [];
  let table = tableOf(recent);
  return {
    note(lengthMs) {
      recent.push(Math.max(1, lengthMs));
      if (recent.length > REMEMBERED) recent.shift();
      table = tableOf(recent);
    },
    longerThan(ms) {
      const place = Math.max(0, ms) / STEP_MS;
      const index = Math.floor(place);
      const before = table[index];
      const after = table[index + 1];
      if (before === undefined || after === undefined) return longerThan(recent, ms);
      return before + (after - before) * (place - index);
    },
  };
}

function tableOf(seen: readonly number[]): Float64Array {
  return Float64Array.from({ length: REACH_MS / STEP_MS + 1 }, (_, index) =>
    longerThan(seen, index * STEP_MS),
  );
}

function longerThan(seen: readonly number[], ms: number): number {
  const assumed = (1 + ms / ASSUMED_SCALE_MS) ** -ASSUMED_SHAPE;
  let sum = ASSUMED_WEIGHT * assumed;
  for (const length of seen) sum += 1 / (1 + (ms / length) ** SHARPNESS);
  return sum / (ASSUMED_WEIGHT + seen.length);
}
