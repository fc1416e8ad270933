/**
 * The best that anybody could do: the smallest mean age of unseen characters, over all schedules of edits
 * that keep Slack's window and show the end of each answer, by somebody who knows every token beforehand.
 *
 * For one answer, let f(k) be the least total age (characters × milliseconds) with k edits. An edit is best
 * made right when a token came, and the last one right after the last token; so f(k) is the cheapest cut of
 * the tokens into k runs, where a run from i to j costs Σ chars·(at_j − at). That cost obeys the quadrangle
 * inequality, hence (1) the best cuts of f(k + 1) interleave those of f(k), which is what lets `leastAge` find
 * them by divide and conquer, and (2) f is convex in k. Several answers that share K edits: minimise Σ f_i(k_i)
 * with Σ k_i ≤ K, k_i ≥ 1. All f_i are convex, so giving each next edit to the answer that gains most is
 * optimal (exchange argument: a schedule that differs can swap one edit without loss).
 *
 * If everything from the first token to the last end fits into one window, Slack's rule is exactly Σ k_i ≤ 50,
 * and the result is the optimum (`exact`), apart from the one-in-flight rule, which can only make it worse.
 * Else it is a lower bound: time is cut into windows of which each allows 50 edits, and at the borders
 * between them everything is shown for nothing; the best bound over several positions of the borders is taken.
 */
import { endOf, type Token, type Trace } from './trace.ts';

export interface Oracle {
  /** Milliseconds, mean over all characters, with the time of the call itself. */
  readonly meanAge: number;
  readonly exact: boolean;
}

export interface OracleOptions {
  readonly limit: number;
  readonly windowMs: number;
  /** From the sending of an edit to its being visible. */
  readonly callMs: number;
}

const POSITIONS = 4;

export function oracle(traces: readonly Trace[], { limit, windowMs, callMs }: OracleOptions): Oracle {
  const chars = traces.flatMap(({ tokens }) => tokens).reduce((sum, token) => sum + token.chars, 0);
  const start = Math.min(...traces.map(({ tokens, askedAt }) => tokens[0]?.at ?? askedAt));
  const end = Math.max(...traces.map(endOf));
  if (end - start < windowMs) {
    const area = share(
      traces.map(({ tokens }) => leastAge(tokens)),
      limit,
    );
    return { meanAge: area / chars + callMs, exact: true };
  }
  let bound = 0;
  for (let position = 0; position < POSITIONS; position++) {
    let area = 0;
    for (let from = start - (position / POSITIONS) * windowMs; from <= end; from += windowMs) {
      const pieces = traces
        .map(({ tokens }) => tokens.filter(({ at }) => at >= from && at < from + windowMs))
        .filter((piece) => piece.length > 0);
      const crossing = traces.filter(
        (trace) => (trace.tokens[0]?.at ?? 0) < from + windowMs && endOf(trace) >= from + windowMs,
      ).length;
      // An answer that goes on beyond the border gets its last edit for nothing.
      area += share(pieces.map(leastAge), limit + crossing);
    }
    bound = Math.max(bound, area);
  }
  return { meanAge: bound / chars + callMs, exact: false };
}

/** f(k) of one answer. */
type LeastAge = (edits: number) => number;

/** The least sum when `edits` edits are shared out; each answer needs one. */
function share(costs: readonly LeastAge[], edits: number): number {
  const given = costs.map(() => 1);
  const gain = costs.map((cost) => cost(1) - cost(2));
  for (let left = edits - costs.length; left > 0; left--) {
    let best = 0;
    for (let index = 1; index < gain.length; index++)
      if ((gain[index] ?? 0) > (gain[best] ?? 0)) best = index;
    const cost = costs[best];
    if (cost === undefined) break;
    const count = (given[best] ?? 1) + 1;
    given[best] = count;
    gain[best] = cost(count) - cost(count + 1);
  }
  return costs.reduce((sum, cost, index) => sum + cost(given[index] ?? 1), 0);
}

function leastAge(tokens: readonly Token[]): LeastAge {
  const count = tokens.length;
  const weight = new Float64Array(count + 1);
  const moment = new Float64Array(count + 1);
  const came = Float64Array.from(tokens, ({ at }) => at - (tokens[0]?.at ?? 0));
  tokens.forEach(({ chars }, index) => {
    weight[index + 1] = (weight[index] ?? 0) + chars;
    moment[index + 1] = (moment[index] ?? 0) + chars * (came[index] ?? 0);
  });
  /** Tokens i … j - 1, shown when the last of them came. */
  const cost = (i: number, j: number): number =>
    j <= i
      ? 0
      : (came[j - 1] ?? 0) * ((weight[j] ?? 0) - (weight[i] ?? 0)) - ((moment[j] ?? 0) - (moment[i] ?? 0));

  /** For the last k that was asked for: the least age of the first j tokens, for every j. */
  let layer = Float64Array.from({ length: count + 1 }, (_, j) => cost(0, j));
  const known = [layer[count] ?? 0];

  const extend = () => {
    const next = new Float64Array(count + 1);
    const fill = (low: number, high: number, from: number, to: number): void => {
      if (low > high) return;
      const middle = (low + high) >> 1;
      let least = Number.POSITIVE_INFINITY;
      let at = from;
      for (let i = from; i <= Math.min(to, middle); i++) {
        const total = (layer[i] ?? 0) + cost(i, middle);
        if (total < least) {
          least = total;
          at = i;
        }
      }
      next[middle] = least;
      fill(low, middle - 1, from, at);
      fill(middle + 1, high, at, to);
    };
    fill(0, count, 0, count);
    layer = next;
    known.push(layer[count] ?? 0);
  };

  return (edits) => {
    while (known.length < edits && known.length < count) extend();
    return known[Math.min(edits, known.length) - 1] ?? 0;
  };
}
