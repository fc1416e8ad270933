import { beforeEach, expect, it } from 'vitest';
import { createApproach } from '../../../src/reply/approach.ts';
import { createVirtualClock } from '../../support/virtual-clock.ts';

const alive = new AbortController().signal;
let clock: ReturnType<typeof createVirtualClock>;
let order: string[];
/** How busy the process is. */
let busy: number;
let leaves: Map<string, () => void>;

beforeEach(() => {
  clock = createVirtualClock();
  order = [];
  busy = 1;
  leaves = new Map();
});

const approaching = (most: number) => createApproach({ clock, busy: () => busy, most });

/** Answers of two workspaces come, `a1` of `a`; who is on the way is in `order`. */
async function come(approach: ReturnType<typeof createApproach>, names: string[], signal = alive) {
  for (const name of names)
    void approach(name.slice(0, 1), signal).then((leave) => {
      order.push(name);
      leaves.set(name, leave);
    });
  await clock.settle();
}

async function ready(name: string) {
  leaves.get(name)?.();
  await clock.settle();
}

it('a few are prepared at a time, in the order in which they came', async () => {
  await come(approaching(2), ['a1', 'a2', 'a3', 'a4']);
  expect(order).toEqual(['a1', 'a2']);
  await ready('a2');
  expect(order).toEqual(['a1', 'a2', 'a3']);
  // Ready and over are told both; only one place comes free by it.
  await ready('a2');
  expect(order).toEqual(['a1', 'a2', 'a3']);
  await ready('a1');
  expect(order).toEqual(['a1', 'a2', 'a3', 'a4']);
});

it('a workspace with few on the way comes before one with many, however many of those waited first', async () => {
  await come(approaching(2), ['a1', 'a2', 'a3', 'a4', 'b1', 'b2']);
  await ready('a1');
  await ready('a2');
  expect(order).toEqual(['a1', 'a2', 'b1', 'a3']);
});

it('who takes long keeps nobody waiting, and gives back no second place when it is ready', async () => {
  await come(approaching(1), ['a1', 'a2', 'a3']);
  await clock.advance(249);
  expect(order).toEqual(['a1']);
  await clock.advance(1);
  expect(order).toEqual(['a1', 'a2']);
  await ready('a1');
  expect(order).toEqual(['a1', 'a2']);
  await ready('a2');
  expect(order).toEqual(['a1', 'a2', 'a3']);
  await ready('a3');
  expect(clock.timers()).toBe(0);
});

it('who must let go of its work waits no longer, and takes no place', async () => {
  const lost = new AbortController();
  const approach = approaching(1);
  await come(approach, ['a1']);
  await come(approach, ['a2'], lost.signal);
  await come(approach, ['a3']);
  lost.abort();
  await clock.settle();
  expect(order).toEqual(['a1', 'a2']);
  await ready('a2');
  expect(order).toEqual(['a1', 'a2']);
  await ready('a1');
  expect(order).toEqual(['a1', 'a2', 'a3']);
});

it('while those on the way wait for something else than the processor, others use the time', async () => {
  await come(approaching(2), ['a1', 'a2', 'a3', 'a4', 'a5', 'a6']);
  await clock.advance(20);
  expect(order).toEqual(['a1', 'a2']);
  busy = 0.5;
  await clock.advance(10);
  expect(order).toEqual(['a1', 'a2', 'a3', 'a4']);
  busy = 1;
  // Two of four are ready, and two is how many there may be.
  await ready('a1');
  await ready('a3');
  expect(order).toEqual(['a1', 'a2', 'a3', 'a4']);
  await ready('a2');
  expect(order).toEqual(['a1', 'a2', 'a3', 'a4', 'a5']);
});
