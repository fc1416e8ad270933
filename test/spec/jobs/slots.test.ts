import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createSlots } from '../../../src/jobs/slots.ts';

it('the only workspace gets all slots; one among others half, two of them a third each', () => {
  const alone = createSlots(40, false);
  while (alone.mayTake('one')) alone.take('one');
  expect(alone.free()).toBe(0);

  const slots = createSlots(40, true);
  while (slots.mayTake('noisy')) slots.take('noisy');
  expect(slots.running().get('noisy')).toBe(20);
  while (slots.mayTake('louder')) slots.take('louder');
  expect(slots.running().get('louder')).toBe(10);
  // With the answers that end, the first gives way to what both may have.
  for (let one = 0; one < 7; one += 1) {
    slots.give('noisy');
    while (slots.mayTake('louder')) slots.take('louder');
  }
  expect([...slots.running().values()]).toEqual([13, 14]);
});

it('while answers of a noisy workspace take as long as they like, each newcomer has a slot at once', () => {
  const slots = createSlots(40, true);
  while (slots.mayTake('noisy')) slots.take('noisy');
  for (let one = 0; one < 20; one += 1) {
    expect(slots.mayTake(`quiet ${one}`)).toBe(true);
    slots.take(`quiet ${one}`);
    expect(slots.mayTake('noisy')).toBe(false);
  }
});

it('while others wait, a workspace with nothing at work is begun at once, and one with something waits its turn', () => {
  const slots = createSlots(40, true);
  while (slots.mayTake('noisy')) slots.take('noisy');
  slots.take('quiet');
  slots.fellBehind();
  expect(slots.mayOvertake('newcomer')).toBe(true);
  expect(slots.mayOvertake('quiet')).toBe(false);
  const alone = createSlots(40, false);
  alone.fellBehind();
  expect(alone.mayOvertake('one')).toBe(false);
});

it('whatever comes and ends, nobody without a slot is refused one that is free, and nobody takes more than is left', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 64 }),
      fc.array(
        fc.record({ team: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'), ends: fc.boolean() }),
        { maxLength: 400 },
      ),
      (concurrency, steps) => {
        const slots = createSlots(concurrency, true);
        for (const { team, ends } of steps) {
          const has = slots.running().get(team) ?? 0;
          if (ends && has > 0) slots.give(team);
          else if (!ends) {
            const may = slots.mayTake(team);
            if (has === 0) expect(may).toBe(slots.free() > 0);
            if (may) {
              expect(has).toBeLessThan(slots.free());
              slots.take(team);
            }
          }
          expect(slots.free()).toBeGreaterThanOrEqual(0);
        }
      },
    ),
  );
});
