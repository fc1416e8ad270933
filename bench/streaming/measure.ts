import { endOf, type Trace } from './trace.ts';

/** From this moment on the first `tokens` tokens of an answer can be read. */
export interface Shown {
  readonly at: number;
  readonly tokens: number;
}

/** What became of one answer. `posted`: its placeholder was there. Milliseconds of the scenario. */
export interface Outcome {
  readonly trace: Trace;
  readonly posted: number;
  readonly shown: readonly Shown[];
}

/** Figures of one run over all its answers; durations in milliseconds. */
export interface Metrics {
  /** Question → something of it can be seen (the placeholder), p95. */
  readonly placeholderP95: number;
  /** First token received → first words can be read: p50 and p95. */
  readonly firstP50: number;
  readonly firstP95: number;
  /** For every character: received → can be read. */
  readonly meanAge: number;
  readonly p95Age: number;
  /** The longest time in which an answer that was being written did not move. */
  readonly largestGap: number;
  /** The longest time for which some answer's text waited for its next movement ÷ that of its usual movement. */
  readonly unevenness: number;
  /** End of the stream → the last text can be read, p95. */
  readonly lastP95: number;
  /** Characters that never came. */
  readonly lost: number;
}

/** The last word waits for what follows it: so many tokens, and more while they are single characters of one word. */
const HELD = 3;
/** Of fewer movements none is the usual one. */
const LEAST_WAITS = 5;

export function measure(outcomes: readonly Outcome[]): Metrics {
  const ages = new Weighted();
  const firsts: number[] = [];
  const lasts: number[] = [];
  const placeholders: number[] = [];
  let largestGap = 0;
  let unevenness = 0;
  let lost = 0;
  for (const { trace, shown, posted } of outcomes) {
    const start = trace.tokens[0]?.at ?? trace.askedAt;
    placeholders.push(posted - trace.askedAt);
    firsts.push((shown[0]?.at ?? Number.POSITIVE_INFINITY) - start);
    let from = 0;
    let last = Math.min(posted, start);
    const waits: number[] = [];
    for (const { at, tokens } of shown) {
      if (tokens <= from) continue;
      for (const token of trace.tokens.slice(from, tokens)) ages.add(at - token.at, token.chars);
      largestGap = Math.max(largestGap, at - last);
      let held = from + HELD;
      while (trace.tokens[held - 1]?.chars === 1) held += 1;
      const showable = trace.tokens[Math.min(trace.tokens.length - 1, held)]?.at ?? last;
      if (showable <= at) waits.push(at - Math.max(last, showable));
      last = at;
      from = tokens;
    }
    if (waits.length >= LEAST_WAITS)
      unevenness = Math.max(unevenness, Math.max(...waits) / percentile(waits, 0.5));
    for (const token of trace.tokens.slice(from)) lost += token.chars;
    lasts.push(from < trace.tokens.length ? Number.POSITIVE_INFINITY : last - endOf(trace));
  }
  return {
    placeholderP95: percentile(placeholders, 0.95),
    firstP50: percentile(firsts, 0.5),
    firstP95: percentile(firsts, 0.95),
    meanAge: ages.mean(),
    p95Age: ages.percentile(0.95),
    largestGap,
    unevenness,
    lastP95: percentile(lasts, 0.95),
    lost,
  };
}

/** By nearest rank. */
export function percentile(samples: readonly number[], share: number): number {
  const sorted = samples.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

class Weighted {
  readonly #samples: { readonly value: number; readonly weight: number }[] = [];
  #weight = 0;
  #sum = 0;

  add(value: number, weight: number): void {
    this.#samples.push({ value, weight });
    this.#weight += weight;
    this.#sum += value * weight;
  }

  mean(): number {
    return this.#sum / this.#weight;
  }

  percentile(share: number): number {
    let rest = share * this.#weight;
    for (const { value, weight } of this.#samples.toSorted((a, b) => a.value - b.value)) {
      rest -= weight;
      if (rest <= 0) return value;
    }
    return this.#samples.at(-1)?.value ?? Number.NaN;
  }
}
