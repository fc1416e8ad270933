import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createLengths } from '../../../src/reply/pace/lengths.ts';
import {
  callsOfEnds,
  plan,
  SHORTEST_MS,
  type Situation,
  type Writing,
} from '../../../src/reply/pace/plan.ts';

const lengthsOf = (...seen: readonly number[]) => {
  const lengths = createLengths();
  for (const length of seen) lengths.note(length);
  return lengths;
};
const FIFTEEN = lengthsOf(...Array.from({ length: 20 }, () => 15_000));
const begun: Writing = { sinceMs: 0 };
const crowd = (count: number): Writing[] => Array.from({ length: count }, () => begun);
const situation = (given: Partial<Situation>): Situation => ({
  writings: [begun],
  lengths: createLengths(),
  arrivalRate: 0,
  windowMs: 60_000,
  left: () => 50,
  ends: 'all',
  ...given,
});
const distanceOf = (given: Partial<Situation>) => plan(situation(given))?.distanceMs ?? Infinity;

it('a reply alone that should take fifteen seconds moves three times in two seconds, and its first words come at once', () => {
  const alone = plan(situation({ lengths: FIFTEEN }));
  expect(alone?.distanceMs).toBeLessThan(670);
  expect(alone?.firstWordsMs).toEqual([0]);
});

it('nothing known: a reply never runs out of calls, and never stands still, however long it goes on', () => {
  const spentAt: number[] = [0];
  for (let now = 0; now < 300_000; now += 50) {
    const last = spentAt.at(-1) ?? 0;
    const distance = distanceOf({
      writings: [{ sinceMs: now }],
      left: (aheadMs) => 50 - spentAt.filter((at) => at > now + aheadMs - 60_000).length,
    });
    if (now - last >= distance) spentAt.push(now);
  }
  const distances = spentAt.slice(1).map((at, index) => at - (spentAt[index] ?? 0));
  // Fifty a minute are 1.2 s apart.
  expect(Math.max(...distances)).toBeLessThan(3 * 1200);
});

it.each([3, 5, 10, 15, 20, 25, 30, 40, 50, 60, 90])(
  'an answer that goes on after many of %i s never waits much longer than three times as long as usual',
  (seconds) => {
    const lengths = lengthsOf(...Array.from({ length: 20 }, () => 1000 * seconds));
    const spentAt: number[] = [0];
    const gaps: number[] = [];
    for (let now = 250; now < 180_000; ) {
      const last = spentAt.at(-1) ?? 0;
      const distance = distanceOf({
        writings: [{ sinceMs: now }],
        lengths,
        left: (aheadMs) => 50 - spentAt.filter((at) => at > now + aheadMs - 60_000).length,
      });
      if (last + distance > now) {
        now = Math.min(now + 250, last + distance + 0.01);
        continue;
      }
      gaps.push(now - last);
      const usual = gaps.toSorted((a, b) => a - b)[gaps.length >> 1] ?? 0;
      if (gaps.length > 5) expect(Math.max(...gaps)).toBeLessThan(3.15 * usual);
      spentAt.push(now);
      now += 1;
    }
  },
);

it('a crowd moves at one distance, which is what its calls allow', () => {
  const distance = distanceOf({ writings: crowd(10), left: () => 60, ends: 0 });
  expect(distance).toBeGreaterThan((10 * 60_000) / 60 / 2);
  expect(distance).toBeLessThan((10 * 60_000) / 60);
  expect(distanceOf({ writings: crowd(10), left: () => 600, ends: 0 })).toBeLessThan(distance / 8);
});

it('calls that come back only later are not spent before', () => {
  const soon = distanceOf({ left: (aheadMs) => (aheadMs < 10_000 ? 3 : 50) });
  expect(soon).toBeGreaterThan(3000);
  expect(soon).toBeLessThan(6000);
});

it('nothing that can wait is moved when an end might miss the call', () => {
  expect(plan(situation({ writings: crowd(5), left: () => 5 }))).toBeNull();
  expect(plan(situation({ writings: crowd(5), left: () => 6 }))).not.toBeNull();
  expect(plan(situation({ writings: crowd(5), left: () => 1, ends: 0 }))).not.toBeNull();
});

it('distances stay within their bounds, and with more calls they are never longer, for whatever numbers come', () => {
  fc.assert(
    fc.property(
      fc.nat({ max: 300_000 }),
      fc.integer({ min: -50, max: 100 }),
      fc.integer({ min: 1, max: 60 }),
      (sinceMs, calls, together) => {
        const writings = Array.from({ length: together }, () => ({ sinceMs }));
        const planned = plan(situation({ writings, lengths: FIFTEEN, left: () => calls }));
        const more = plan(situation({ writings, lengths: FIFTEEN, left: () => calls + 10 }));
        if (planned === null) return;
        expect(planned.distanceMs).toBeGreaterThanOrEqual(SHORTEST_MS);
        expect(more?.distanceMs).toBeLessThanOrEqual(planned.distanceMs);
        expect(planned.firstWordsMs).toHaveLength(together);
        for (const ms of planned.firstWordsMs) {
          expect(ms).toBeGreaterThanOrEqual(0);
          expect(ms).toBeLessThanOrEqual(planned.distanceMs);
        }
      },
    ),
  );
});

it('a call is kept back for the end of each reply of a small crowd, and in a large one for those that may end', () => {
  const kept = (count: number, withinMs: number, arrivalRate = 0) =>
    callsOfEnds(situation({ writings: crowd(count), lengths: FIFTEEN, arrivalRate }), withinMs);
  expect(kept(0, 60_000)).toBe(0);
  expect(kept(5, 0)).toBe(5);
  expect(kept(40, 0)).toBeLessThan(15);
  expect(kept(40, 30_000)).toBeGreaterThanOrEqual(38);
  expect(kept(40, 30_000, 20 / 20_000)).toBeGreaterThan(kept(40, 30_000) + 5);
});

it('a plan for four times the crowd costs no more, because replies of nearly the same age are alike', () => {
  const cost = (count: number) => {
    let asked = 0;
    const counted = (share: (ms: number) => number) => (ms: number) => {
      asked += 1;
      return share(ms);
    };
    const lengths = {
      ...FIFTEEN,
      longerThan: counted(FIFTEEN.longerThan),
      mayExceed: counted(FIFTEEN.mayExceed),
    };
    // They began within two seconds; not all have a call, so that first words are planned as well.
    const writings = Array.from({ length: count }, (_, at) => ({ sinceMs: 500 + (2000 * at) / count }));
    const planned = plan(situation({ writings, lengths, left: () => count * 1.2 }));
    expect(planned?.firstWordsMs).toHaveLength(count);
    return asked;
  };
  expect(cost(400)).toBeLessThan(1.2 * cost(100));
});
