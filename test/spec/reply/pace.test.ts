import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createLengths } from '../../../src/reply/pace/lengths.ts';
import {
  endsWithin,
  horizonMs,
  keptForEnds,
  remainingMs,
  SHORTEST_MS,
  shareOut,
  type Writing,
} from '../../../src/reply/pace/pace.ts';

const lengthsOf = (...seen: readonly number[]) => {
  const lengths = createLengths();
  for (const length of seen) lengths.note(length);
  return lengths;
};
const FIFTEEN = lengthsOf(...Array.from({ length: 20 }, () => 15_000));
const begun: Writing = { sinceMs: 0, mostMs: 60_000, unseenMs: 0 };

it('a reply alone that takes fifteen seconds spends the minute and moves three times a second', () => {
  const alone = horizonMs(begun, 1, FIFTEEN);
  expect(alone).toBeGreaterThan(14_500);
  expect(alone).toBeLessThan(16_500);
  const [share] = shareOut([{ unseenMs: 0, horizonMs: alone }], 49);
  expect(share?.distanceMs).toBeLessThan(330);
  expect(share?.firstWordsMs).toBe(0);
});

it('edits are shared out so that everybody moves at the same distance, as near as whole edits allow', () => {
  const replies = [5000, 10_000, 15_000].map((rest) => ({ unseenMs: 0, horizonMs: rest }));
  const distances = shareOut(replies, 27).map(({ distanceMs }) => distanceMs);
  expect(distances).toEqual([1000, 1000, 1000]);
});

it('with less to share out first words wait longer, but never longer than for their turn', () => {
  const reply = { unseenMs: 0, horizonMs: 15_000 };
  const waits = [40, 20, 10, 5, 2, 1, 0].map((calls) => shareOut([reply], calls)[0]?.firstWordsMs ?? -1);
  expect(waits).toEqual(waits.toSorted((a, b) => a - b));
  expect(waits[0]).toBe(0);
  expect(waits.at(-1)).toBe(15_000);
});

it('no other way to share the edits out makes the text younger', () => {
  const age = (length: number, calls: number) => length ** 2 / (2 * (calls + 1));
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 5000, max: 60_000 }), { minLength: 2, maxLength: 4 }),
      fc.nat({ max: 8 }),
      (lengths, calls) => {
        const shares = shareOut(
          lengths.map((length) => ({ unseenMs: 0, horizonMs: length })),
          calls,
        );
        const got = shares.reduce(
          (sum, { distanceMs }, index) =>
            sum + age(lengths[index] ?? 0, Math.round((lengths[index] ?? 0) / distanceMs) - 1),
          0,
        );
        const best = (index: number, left: number): number =>
          index === lengths.length - 1
            ? age(lengths[index] ?? 0, left)
            : Math.min(
                ...Array.from(
                  { length: left + 1 },
                  (_, given) => age(lengths[index] ?? 0, given) + best(index + 1, left - given),
                ),
              );
        expect(got).toBeLessThanOrEqual(best(0, calls) * 1.000001);
      },
    ),
  );
});

it('distances stay within their bounds for whatever numbers come', () => {
  const number = fc.double({ noDefaultInfinity: true, noNaN: true, min: -1e9, max: 1e9 });
  fc.assert(
    fc.property(
      number,
      number,
      fc.nat({ max: 300_000 }),
      fc.integer({ min: -50, max: 100 }),
      fc.integer({ min: 1, max: 500 }),
      (tokensLeft, speed, sinceMs, calls, together) => {
        const mostMs = remainingMs(tokensLeft, speed);
        expect(mostMs).toBeGreaterThanOrEqual(4000);
        expect(mostMs).toBeLessThanOrEqual(60_000);
        const rest = horizonMs({ sinceMs, mostMs, unseenMs: 0 }, together, FIFTEEN);
        expect(rest).toBeGreaterThan(0);
        expect(rest).toBeLessThanOrEqual(mostMs + 500);
        for (const { distanceMs, firstWordsMs } of shareOut([{ unseenMs: 0, horizonMs: rest }], calls)) {
          expect(distanceMs).toBeGreaterThanOrEqual(SHORTEST_MS);
          expect(firstWordsMs).toBeGreaterThanOrEqual(0);
          expect(firstWordsMs).toBeLessThanOrEqual(distanceMs);
        }
      },
    ),
  );
});

it('a reply surely ends within the longest time that its limit of tokens leaves it', () => {
  expect(endsWithin({ ...begun, mostMs: 8000 }, 8000, FIFTEEN)).toBe(1);
  expect(endsWithin(begun, 5000, FIFTEEN)).toBeLessThan(0.05);
  expect(endsWithin(begun, 20_000, FIFTEEN)).toBeGreaterThan(0.95);
});

it('a call is kept back for the end of each reply of a small crowd, and in a large one for those that may end', () => {
  const crowd = (count: number) => Array.from({ length: count }, () => begun);
  expect(keptForEnds([], 0, 60_000, FIFTEEN)).toBe(0);
  expect(keptForEnds(crowd(5), 0, 0, FIFTEEN)).toBe(5);
  expect(keptForEnds(crowd(40), 0, 5000, FIFTEEN)).toBeLessThan(15);
  expect(keptForEnds(crowd(40), 0, 30_000, FIFTEEN)).toBe(40);
  expect(keptForEnds(crowd(40), 7, 30_000, FIFTEEN)).toBe(47);
});
