import fc from 'fast-check';
import { expect, it } from 'vitest';
import { figuresOf, inMs, table } from '../../../bench/figures.ts';

it('percentiles are nearest ranks of what was measured, in any order', () => {
  const hundred = Array.from({ length: 100 }, (_, at) => 100 - at);
  expect(figuresOf(hundred)).toEqual({ count: 100, p50: 50, p95: 95, p99: 99, max: 100 });
  expect(figuresOf([7])).toEqual({ count: 1, p50: 7, p95: 7, p99: 7, max: 7 });
  expect(figuresOf([])).toBeNull();
});

it('each percentile is a sample that its share of the samples does not exceed', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { minLength: 1 }), (samples) => {
      const figures = figuresOf(samples);
      if (figures === null) throw new Error('there are samples');
      for (const [share, value] of [
        [0.5, figures.p50],
        [0.95, figures.p95],
        [0.99, figures.p99],
        [1, figures.max],
      ] as const) {
        expect(samples).toContain(value);
        expect(samples.filter((sample) => sample <= value).length).toBeGreaterThanOrEqual(
          share * samples.length,
        );
        expect(samples.filter((sample) => sample < value).length).toBeLessThan(share * samples.length);
      }
    }),
  );
});

it('a table is Markdown with figures to the right', () => {
  expect(
    table(
      ['what', 'ms'],
      [
        ['a', inMs(9.96)],
        ['b', inMs(12.4)],
      ],
    ),
  ).toBe('| what | ms |\n| --- | ---: |\n| a | 10 |\n| b | 12 |');
});
