import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createLengths } from '../../../src/reply/pace/lengths.ts';
import { createPacer } from '../../../src/reply/pace/pacer.ts';
import { plan, type Writing } from '../../../src/reply/pace/plan.ts';
import { createStreamPacer } from '../../../src/reply/pace/stream-pacer.ts';
import { createTogether, type Share } from '../../../src/reply/pace/together.ts';
import { createVirtualClock } from '../../support/virtual-clock.ts';

const lengths = createLengths();
const windowMs = 60_000;

/** So many replies of this age, and so many calls that are left for them. */
function shareOf(count: number, calls: number, sinceMs: number, more: readonly Writing[] = []): Share {
  const writings = [...Array.from({ length: count }, () => ({ sinceMs })), ...more];
  const left = () => calls;
  return {
    writings,
    spare: left,
    distanceMs: () => plan({ writings, lengths, arrivalRate: 0, windowMs, left, ends: 0 })?.distanceMs ?? 0,
  };
}

interface World {
  readonly byEdits: number;
  readonly byAppends: number;
  readonly edits: number;
  readonly appends: number;
  readonly sinceMs?: number;
  readonly room?: boolean;
}

function worldOf({ byEdits, byAppends, edits, appends, sinceMs = 0, room = true }: World) {
  const ofEdits = (more?: Writing) => shareOf(byEdits, edits, sinceMs, more === undefined ? [] : [more]);
  const ofAppends = (more?: Writing) =>
    shareOf(byAppends, appends, sinceMs, more === undefined ? [] : [more]);
  const together = createTogether({
    edits: (_team, more) => ofEdits(more),
    appends: (_team, more) => ofAppends(more),
    lengths,
    windowMs,
    shareOfEdits: 1 / 3,
    turnsLeft: () => (room ? 200 : 0),
  });
  return {
    own: { edits: ofEdits().distanceMs(), appends: ofAppends().distanceMs() },
    paced: { edits: together.edits('T1', ofEdits()), appends: together.appends('T1', ofAppends()) },
    saves: together.savesEdits('T1', sinceMs),
    turns: together.turnsToEdits('T1', sinceMs),
  };
}

const worlds = fc.record({
  byEdits: fc.integer({ min: 1, max: 20 }),
  byAppends: fc.integer({ min: 1, max: 20 }),
  edits: fc.integer({ min: 2, max: 50 }),
  appends: fc.integer({ min: 2, max: 100 }),
  sinceMs: fc.integer({ min: 0, max: 300_000 }),
  room: fc.boolean(),
});

it('the fifth of five leaves the edits to the first, and all five move at one distance between those of edits and of streams', () => {
  expect(worldOf({ byEdits: 1, byAppends: 3, edits: 50, appends: 100 }).saves).toBe(true);
  const five = worldOf({ byEdits: 1, byAppends: 4, edits: 50, appends: 100 });
  expect(five.paced.edits).toBe(five.paced.appends);
  expect(five.paced.edits).toBeGreaterThan(five.own.edits);
  expect(five.paced.appends).toBeLessThan(five.own.appends);
  expect(five.turns).toBe(false);
});

it('edits that were left over carry one of the streams too; then each method goes by its own plan', () => {
  const later = { sinceMs: 20_000, edits: 40, appends: 55 };
  expect(worldOf({ byEdits: 1, byAppends: 4, ...later }).turns).toBe(true);
  const turned = worldOf({ byEdits: 2, byAppends: 3, ...later });
  expect(turned.turns).toBe(false);
  expect(turned.paced).toEqual(turned.own);
});

it('whatever is left of both, edits are not hurried, streams hardly, and none turns that would have to wait longer', () => {
  fc.assert(
    fc.property(worlds, (world) => {
      const { own, paced, turns } = worldOf(world);
      expect(paced.edits).toBeGreaterThanOrEqual(own.edits);
      expect(paced.appends).toBeGreaterThanOrEqual(0.8 * own.appends);
      if (!world.room || 3 * world.byEdits > world.byEdits + world.byAppends) expect(paced).toEqual(own);
      if (turns) {
        const after = worldOf({ ...world, byEdits: world.byEdits + 1, byAppends: world.byAppends - 1 });
        expect(after.own.edits).toBeLessThanOrEqual(paced.appends);
      }
    }),
  );
});

it('a stream that is stopped in the middle of an answer says nothing of how long answers take', async () => {
  const clock = createVirtualClock();
  const learned: number[] = [];
  const noting = { ...lengths, note: (ms: number) => learned.push(ms) };
  const pacer = createPacer({ clock, lengths: noting });
  const seat = createStreamPacer({ clock, lengths: noting, edits: pacer }).join('T1');
  const { signal } = new AbortController();
  expect(await seat.turn('start', signal)).toBe(true);
  await clock.advance(5000);
  expect(await seat.turn('stop', signal)).toBe(true);
  seat.goesOn();
  seat.leave();
  expect(learned).toEqual([]);
});
