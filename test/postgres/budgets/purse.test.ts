import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { createPurse } from '../../../src/budgets/purse.ts';
import { type Budget, worstCost, worstOf } from '../../../src/budgets/rules.ts';
import { systemClock } from '../../../src/clock.ts';
import { NO_USAGE } from '../../../src/ledger/usage.ts';
import { openStored } from '../../support/stored.ts';
import { createVirtualClock } from '../../support/virtual-clock.ts';

const MODEL = 'claude-sonnet-4-6';
const ONE = worstCost(worstOf(MODEL, '2026-11-23', { inputTokens: 1000, outputTokens: 1000 }));
const budget: Budget = { of: 'workspace', period: 'month', most: ONE };

async function setUp() {
  const { database, log, rows } = await openStored();
  const clock = createVirtualClock();
  const purse = createPurse({ database, clock, log });
  const stop = new AbortController();
  const told: string[] = [];
  const purposeOf = () => ({ reply: randomUUID(), team: 'T1', channel: 'C1', person: 'U1' });
  /** A call whose prompt looks four times as long as it is. */
  const planned = (wanted = 1000) => ({
    model: MODEL,
    answerTokens: wanted,
    most: async (exact: boolean) => {
      told.push(exact ? 'counted' : 'guessed');
      return { inputTokens: exact ? 1000 : 4000, outputTokens: wanted };
    },
  });
  const hold = (purpose = purposeOf(), wanted?: number) =>
    purse.hold(purpose, [budget], planned(wanted), {
      signal: stop.signal,
      onWait: () => told.push('waits'),
    });
  /** Lets time pass, a second at a time, until it is settled. */
  const settled = async <T>(work: Promise<T>): Promise<T> => {
    let over = false;
    const end = () => {
      over = true;
    };
    work.then(end, end);
    while (!over) {
      await systemClock.sleep(5);
      await clock.advance(1000);
    }
    return work;
  };
  return { purse, hold, settled, stop, told, purposeOf, rows, clock };
}

it('a prompt is counted by the provider only if a rough bound of it does not fit, and then once', async () => {
  const { hold, told } = await setUp();
  expect(await hold(undefined, 100)).toMatchObject({ kind: 'held', answerTokens: 100 });
  expect(told).toEqual(['guessed']);
});

it('where somebody asked for more than the model can write, what is granted is within the budget all the same', async () => {
  const { purse, purposeOf } = await setUp();
  const waits = { signal: new AbortController().signal, onWait: () => {} };
  const plan = (outputTokens: number) => ({
    model: MODEL,
    answerTokens: 100_000,
    most: async () => ({ inputTokens: 1000, outputTokens }),
  });
  const held = await purse.hold(purposeOf(), [budget], plan(2000), waits);
  expect(held).toMatchObject({ kind: 'held', answerTokens: 1000 });
  // Nothing is left then, also for a call that could be small.
  const next = purse.hold(purposeOf(), [{ ...budget, most: 1n }], plan(2000), waits);
  expect(await next).toMatchObject({ kind: 'refused' });
});

it('who waits asks again each second, is told of it once, and gives up after two minutes', async () => {
  const { hold, settled, told, rows, clock } = await setUp();
  expect(await hold()).toMatchObject({ kind: 'held', answerTokens: 1000 });
  expect(told).toEqual(['guessed', 'counted']);
  told.length = 0;
  const before = clock.monotonic();
  expect(await settled(hold())).toEqual({ kind: 'refused', budget });
  expect(clock.monotonic() - before).toBeGreaterThan(119_000);
  expect(told).toEqual(['guessed', 'counted', 'waits']);
  // It was held and not spent: nobody is told that it is used up.
  expect(await rows('select level from skein.budget_alerts')).toEqual([]);
  expect(await rows('select 1 from skein.reservations')).toHaveLength(1);
});

it('who waits goes on at once when a call of this process ends, without a second going by', async () => {
  const { purse, hold, told, purposeOf } = await setUp();
  const first = purposeOf();
  await hold(first);
  const second = hold();
  await expect.poll(() => told).toContain('waits');
  const usage = { ...NO_USAGE };
  await purse.enter({ ...first, call: 1, model: MODEL, usage, estimated: false, requestId: null }, null);
  expect(await second).toMatchObject({ kind: 'held' });
});

it('a wait ends when its reply is stopped, and nothing is set aside for it', async () => {
  const { hold, stop, told, rows } = await setUp();
  await hold();
  const second = hold();
  await expect.poll(() => told).toContain('waits');
  stop.abort();
  expect(await second).toEqual({ kind: 'aborted' });
  expect(await rows('select 1 from skein.reservations')).toHaveLength(1);
});
