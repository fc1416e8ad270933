import fc from 'fast-check';
import { expect, it } from 'vitest';
import { MOST_FAILURES, retryDelayMs } from '../../../src/jobs/retry.ts';

it('a job is tried again after half a second, then after twice as long each time', () => {
  const delays = Array.from({ length: MOST_FAILURES - 1 }, (_, failed) => retryDelayMs(failed + 1, 0));
  expect(delays).toEqual([500, 1000, 2000, 4000]);
});

it('no delay is longer than half a minute, shorter than three eighths of a second, or broken', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 2 ** 40 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (n, random) => {
        const delay = retryDelayMs(n, random);
        expect(Number.isInteger(delay)).toBe(true);
        expect(delay).toBeGreaterThanOrEqual(375);
        expect(delay).toBeLessThanOrEqual(30_000);
      },
    ),
  );
});

it('chance spreads many failures at once over a quarter of the delay', () => {
  expect(retryDelayMs(3, 0)).toBe(2000);
  expect(retryDelayMs(3, 0.999)).toBe(1501);
});
