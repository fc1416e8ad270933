import { expect, test } from 'vitest';
import { createBeginnings } from '../../../src/reply/beginnings.ts';
import { createVirtualClock } from '../../support/virtual-clock.ts';

/** A crowd of `count` that asks at once: who may begin, in order, and how each ends its turn. */
async function crowd(count: number) {
  const clock = createVirtualClock();
  const take = createBeginnings(clock);
  const begun: number[] = [];
  const ends: (() => void)[] = [];
  for (let n = 0; n < count; n++)
    void take().then((end) => {
      begun.push(n);
      ends[n] = end;
    });
  await clock.advance(0);
  return { clock, take, begun, end: (n: number) => ends[n]?.() };
}

test('of a crowd the first are prepared before the last begin, in the order in which they came', async () => {
  const { clock, begun, end } = await crowd(40);
  const first = begun.length;
  expect(first).toBeGreaterThan(1);
  expect(first).toBeLessThan(20);
  expect(begun).toEqual([...Array(first).keys()]);
  end(3);
  await clock.advance(0);
  expect(begun).toEqual([...Array(first + 1).keys()]);
  for (let n = 0; n < 40; n++) {
    end(n);
    await clock.advance(0);
  }
  expect(begun).toEqual([...Array(40).keys()]);
});

test('whoever ends a turn twice, or after its time, lets in one', async () => {
  const { clock, begun, end } = await crowd(40);
  const first = begun.length;
  end(0);
  end(0);
  await clock.advance(0);
  expect(begun).toHaveLength(first + 1);
  await clock.advance(250);
  expect(begun.length).toBeLessThanOrEqual(2 * first + 1);
  const now = begun.length;
  for (let n = 0; n < first; n++) end(n);
  await clock.advance(0);
  expect(begun).toHaveLength(now);
});

test('those who wait for something outside and say nothing hold up a crowd of a hundred for two seconds at most', async () => {
  const { clock, begun } = await crowd(100);
  await clock.advance(2000);
  expect(begun).toHaveLength(100);
});
