/**
 * How long replies take, learned from the last ones. Until there are any, and beyond the
 * longest of them, what is assumed is a long-tailed law (Lomax): half of all replies go on for less than 73 seconds, and
 * the longer one has been going on the longer it will. Its tail is heavier than that of real answers: a plan for short
 * ones spends early, and an answer that turns out long would then stand still.
 */
export interface Lengths {
  /** A reply took so many milliseconds from its beginning to the end of its text. */
  note(lengthMs: number): void;
  /** What is remembered is forgotten for these, oldest first: those of all processes, as the database has them. */
  replace(lengthsMs: readonly number[]): void;
  /** Share of replies that take longer than `ms`. Falls from 1, and never reaches 0. */
  longerThan(ms: number): number;
  /** The same by somebody more doubtful, who would rather have calls left than a reply that stands still. */
  mayExceed(ms: number): number;
}

/** So many replies are remembered. */
export const REMEMBERED = 64;
const ASSUMED_SCALE_MS = 8_000;
const ASSUMED_SHAPE = 0.3;
/**
 * The next reply is taken to be unlike n that were seen with the chance 1 / (n + 1), the rule of succession, and with this
 * chance however many they are.
 */
const DOUBT = 1 / 7;
/**
 * The same where calls are spent: more makes like replies older, less lets a reply stand still that goes on for longer than
 * all before. With two thirds no reply alone waits more than three times as long as usual, whatever was known, and less would
 * not do: the calculation is in `docs/benchmarks-streaming.md`.
 */
const DOUBT_WHEN_SPENDING = 2 / 3;
/**
 * A reply that took T stands for lengths around T: the share of its kind that take longer than t is
 * 1 / (1 + (t / T)^SHARPNESS), a log-logistic law; with 32 half of them are within 3.5 % of T.
 */
const SHARPNESS = 32;
/** Shares are kept for moments so far apart, and reach so far; in between they are interpolated. */
const STEP_MS = 500;
const REACH_MS = 300_000;

export function createLengths(): Lengths {
  const recent: number[] = [];
  /** For each moment the sum over the replies seen: one more costs its own curve only. */
  const sums = new Float64Array(REACH_MS / STEP_MS + 1);
  const count = (length: number, times: 1 | -1) => {
    for (let index = 0; index < sums.length; index++)
      sums[index] = (sums[index] ?? 0) + times * kindOf(length, index * STEP_MS);
  };
  const shareAt = (seen: number, guess: number, least: number) => {
    const doubt = Math.max(least, 1 / (1 + recent.length));
    // What was added and taken away again leaves a rounding error.
    return doubt * guess + ((1 - doubt) * Math.max(0, seen)) / Math.max(1, recent.length);
  };
  const note = (lengthMs: number) => {
    const length = Math.max(1, lengthMs);
    recent.push(length);
    count(length, 1);
    const oldest = recent.length > REMEMBERED ? recent.shift() : undefined;
    if (oldest !== undefined) count(oldest, -1);
  };
  const share = (ms: number, least: number) => {
    const place = Math.max(0, ms) / STEP_MS;
    const index = Math.floor(place);
    const before = sums[index];
    const after = sums[index + 1];
    if (before === undefined || after === undefined)
      return shareAt(
        recent.reduce((sum, length) => sum + kindOf(length, ms), 0),
        assumed(ms),
        least,
      );
    const between = place - index;
    const guess = ASSUMED[index] ?? 0;
    const next = ASSUMED[index + 1] ?? 0;
    return shareAt(before + (after - before) * between, guess + (next - guess) * between, least);
  };
  return {
    note,
    replace(lengthsMs) {
      recent.length = 0;
      sums.fill(0);
      lengthsMs.slice(-REMEMBERED).forEach(note);
    },
    longerThan: (ms) => share(ms, DOUBT),
    mayExceed: (ms) => share(ms, DOUBT_WHEN_SPENDING),
  };
}

function assumed(ms: number): number {
  return (1 + Math.max(0, ms) / ASSUMED_SCALE_MS) ** -ASSUMED_SHAPE;
}

/** `assumed` at each step: plans ask for it thousands of times a second. */
const ASSUMED = Float64Array.from({ length: REACH_MS / STEP_MS + 1 }, (_, index) => assumed(index * STEP_MS));

/** Share of the replies like one that took `length` that take longer than `ms`. */
function kindOf(length: number, ms: number): number {
  return 1 / (1 + (ms / length) ** SHARPNESS);
}
