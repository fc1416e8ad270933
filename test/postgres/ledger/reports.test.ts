import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { dearest, toolsUsed, usageBy, usageLines } from '../../../src/ledger/reports/store.ts';
import { enter, repairSpent, spentNow } from '../../../src/ledger/store.ts';
import { NO_USAGE } from '../../../src/ledger/usage.ts';
import type { Queryable } from '../../../src/postgres/database.ts';
import { ROOT } from '../../support/source.ts';
import { openStored } from '../../support/stored.ts';

const DAY = new Date('2000-01-01T00:00:00Z');
const NEVER = new Date('2100-01-01T00:00:00Z');
const HERE = { team: 'T1', channel: 'C1', person: 'U1' };

function put(
  db: Queryable,
  {
    webSearches = 0,
    ...more
  }: Partial<typeof HERE & { model: string; estimated: boolean; open: boolean; webSearches: number }> = {},
) {
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
      usage: { ...NO_USAGE, inputTokens: 1000, cacheReadTokens: 500, outputTokens: 100, webSearches },
    },
    '2026-11-22',
  );
}

/** 1,000 in at $3, 500 from the cache at $0.30, 100 out at $15 a million. */
const ONE = 1000n * 3000n + 500n * 300n + 100n * 15_000n;

it('what was spent is told of the workspace, the channel and the person, in a day and a month', async () => {
  const { database, rows } = await openStored();
  await put(database.query);
  await put(database.query, { channel: 'C2' });
  await put(database.query, { person: 'U2' });
  await put(database.query, { team: 'T2' });
  const now = Date.now();
  // Of an earlier day of this month, and of the month before.
  await rows(`update skein.spent set day = '2026-02-01' where scope_id = 'C2'`);
  await rows(
    `insert into skein.spent (team, scope, scope_id, day, cost_nano, tokens) values ('T1', 'person', 'U1', '2026-01-31', 7, 7)`,
  );
  expect(await spentNow(database.query, HERE, now)).toEqual({
    workspace: { day: 3n * ONE, month: 3n * ONE },
    channel: { day: 2n * ONE, month: 2n * ONE },
    person: { day: 2n * ONE, month: 2n * ONE },
  });
  const february = Date.parse('2026-02-28T12:00:00Z');
  const { channel } = await spentNow(database.query, { ...HERE, channel: 'C2' }, february);
  expect(channel).toEqual({ day: 0n, month: ONE });
});

it('a call of a model without a known price counts at the dearest known price, and is shown as unknown', async () => {
  const { database, rows } = await openStored();
  await put(database.query, { model: 'claude-unheard-of' });
  const { person } = await spentNow(database.query, HERE, Date.now());
  expect(person.day).toBe(1000n * 10_000n + 500n * 1000n + 100n * 50_000n);
  expect(await rows('select cost_nano from skein.usage')).toEqual([{ cost_nano: null }]);
});

/** All counters beside what the ledger says: what differs. */
const WRONG = `
  with said as (
    select team, 'workspace' as scope, team as id, (at at time zone 'utc')::date as day, coalesce(cost_nano, assumed_nano) as cost, skein.tokens_of(u) as tokens from skein.usage u where not open
    union all select team, 'channel', channel, (at at time zone 'utc')::date, coalesce(cost_nano, assumed_nano), skein.tokens_of(u) from skein.usage u where not open
    union all select team, 'person', person, (at at time zone 'utc')::date, coalesce(cost_nano, assumed_nano), skein.tokens_of(u) from skein.usage u where not open
    union all select team, scope, scope_id, day, -cost_nano, -tokens from skein.spent)
  select team, scope, id, sum(cost)::text as cost from said group by team, scope, id, day having sum(cost) <> 0 or sum(tokens) <> 0`;

it('the counters are the sums of the ledger, whatever is entered side by side, again and corrected', async () => {
  const { database, rows } = await openStored();
  const replies = Array.from({ length: 6 }, () => randomUUID());
  await Promise.all(
    Array.from({ length: 120 }, (_, at) =>
      enter(
        database.query,
        {
          ...{ reply: replies[at % 6] ?? '', call: (at % 4) + 1, team: `T${at % 2}`, channel: `C${at % 6}` },
          ...{ person: `U${at % 3}`, model: at % 5 === 0 ? 'claude-unheard-of' : 'claude-sonnet-4-6' },
          ...{ estimated: at < 90, open: at < 40, requestId: null },
          usage: { ...NO_USAGE, inputTokens: 100 + at, outputTokens: at },
        },
        '2026-11-22',
      ),
    ),
  );
  expect(await rows('select 1 from skein.usage')).toHaveLength(12);
  expect(await rows(WRONG)).toEqual([]);
});

it('counters that differ from the ledger are repaired, by however many processes, also while entries come', async () => {
  const { database, rows } = await openStored();
  for (let at = 0; at < 20; at++) await put(database.query, { channel: `C${at % 4}`, person: `U${at % 5}` });
  await rows(`delete from skein.spent where scope = 'channel'`);
  await rows(`update skein.spent set cost_nano = cost_nano + 5 where scope_id = 'U3'`);
  const more = Array.from({ length: 40 }, () => put(database.query));
  const repaired = await Promise.all([1, 2, 3].map(() => repairSpent(database, Date.now())));
  await Promise.all(more);
  expect(repaired.reduce((sum, wrong) => sum + wrong, 0)).toBe(5);
  expect(await rows(WRONG)).toEqual([]);
  expect(await repairSpent(database, Date.now())).toBe(0);
});

it('a call that was never told to be over is counted after an hour', async () => {
  const { database, rows } = await openStored();
  await put(database.query, { open: true });
  expect((await spentNow(database.query, HERE, Date.now())).person.month).toBe(0n);
  await repairSpent(database, Date.now());
  expect(await rows('select open from skein.usage')).toEqual([{ open: true }]);
  await rows(`update skein.usage set at = at - interval '61 minutes'`);
  await repairSpent(database, Date.now());
  expect(await rows('select open from skein.usage')).toEqual([{ open: false }]);
  expect(await rows(WRONG)).toEqual([]);
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
  expect(byPerson[1]).toMatchObject({ cachedTokens: 1000, cost: ONE, unpriced: 1, estimated: true });
  const [day] = await usageBy(database.query, { ...channel, scope: 'workspace' }, 'day');
  expect(day).toMatchObject({ calls: 3 });
  expect(day?.who).toMatch(/^\d{4}-\d\d-\d\d$/);
  const ofOne = { ...channel, scope: 'person', scopeId: 'U2' } as const;
  expect(await usageBy(database.query, { ...ofOne, since: NEVER }, 'channel')).toEqual([]);
});

it('searches are told as a tool with what they cost by themselves, and lines by day, person, channel and model', async () => {
  const { database } = await openStored();
  await put(database.query, { webSearches: 3 });
  await put(database.query, { webSearches: 3, person: 'U2', channel: 'C2' });
  await put(database.query, { webSearches: 3, model: 'claude-unheard-of' });
  await put(database.query);
  const of = { team: 'T1', scope: 'workspace', scopeId: 'T1', since: DAY } as const;
  expect(await toolsUsed(database.query, of)).toEqual([
    { tool: 'web_search', replies: 3, uses: 9, cost: 60_000_000n, estimated: false },
  ]);
  expect(await toolsUsed(database.query, { ...of, scope: 'person', scopeId: 'U2' })).toMatchObject([
    { uses: 3 },
  ]);
  expect(await toolsUsed(database.query, { ...of, team: 'T2' })).toEqual([]);
  expect(await dearest(database.query, { team: 'T1', scope: 'person', since: DAY }, 1)).toMatchObject([
    { who: 'U1' },
  ]);
  const lines = await usageLines(database.query, of, 10);
  expect(
    lines.map(({ person, channel, model, calls, webSearches }) => [
      person,
      channel,
      model,
      calls,
      webSearches,
    ]),
  ).toEqual([
    ['U1', 'C1', 'claude-sonnet-4-6', 2, 3],
    ['U2', 'C2', 'claude-sonnet-4-6', 1, 3],
    ['U1', 'C1', 'claude-unheard-of', 1, 3],
  ]);
  const all = lines.reduce((sum, { cost }) => sum + cost, 0n);
  expect(all).toBe((await usageBy(database.query, of, 'day')).reduce((sum, { cost }) => sum + cost, 0n));
  expect(await usageLines(database.query, of, 2)).toHaveLength(2);
});

/** Takes away what the migration of the counters brings. */
const WITHOUT_COUNTERS = `
  drop trigger usage_counted on skein.usage; drop function skein.count_spent(); drop function skein.tokens_of(skein.usage);
  drop table skein.spent; drop table skein.budget_turns; drop index skein.usage_at;
  alter table skein.usage drop column web_searches, drop column assumed_nano, drop column open;
  alter table skein.reservations drop column call; alter table skein.budget_alerts drop column taken_at;
  alter table skein.replies drop column call_from, drop column call_prompt`;

it('a ledger that was there before its counters is counted for the present month, without a price at the dearest', async () => {
  const { database, rows } = await openStored();
  await put(database.query);
  await put(database.query, { channel: 'C2', model: 'claude-unheard-of' });
  await put(database.query, { channel: 'C3' });
  await rows(
    `update skein.usage set at = date_trunc('month', now()) - interval '2 days' where channel = 'C3'`,
  );
  const before = await spentNow(database.query, HERE, Date.now());
  await rows(WITHOUT_COUNTERS);
  const folder = join(ROOT, 'migrations');
  const file = readdirSync(folder).find((name) => name.endsWith('_money.sql')) ?? '';
  await rows(readFileSync(join(folder, file), 'utf8'));
  const { workspace } = await spentNow(database.query, HERE, Date.now());
  expect(workspace.month).toBe(before.workspace.month - ONE);
  await rows("delete from skein.usage where channel = 'C3'");
  expect(await rows(WRONG)).toEqual([]);
});
