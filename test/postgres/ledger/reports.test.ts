import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { enter, spentSince, usageBy } from '../../../src/ledger/store.ts';
import { NO_USAGE } from '../../../src/ledger/usage.ts';
import type { Queryable } from '../../../src/postgres/database.ts';
import { openStored } from '../../support/stored.ts';

const DAY = new Date('2000-01-01T00:00:00Z');
const NEVER = new Date('2100-01-01T00:00:00Z');
const HERE = { team: 'T1', channel: 'C1', person: 'U1' };

function put(db: Queryable, more: Partial<typeof HERE & { model: string; estimated: boolean }> = {}) {
  return enter(
    db,
    {
      reply: randomUUID(),
      call: 1,
      ...HERE,
      model: 'claude-sonnet-4-6',
      estimated: false,
      requestId: null,
      ...more,
      usage: { ...NO_USAGE, inputTokens: 1000, cacheReadTokens: 500, outputTokens: 100 },
    },
    '2026-11-22',
  );
}

/** 1,000 in at $3, 500 from the cache at $0.30, 100 out at $15 a million. */
const ONE = 1000n * 3000n + 500n * 300n + 100n * 15_000n;

it('what was spent is told of the workspace, the channel and the person, since two moments', async () => {
  const { database } = await openStored();
  await put(database.query);
  await put(database.query, { channel: 'C2' });
  await put(database.query, { person: 'U2' });
  await put(database.query, { team: 'T2' });
  const spent = await spentSince(database.query, HERE, { day: NEVER, month: DAY });
  expect(spent).toEqual({
    workspace: { day: 0n, month: 3n * ONE },
    channel: { day: 0n, month: 2n * ONE },
    person: { day: 0n, month: 2n * ONE },
  });
});

it('a call of a model without a known price counts at the dearest known price', async () => {
  const { database } = await openStored();
  await put(database.query, { model: 'claude-unheard-of' });
  const { person } = await spentSince(database.query, HERE, { day: DAY, month: DAY });
  expect(person.day).toBe(1000n * 10_000n + 500n * 1000n + 100n * 50_000n);
});

it('usage is grouped by whom, where, what and when, the dearest first', async () => {
  const { database } = await openStored();
  await put(database.query);
  await put(database.query, { person: 'U2' });
  await put(database.query, { person: 'U2', model: 'claude-unheard-of', estimated: true });
  const channel = { team: 'T1', scope: 'channel', scopeId: 'C1', since: DAY } as const;
  const byPerson = await usageBy(database.query, channel, 'person');
  expect(byPerson.map(({ who, replies, calls, inputTokens }) => [who, replies, calls, inputTokens])).toEqual([
    ['U1', 1, 1, 1500],
    ['U2', 2, 2, 3000],
  ]);
  expect(byPerson[1]).toMatchObject({ cost: ONE, unpriced: 1, estimated: true });
  const [day] = await usageBy(database.query, { ...channel, scope: 'workspace' }, 'day');
  expect(day).toMatchObject({ calls: 3 });
  expect(day?.who).toMatch(/^\d{4}-\d\d-\d\d$/);
  const ofOne = { ...channel, scope: 'person', scopeId: 'U2' } as const;
  expect(await usageBy(database.query, { ...ofOne, since: NEVER }, 'channel')).toEqual([]);
});
