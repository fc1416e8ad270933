import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createSlots } from '../../../src/jobs/slots.ts';

it('one workspace alone gets all slots but those that are kept, and a newcomer has one at once', () => {
  const slots = createSlots(40);
  while (slots.mayTake('noisy')) slots.take('noisy');
  expect(slots.running().get('noisy')).toBe(35);
  expect(slots.mayTake('quiet')).toBe(true);
});

it('while others come, a noisy workspace goes back to what they leave, so that the next of them waits for nobody', () => {
  const slots = createSlots(40);
  while (slots.mayTake('noisy')) slots.take('noisy');
  // Each newcomer takes one that was kept, and the next one that the noisy workspace gives back takes its place.
  for (let one = 0; one < 20; one += 1) {
    expect(slots.mayTake(`quiet ${one}`)).toBe(true);
    slots.take(`quiet ${one}`);
    expect(slots.mayTake('noisy')).toBe(false);
    slots.give('noisy');
  }
  expect(slots.running().get('noisy')).toBe(15);
  expect(slots.free()).toBe(5);
});

it('with fewer than eight slots none is kept, because that would be a large part', () => {
  const slots = createSlots(7);
  while (slots.mayTake('one')) slots.take('one');
  expect(slots.free()).toBe(0);
});

it('whatever comes and ends, whoever has as many as are kept takes none of them, and all else is in use', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 64 }),
      fc.array(
        fc.record({ team: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'), ends: fc.boolean() }),
        {
          maxLength: 400,
        },
      ),
      (concurrency, steps) => {
        const slots = createSlots(concurrency);
        for (const { team, ends } of steps) {
          const has = slots.running().get(team) ?? 0;
          if (ends && has > 0) slots.give(team);
          else if (!ends) {
            const may = slots.mayTake(team);
            // Work is never held back while more are free than are kept.
            if (slots.free() > slots.kept) expect(may).toBe(true);
            if (has >= slots.kept && slots.free() <= slots.kept) expect(may).toBe(false);
            if (may) slots.take(team);
          }
          expect(slots.free()).toBeGreaterThanOrEqual(0);
        }
      },
    ),
  );
});
