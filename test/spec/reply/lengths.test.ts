import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createCrowd } from '../../../src/reply/pace/crowd.ts';
import { createLengths } from '../../../src/reply/pace/lengths.ts';

it('what the last replies took is what the next one is expected to take, with a doubt that never goes', () => {
  const lengths = createLengths();
  expect(lengths.longerThan(5000)).toBeGreaterThan(0.4);
  for (let reply = 0; reply < 20; reply++) lengths.note(10_000);
  expect(lengths.longerThan(8000)).toBeGreaterThan(0.9);
  expect(lengths.longerThan(12_500)).toBeLessThan(0.2);
  expect(lengths.longerThan(12_500)).toBeGreaterThan(0.1);
  for (let reply = 0; reply < 64; reply++) lengths.note(2000);
  expect(lengths.longerThan(3000)).toBeLessThan(0.2);
});

it('what is learned from all processes takes the place of what this one saw', () => {
  const lengths = createLengths();
  const fresh = createLengths();
  for (let reply = 0; reply < 70; reply++) lengths.note(90_000);
  const known = Array.from({ length: 80 }, (_, reply) => 1000 + 100 * reply);
  lengths.replace(known);
  known.forEach(fresh.note);
  for (const ms of [0, 900, 5000, 8100, 20_000])
    expect(lengths.longerThan(ms)).toBeCloseTo(fresh.longerThan(ms), 9);
});

it('whatever was seen, the chance of going on starts at one, falls, and never ends', () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat({ max: 200_000 }), { maxLength: 70 }),
      fc.nat({ max: 400_000 }),
      fc.nat({ max: 400_000 }),
      (seen, a, b) => {
        const lengths = createLengths();
        for (const length of seen) lengths.note(length);
        expect(lengths.longerThan(0)).toBeCloseTo(1, 10);
        expect(lengths.longerThan(Math.max(a, b))).toBeLessThanOrEqual(
          lengths.longerThan(Math.min(a, b)) + 1e-9,
        );
        expect(lengths.longerThan(Math.max(a, b))).toBeGreaterThan(0);
      },
    ),
    { numRuns: 50 },
  );
});

it('many questions at once are one occasion, questions one after another are a habit that fades', () => {
  const crowd = createCrowd(createLengths());
  for (let reply = 0; reply < 20; reply++) crowd.begun(reply * 50, true);
  expect(crowd.arrivalRate(1000)).toBe(0);
  for (let reply = 1; reply <= 10; reply++) crowd.begun(reply * 2000, true);
  expect(crowd.arrivalRate(20_000) * 60_000).toBeGreaterThan(25);
  expect(crowd.arrivalRate(70_000) * 60_000).toBeLessThan(15);
  expect(crowd.arrivalRate(200_000)).toBe(0);
});

it('a reply of another process counts until it ends there, or until nobody writes for so long', () => {
  const crowd = createCrowd(createLengths());
  for (const at of [3000, 1000, 2000]) crowd.begun(at, false);
  expect(crowd.elsewhere(4000)).toEqual([1000, 2000, 3000]);
  crowd.endedElsewhere(4000);
  expect(crowd.elsewhere(4000)).toEqual([2000, 3000]);
  expect(crowd.elsewhere(600_000)).toEqual([]);
});
