import { randomUUID } from 'node:crypto';
import { sql } from 'drizzle-orm';
import { expect, it } from 'vitest';
import { createPurse, type Held } from '../../../src/budgets/purse.ts';
import { type Budget, worstCost, worstOf } from '../../../src/budgets/rules.ts';
import { ROOM_CHANNEL } from '../../../src/budgets/store.ts';
import { holdPatiently } from '../../../src/budgets/waiting.ts';
import { systemClock } from '../../../src/clock.ts';
import { NO_USAGE } from '../../../src/ledger/usage.ts';
import { openStored } from '../../support/stored.ts';
import { createVirtualClock } from '../../support/virtual-clock.ts';

const MODEL = 'claude-sonnet-4-6';
const ONE = worstCost(worstOf(MODEL, '2026-11-23', { inputTokens: 1000, outputTokens: 1000 }));
const budget: Budget = { scope: 'workspace', period: 'month', most: ONE };

/** Counts a call, as a reply does. */
const counting = sql`insert into counted (calls) select 1 where true`;

async function setUp() {
  const { database, log, rows } = await openStored();
  await rows('create table counted (calls int not null)');
  const clock = createVirtualClock({ startAt: Date.now() });
  const purse = createPurse({ database, clock, log });
  const stop = new AbortController();
  const told: string[] = [];
  const purposeOf = () => ({ reply: randomUUID(), team: 'T1', channel: 'C1', person: 'U1' });
  /** A call whose prompt looks three times as long as it is. */
  const planned = (wanted = 1000) => ({
    model: MODEL,
    answerTokens: wanted,
    mostTokens: async (exact: boolean) => {
      told.push(exact ? 'counted' : 'guessed');
      return { inputTokens: exact ? 1000 : 3000, outputTokens: wanted };
    },
  });
  const hold = (purpose = purposeOf(), wanted?: number, budgets = [budget]) =>
    purse.hold(purpose, budgets, planned(wanted), counting);
  const wait = (ask: () => Promise<Held>) =>
    holdPatiently({ purse, clock }, 'T1', ask, { signal: stop.signal, onWait: () => told.push('waits') });
  const over = (purpose: ReturnType<typeof purposeOf>) => {
    const entry = { ...purpose, call: 1, model: MODEL, usage: NO_USAGE, estimated: false, requestId: null };
    return purse.enter(entry, 0n);
  };
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
  return { database, log, purse, planned, hold, wait, over, settled, stop, told, purposeOf, rows, clock };
}

it('a prompt is counted by the provider only if a rough bound of it does not fit', async () => {
  const { hold, told } = await setUp();
  expect(await hold(undefined, 100)).toMatchObject({ kind: 'granted', call: 1, answerTokens: 100 });
  expect(told).toEqual(['guessed']);
  told.length = 0;
  expect(await hold(undefined, 700)).toMatchObject({ kind: 'wait', budget });
  expect(told).toEqual(['guessed', 'counted']);
});

it('where somebody asked for more than the model can write, what is granted is within the budget all the same', async () => {
  const { purse, purposeOf } = await setUp();
  const plan = (outputTokens: number) => ({
    model: MODEL,
    answerTokens: 100_000,
    mostTokens: async () => ({ inputTokens: 1000, outputTokens }),
  });
  const held = await purse.hold(purposeOf(), [budget], plan(2000), counting);
  expect(held).toMatchObject({ kind: 'granted', answerTokens: 1000 });
  // Nothing is left then, also for a call that could be small.
  const next = purse.hold(purposeOf(), [{ ...budget, most: 1n }], plan(2000), counting);
  expect(await next).toMatchObject({ kind: 'refused' });
});

it('what others hold is answered at once, with the budget and when to look again', async () => {
  const { hold } = await setUp();
  await hold();
  expect(await hold()).toMatchObject({ kind: 'wait', budget, lookAgainMs: 5000 });
});

it('who waits looks again now and then, is told of it once, and gives up after two minutes without calling it used up', async () => {
  const { hold, wait, settled, told, rows, clock } = await setUp();
  expect(await hold()).toMatchObject({ kind: 'granted', answerTokens: 1000 });
  told.length = 0;
  const before = clock.monotonic();
  expect(await settled(wait(() => hold()))).toEqual({ kind: 'held_by_others', budget });
  expect(clock.monotonic() - before).toBeGreaterThan(119_000);
  expect(told.filter((what) => what === 'waits')).toHaveLength(1);
  // It was held and not spent: nobody is told that it is used up.
  expect(await rows('select level from skein.budget_alerts')).toEqual([]);
  expect(await rows('select 1 from skein.reservations')).toHaveLength(1);
});

it('who waits goes on at once when a call of this process ends, without a second going by', async () => {
  const { hold, wait, over, told, purposeOf } = await setUp();
  const first = purposeOf();
  await hold(first);
  const second = wait(() => hold());
  await expect.poll(() => told).toContain('waits');
  await over(first);
  expect(await second).toMatchObject({ kind: 'granted' });
});

it('who waits goes on at once when another process tells of room, or its connection had a gap', async () => {
  for (const payload of ['T1', '']) {
    const { database, clock, log, hold, wait, purse, told, purposeOf } = await setUp();
    const first = purposeOf();
    await hold(first);
    const second = wait(() => hold());
    await expect.poll(() => told).toContain('waits');
    const other = createPurse({ database, clock, log });
    const listening = await database.pool.connect();
    const heard = new Promise<string | undefined>((resolve) =>
      listening.on('notification', ({ channel, payload }) => channel === ROOM_CHANNEL && resolve(payload)),
    );
    await listening.query(`listen ${ROOM_CHANNEL}`);
    const entry = { ...first, call: 1, model: MODEL, usage: NO_USAGE, estimated: false, requestId: null };
    await other.enter(entry, 0n);
    expect(await heard).toBe('T1');
    listening.release(true);
    purse.listen[ROOM_CHANNEL]?.('T2');
    purse.listen[ROOM_CHANNEL]?.(payload);
    expect(await second).toMatchObject({ kind: 'granted' });
  }
});

it('room that is told of between a look and the wait for it is not missed', async () => {
  const { hold, wait, over, purposeOf } = await setUp();
  const first = purposeOf();
  await hold(first);
  let looks = 0;
  const held = wait(async () => {
    const seen = await hold();
    looks += 1;
    if (looks === 1) await over(first);
    return seen;
  });
  expect(await held).toMatchObject({ kind: 'granted' });
  expect(looks).toBe(2);
});

it('a budget that is raised or lifted while somebody waits is seen at the next look', async () => {
  const { hold, wait, told, settled } = await setUp();
  await hold();
  const budgets = [budget];
  const second = wait(() => hold(undefined, undefined, budgets));
  await expect.poll(() => told).toContain('waits');
  budgets[0] = { ...budget, most: 5n * ONE };
  expect(await settled(second)).toMatchObject({ kind: 'granted' });
});

it('a wait ends when its reply is stopped, and nothing is set aside for it', async () => {
  const { hold, wait, stop, told, rows } = await setUp();
  await hold();
  const second = wait(() => hold());
  await expect.poll(() => told).toContain('waits');
  stop.abort();
  expect(await second).toEqual({ kind: 'aborted' });
  expect(await rows('select 1 from skein.reservations')).toHaveLength(1);
});

it('of fifty calls that ask or end at once in one workspace one waits in the database, and the others without a connection', async () => {
  const { purse, planned, over, purposeOf, rows } = await setUp();
  const purposes = Array.from({ length: 50 }, purposeOf);
  const wide = { ...budget, most: 1000n * ONE };
  const work = (async () => {
    await Promise.all(purposes.map((purpose) => purse.hold(purpose, [wide], planned(), counting)));
    await Promise.all(purposes.map(over));
  })();
  let done = false;
  const most: number[] = [];
  const watch = (async () => {
    while (!done)
      most.push(
        (
          await rows(
            "select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
          )
        ).length,
      );
  })();
  await work;
  done = true;
  await watch;
  expect(Math.max(...most)).toBeLessThanOrEqual(1);
  expect(await rows('select 1 from skein.reservations')).toEqual([]);
  expect(await rows('select 1 from skein.usage where not open')).toHaveLength(50);
});
