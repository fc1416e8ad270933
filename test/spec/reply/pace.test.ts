import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createLengths } from '../../../src/reply/lengths.ts';
import {
  endsWithin,
  horizonMs,
  keptForEnds,
  remainingMs,
  SHORTEST_MS,
  shareOut,
  type Writing,
} from '../../../src/reply/pace.ts';

const writing: fc.Arbitrary<Writing> = fc.record({
  sinceMs: fc.nat({ max: 120_000 }),
  mostMs: fc.nat({ max: 90_000 }),
  unseenMs: fc.nat({ max: 60_000 }),
});
const learned = fc.array(fc.nat({ max: 90_000 }), { maxLength: 80 }).map((seen) => {
  const lengths = createLengths();
  for (const length of seen) lengths.note(length);
  return lengths;
});

it('a reply alone with a minute’s calls for fifteen seconds moves three times a second', () => {
  const { shares } = shareOut([{ unseenMs: 0, horizonMs: 15_000 }], 49);
  expect(shares[0]?.distanceMs).toBeCloseTo(300, 0);
});

it('replies that are alike slow down together, and none moves faster than an eye can follow', () => {
  const alike = Array.from({ length: 10 }, () => ({ unseenMs: 0, horizonMs: 30_000 }));
  const distances = shareOut(alike, 40).shares.map(({ distanceMs }) => distanceMs);
  expect(new Set(distances).size).toBe(1);
  expect(distances[0]).toBe(6000);
  expect(shareOut([{ unseenMs: 0, horizonMs: 4000 }], 1000).shares[0]?.distanceMs).toBeGreaterThanOrEqual(
    SHORTEST_MS,
  );
});

it('whatever is shared out: everybody has a share, first words come no later, and more calls slow nobody down', () => {
  const rests = fc.array(
    fc.record({ unseenMs: fc.nat({ max: 60_000 }), horizonMs: fc.nat({ max: 60_000 }) }),
    { maxLength: 20 },
  );
  fc.assert(
    fc.property(rests, fc.integer({ min: -20, max: 100 }), (all, calls) => {
      const { shares } = shareOut(all, calls);
      const more = shareOut(all, calls + 1).shares;
      expect(shares).toHaveLength(all.length);
      for (const [index, { distanceMs, firstWordsMs }] of shares.entries()) {
        expect(distanceMs).toBeGreaterThanOrEqual(SHORTEST_MS);
        expect(firstWordsMs).toBeGreaterThanOrEqual(0);
        expect(firstWordsMs).toBeLessThanOrEqual(distanceMs);
        expect(more[index]?.distanceMs).toBeLessThanOrEqual(distanceMs);
      }
    }),
  );
});

it('what is expected of replies stays within its bounds, whatever was learned', () => {
  fc.assert(
    fc.property(
      learned,
      fc.array(writing, { maxLength: 30 }),
      fc.nat({ max: 60_000 }),
      (lengths, all, ms) => {
        for (const one of all) {
          const chance = endsWithin(one, ms, lengths);
          expect(chance).toBeGreaterThanOrEqual(0);
          expect(chance).toBeLessThanOrEqual(1);
          const horizon = horizonMs(one, all.length, lengths);
          expect(horizon).toBeGreaterThan(0);
          expect(horizon).toBeLessThanOrEqual(60_000);
        }
        expect(keptForEnds(all, 0, ms, lengths)).toBeLessThanOrEqual(all.length);
        expect(lengths.longerThan(ms)).toBeGreaterThan(0);
        expect(lengths.longerThan(ms)).toBeGreaterThanOrEqual(lengths.longerThan(ms + 1));
      },
    ),
    { numRuns: 50 },
  );
});

it('what a reply can still take is told within the bounds in which planning makes sense', () => {
  expect(remainingMs(600, 60)).toBe(10_000);
  for (const [tokens, speed] of [
    [-5, 60],
    [0, 0],
    [1, 1e9],
  ] as const)
    expect(remainingMs(tokens, speed)).toBe(4000);
  expect(remainingMs(1e9, 0)).toBe(60_000);
});
