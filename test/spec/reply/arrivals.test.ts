import { expect, it } from 'vitest';
import { createArrivals } from '../../../src/reply/pace/arrivals.ts';
import { createVirtualClock } from '../../support/virtual-clock.ts';

const never = new AbortController().signal;

/** Pieces every `distanceMs`, `count` of them; then who waits is told when it went on. */
async function stage(distanceMs: number, count: number) {
  const clock = createVirtualClock();
  const arrivals = createArrivals(clock);
  for (let index = 0; index < count; index++) {
    if (index > 0) await clock.advance(distanceMs);
    arrivals.note();
  }
  const wait = (signal: AbortSignal = never) => {
    const from = clock.monotonic();
    return arrivals.next(signal).then(() => clock.monotonic() - from);
  };
  return { clock, arrivals, wait };
}

it('a call that is due between two pieces goes out right after the next one', async () => {
  const { clock, arrivals, wait } = await stage(50, 10);
  await clock.advance(20);
  const waited = wait();
  await clock.advance(30);
  arrivals.note();
  expect(await waited).toBe(30);
});

it('a piece that does not come is not waited for any longer than pieces usually take', async () => {
  const { clock, wait } = await stage(30, 10);
  await clock.advance(10);
  const waited = wait();
  await clock.advance(1000);
  expect(await waited).toBe(50);
});

it('nobody waits longer than an eye would notice, however slowly pieces come', async () => {
  const { clock, wait } = await stage(75, 10);
  const waited = wait();
  await clock.advance(1000);
  expect(await waited).toBe(80);
});

it('nothing is waited for while it is not known how pieces come, when they come seldom, or after a pause', async () => {
  expect(await (await stage(50, 1)).wait()).toBe(0);
  expect(await (await stage(500, 10)).wait()).toBe(0);
  const paused = await stage(30, 10);
  await paused.clock.advance(3000);
  expect(await paused.wait()).toBe(0);
});

it('a pause of the model does not change what is known of its pieces', async () => {
  const { clock, arrivals, wait } = await stage(20, 30);
  await clock.advance(60_000);
  arrivals.note();
  const waited = wait();
  await clock.advance(1000);
  expect(await waited).toBe(40);
});

it('an end of the waiting ends it at once', async () => {
  const { clock, wait } = await stage(50, 10);
  const over = new AbortController();
  const waited = wait(over.signal);
  await clock.advance(5);
  over.abort();
  expect(await waited).toBe(5);
});
