import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { type Entry, enter, enteredCall, replyTotal } from '../../../src/ledger/store.ts';
import { NO_USAGE } from '../../../src/ledger/usage.ts';
import { openStored } from '../../support/stored.ts';

const DAY = '2026-11-22';
const entry = (more: Partial<Entry> = {}): Entry => ({
  reply: randomUUID(),
  call: 1,
  team: 'T1',
  channel: 'C1',
  person: 'U1',
  model: 'claude-sonnet-4-6',
  usage: {
    ...NO_USAGE,
    inputTokens: 2000,
    cacheWrite5mTokens: 1500,
    cacheReadTokens: 20_000,
    outputTokens: 700,
  },
  estimated: false,
  requestId: 'req_1',
  ...more,
});

it('an entry has its cost to the nano-dollar and names its price table', async () => {
  const { database, rows } = await openStored();
  await enter(database.query, entry(), DAY);
  expect(await rows('select cost_nano, price_version, request_id from skein.usage')).toEqual([
    { cost_nano: '28125000', price_version: '2026-11-22', request_id: 'req_1' },
  ]);
});

it('a call is entered once: a better estimate replaces an estimate, what is exact never changes', async () => {
  const { database, rows } = await openStored();
  const { reply } = entry();
  const told = (outputTokens: number, estimated: boolean) =>
    enter(database.query, entry({ reply, estimated, usage: { ...NO_USAGE, outputTokens } }), DAY);
  await told(1, true);
  await told(50, true);
  expect(await enteredCall(database.query, reply, 1)).toMatchObject({
    estimated: true,
    usage: { outputTokens: 50 },
  });
  await told(60, false);
  await told(99, true);
  await told(70, false);
  expect(await enteredCall(database.query, reply, 1)).toMatchObject({
    estimated: false,
    usage: { outputTokens: 60 },
    requestId: 'req_1',
  });
  expect(await rows('select 1 from skein.usage')).toHaveLength(1);
  expect(await enteredCall(database.query, reply, 2)).toBeNull();
});

it('an estimate that comes late and is smaller, from an owner who is none any more, takes nothing away', async () => {
  const { database } = await openStored();
  const { reply } = entry();
  const told = (outputTokens: number, more: Partial<Entry>) =>
    enter(database.query, entry({ reply, usage: { ...NO_USAGE, outputTokens }, ...more }), DAY);
  await told(80, { estimated: true });
  await told(1, { estimated: true, open: true });
  const kept = { estimated: true, open: false, usage: { outputTokens: 80 } };
  expect(await enteredCall(database.query, reply, 1)).toMatchObject(kept);
  await told(40, { estimated: false });
  expect(await enteredCall(database.query, reply, 1)).toMatchObject({
    estimated: false,
    usage: { outputTokens: 40 },
  });
});

it('the total of a version is the sum of its calls, marked where one is estimated', async () => {
  const { database } = await openStored();
  const { reply } = entry();
  expect(await replyTotal(database.query, reply, [1, 3])).toEqual({
    inputTokens: 0,
    outputTokens: 0,
    webSearches: 0,
    calls: 0,
    estimated: false,
    cost: 0n,
  });
  await enter(database.query, entry({ reply, call: 1 }), DAY);
  await enter(database.query, entry({ reply, call: 3, estimated: true }), DAY);
  await enter(database.query, entry(), DAY);
  // Of another version of the answer.
  await enter(database.query, entry({ reply, call: 2 }), DAY);
  expect(await replyTotal(database.query, reply, [1, 3])).toEqual({
    inputTokens: 47_000,
    outputTokens: 1400,
    webSearches: 0,
    calls: 2,
    estimated: true,
    cost: 56_250_000n,
  });
});

it('one call of an unknown price makes the total unknown rather than too small', async () => {
  const { database } = await openStored();
  const { reply } = entry();
  await enter(database.query, entry({ reply }), DAY);
  await enter(database.query, entry({ reply, call: 2, model: 'some-new-model' }), DAY);
  expect(await replyTotal(database.query, reply, [1, 2])).toMatchObject({ calls: 2, cost: null });
});

it('a sum beyond what a float can hold stays exact', async () => {
  const { database } = await openStored();
  const { reply } = entry();
  const usage = { ...NO_USAGE, outputTokens: 2_000_000_001 };
  for (let call = 1; call <= 500; call++) await enter(database.query, entry({ reply, call, usage }), DAY);
  const { cost } = await replyTotal(
    database.query,
    reply,
    Array.from({ length: 500 }, (_, at) => at + 1),
  );
  expect(cost).toBe(500n * 2_000_000_001n * 15_000n);
  expect(cost).toBeGreaterThan(BigInt(Number.MAX_SAFE_INTEGER));
});
