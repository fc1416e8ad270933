import { expect, it } from 'vitest';
import { measure } from '../../../bench/streaming/measure.ts';
import { oracle } from '../../../bench/streaming/oracle.ts';
import { crowd, rhythms, scenarios } from '../../../bench/streaming/scenarios.ts';
import { endOf, inPieces } from '../../../bench/streaming/trace.ts';
import { CALL_MS, SLACK_UPDATES } from '../../../bench/streaming/virtual-slack.ts';
import { run } from '../../../bench/streaming/world.ts';

const seed = 5000;
const drawn = new Map([...scenarios(seed), ...rhythms(seed)].map((scenario) => [scenario.key, scenario]));
const drawnAs = (key: string) => {
  const scenario = drawn.get(key);
  if (scenario === undefined) throw new Error(`no scenario ${key}`);
  return scenario;
};
/** So many tokens come together where an end is looked at and not a rhythm: it costs a fifth. */
const PIECE = 8;

it.each([
  [1, 1, 2.3],
  [5, 1, 2.35],
  [10, 1, 2.3],
  [20, 1, 2.3],
  [50, 1, 1.1],
  [10, 3, 2.4],
  [20, 3, 2.35],
])(
  // The best knows every token beforehand. Who never lets an answer of 45 s after many of 15 s wait three times as long as
  // usual can't be nearer than 1.95 times the best of one alone (`docs/benchmarks-streaming.md`).
  '%i replies at once on %i process(es), edits alone: text is as young as it can be when an answer may go on',
  async (count, processes, most) => {
    const { traces, history } = drawnAs(`${count}`);
    const { outcomes, refused } = await run({ traces, history, processes, seed, streaming: 'edit' });
    const metrics = measure(outcomes);
    const best = oracle(traces, { ...SLACK_UPDATES, callMs: CALL_MS });
    expect(metrics.meanAge / best.meanAge).toBeLessThanOrEqual(most);
    // A post that carries the first words is no edit, and saves one.
    const limit = SLACK_UPDATES.limit + count;
    const leastAge = oracle(traces, { ...SLACK_UPDATES, limit, callMs: CALL_MS }).meanAge;
    expect(metrics.meanAge).toBeGreaterThan(0.999 * leastAge);
    expect(metrics.lastP95).toBeLessThan(1500);
    expect({ refused, lost: metrics.lost }).toEqual({ refused: 0, lost: 0 });
  },
);

it.each([
  ['5', 1, 0.9],
  ['10', 1, 0.8],
  ['20', 3, 0.8],
  ['50', 3, 0.8],
  ['short', 3, 1.1],
])(
  'a crowd (%s, %i process(es)) that may stream natively too sees its text sooner than edits alone could show it',
  async (key, processes, most) => {
    const { traces, history } = drawnAs(key);
    const { outcomes, refused } = await run({ traces, history, processes, seed, streaming: 'auto' });
    const metrics = measure(outcomes);
    const best = oracle(traces, { ...SLACK_UPDATES, callMs: CALL_MS });
    expect(metrics.meanAge / best.meanAge).toBeLessThanOrEqual(most);
    expect(metrics.lastP95).toBeLessThan(1500);
    expect({ refused, lost: metrics.lost }).toEqual({ refused: 0, lost: 0 });
  },
);

/** Mean age of unseen text in seconds, its p95 as a multiple of that, and how many times as long as usual a text waited at most. */
it.each([
  ['r 1 10 s', 0.6, 1.9, 1.2],
  ['r 1 45 s', 0.7, 1.92, 1.3],
  ['r 1 90 s', 0.8, 1.92, 2.3],
  ['r 2 45 s', 0.6, 2.25, 1.9],
  ['r 5 45 s', 1.1, 2.0, 2],
  ['r 10 45 s', 2.1, 2.0, 1.6],
  ['r 20 45 s', 4.0, 2.05, 2.2],
  ['r 5 90 s', 1.3, 2.1, 2.2],
  ['r 20 90 s', 4.6, 2.1, 2.8],
  ['r 5 from 3 s to 90 s', 1, 2.4, 3],
  ['r 10 from 3 s to 90 s', 1.5, 2.4, 3.5],
  ['r 20 from 3 s to 90 s', 2.5, 2.6, 3.1],
  ['r 1 30 s in bursts', 0.8, 1.9, 3],
  ['r 5 30 s in bursts', 1.4, 2.1, 2.6],
  ['r 5 30 s in tools', 1.3, 2.05, 2.3],
  ['r 10 30 s in thinking', 2.1, 2.0, 1.5],
  ['r 5 of 5 s after 60 s', 1.2, 2.2, 1.5],
  ['r 5 of 60 s after 5 s', 1.3, 2.2, 2],
  ['r 10 of 60 s after 5 s', 2.4, 2.1, 2],
  ['r 1 of 45 s after 15 s', 0.75, 2.15, 2.5],
  ['r 5 of 45 s after 15 s', 1.2, 2.35, 3],
  ['r 10 of 45 s after 15 s', 2.2, 2.25, 3],
])(
  'answers of whatever length grow evenly, whatever was known before (%s)',
  async (key, meanSeconds, ratio, unevenness) => {
    const { traces, history } = drawnAs(key);
    const { outcomes, refused } = await run({ traces, history, processes: 1, seed, streaming: 'auto' });
    const metrics = measure(outcomes);
    expect(metrics.meanAge).toBeLessThanOrEqual(1000 * meanSeconds);
    expect(metrics.p95Age / metrics.meanAge).toBeLessThanOrEqual(ratio);
    expect(metrics.unevenness).toBeLessThanOrEqual(unevenness);
    expect(metrics.lastP95).toBeLessThan(1500);
    expect({ refused, lost: metrics.lost }).toEqual({ refused: 0, lost: 0 });
  },
);

it.each([1, 3])(
  'a hundred short answers at once on %i process(es) are whole when they end, and nobody is without a sign',
  async (processes) => {
    const { traces: whole, history, channels } = drawnAs('r hundred');
    if (channels === undefined) throw new Error('no channels');
    const traces = whole.map((trace) => inPieces(trace, PIECE));
    for (const streaming of ['auto', 'edit'] as const) {
      const { outcomes, refused } = await run({ traces, history, processes, seed, streaming, channels });
      const metrics = measure(outcomes);
      expect(metrics.placeholderP95).toBeLessThan(300);
      expect(metrics.lastP95).toBeLessThan(1500);
      expect({ refused, lost: metrics.lost }).toEqual({ refused: 0, lost: 0 });
    }
  },
);

it.each([
  [100, 2, 6],
  [80, 2, 6],
  [80, 5, 15],
  [150, 5, 15],
  [100, 8, 8],
])(
  'each of %i answers of %i to %i seconds at once has a call for its end, whatever the process knows of earlier ones',
  async (count, least, most) => {
    const length = (random: () => number) => least + (most - least) * random();
    const earlier = Array.from({ length: 20 }, (_, index) => 1000 * (least + ((most - least) * index) / 20));
    for (const [history, seeds] of [
      [[], [1000, 3000, 5000, 6000, 7000]],
      [earlier, [1000]],
    ])
      for (const seed of seeds ?? []) {
        const traces = crowd(count, seed + count, length).map((trace) => inPieces(trace, PIECE));
        const channels = count / 5;
        const { outcomes, refused } = await run({
          traces,
          history: history ?? [],
          processes: 1,
          seed,
          streaming: 'auto',
          channels,
        });
        const late = outcomes.map(
          ({ trace, shown }) => (shown.at(-1)?.at ?? Number.POSITIVE_INFINITY) - endOf(trace),
        );
        expect(Math.max(...late)).toBeLessThan(5000);
        expect({ refused, lost: measure(outcomes).lost }).toEqual({ refused: 0, lost: 0 });
      }
  },
);

it.each([1, 3])(
  'fifty answers at once on %i process(es) of a bot that has just started end in time',
  async (processes) => {
    const { traces: whole, history } = drawnAs('50 cold');
    const traces = whole.map((trace) => inPieces(trace, PIECE));
    const { outcomes, refused } = await run({ traces, history, processes, seed, streaming: 'auto' });
    const metrics = measure(outcomes);
    expect(outcomes).toHaveLength(50);
    expect(metrics.lastP95).toBeLessThan(5000);
    expect({ refused, lost: metrics.lost }).toEqual({ refused: 0, lost: 0 });
  },
);

it('the best possible is what can be counted out by hand', () => {
  const even = [0, 10, 20, 30].map((at) => ({ at, chars: 1 }));
  const rule = { windowMs: 60_000, callMs: 0 };
  const best = (limit: number) => oracle([{ askedAt: 0, tokens: even }], { ...rule, limit }).meanAge * 4;
  expect([1, 2, 3, 4].map(best)).toEqual([60, 20, 10, 0]);
  const two = [even, even.slice(2)].map((tokens) => ({ askedAt: 0, tokens }));
  expect(oracle(two, { ...rule, limit: 3 })).toEqual({ meanAge: 30 / 6, exact: true });
  expect(
    oracle(
      crowd(2, 1, () => 90),
      { ...SLACK_UPDATES, callMs: 0 },
    ).exact,
  ).toBe(false);
});
