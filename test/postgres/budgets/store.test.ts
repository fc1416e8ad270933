import { randomUUID } from 'node:crypto';
import { sql } from 'drizzle-orm';
import { expect, it } from 'vitest';
import { createAlerts } from '../../../src/budgets/alerts.ts';
import { type Budget, grant, worstCost, worstOf } from '../../../src/budgets/rules.ts';
import {
  type Account,
  enterStarted,
  noteLevels,
  purgeReservations,
  reserve,
  settle,
  takeAlert,
} from '../../../src/budgets/store.ts';
import type { Entry } from '../../../src/ledger/store.ts';
import { NO_USAGE } from '../../../src/ledger/usage.ts';
import type { Database } from '../../../src/postgres/database.ts';
import { openStored } from '../../support/stored.ts';

const NOW = Date.parse('2026-11-23T12:00:00Z');
const TODAY = '2026-11-23';
const WORST = worstOf('claude-sonnet-4-6', TODAY, { inputTokens: 1000, outputTokens: 1000 });
const ONE = worstCost(WORST);
const month = (most: bigint, scope: Budget['scope'] = 'workspace'): Budget => ({
  scope,
  period: 'month',
  most,
});

function purposeOf(more: { reply?: string; team?: string; channel?: string; person?: string } = {}) {
  return { reply: randomUUID(), team: 'T1', channel: 'C1', person: 'U1', ...more };
}

/** Counts a call, as a reply does; `held` false: the reply is somebody else's by now. */
const counting = (call = 1, held = true) =>
  sql`insert into counted (calls) select ${call}::int where ${held}::boolean`;

async function openBooks() {
  const stored = await openStored();
  await stored.rows('create table counted (calls int not null)');
  return stored;
}

async function ask(
  database: Database,
  purpose: ReturnType<typeof purposeOf>,
  budgets: readonly Budget[],
  begin = counting(),
  now = NOW,
) {
  const decide = ({ spent, held }: Account) => grant(budgets, spent, held, WORST, 1000);
  const [answer] = await reserve(database, purpose.team, [{ purpose, decide, begin }], now);
  if (answer === undefined) throw new Error('a wish has no answer');
  return answer;
}

/** Enters a call that is over. */
const over = (database: Database, entry: Entry) => settle(database, entry.team, [{ entry, day: TODAY }], NOW);

/** One call that was made: 100 tokens in and 100 out, at $3 and $15 a million. */
function entryOf(purpose: ReturnType<typeof purposeOf>) {
  const usage = { ...NO_USAGE, inputTokens: 100, outputTokens: 100 };
  return { ...purpose, call: 1, model: 'claude-sonnet-4-6', usage, estimated: false, requestId: null };
}
const SPENT = 100n * 3000n + 100n * 15_000n;

it('of twenty calls at the same moment as many begin as the budget has room for, and the others wait', async () => {
  const { database, rows } = await openBooks();
  const budget = month(7n * ONE + ONE / 2n);
  const grants = await Promise.all(Array.from({ length: 20 }, () => ask(database, purposeOf(), [budget])));
  expect(grants.filter(({ kind }) => kind === 'granted')).toHaveLength(7);
  expect(grants.filter(({ kind }) => kind === 'wait')).toHaveLength(13);
  const [held] = await rows<{ sum: string }>('select sum(cost_nano)::text as sum from skein.reservations');
  expect(BigInt(held?.sum ?? 0)).toBe(7n * ONE);
});

it('calls that end while others ask for room are counted once or twice, and never not at all', async () => {
  const { database, rows } = await openBooks();
  const budget = month(10n * ONE);
  // As dear as it can be: nothing that was granted stays unspent.
  const usage = { ...NO_USAGE, cacheWrite1hTokens: 1000, outputTokens: 1000 };
  const answer = async (): Promise<void> => {
    const purpose = purposeOf();
    const granted = await ask(database, purpose, [budget]);
    if (granted.kind === 'wait') return answer();
    if (granted.kind === 'granted') await over(database, { ...entryOf(purpose), usage });
  };
  await Promise.all(Array.from({ length: 60 }, answer));
  const [spent] = await rows<{ sum: string }>('select sum(cost_nano)::text as sum from skein.usage');
  expect(BigInt(spent?.sum ?? 0)).toBe(10n * ONE);
});

it('room that is held is free again when its call is over, but for what the call has cost', async () => {
  const { database } = await openBooks();
  const budget = month(ONE + SPENT);
  const first = purposeOf();
  expect(await ask(database, first, [budget])).toMatchObject({ kind: 'granted', cost: ONE });
  expect(await ask(database, purposeOf(), [budget])).toMatchObject({ kind: 'wait', budget });
  await over(database, entryOf(first));
  const second = purposeOf();
  expect(await ask(database, second, [budget])).toMatchObject({ kind: 'granted' });
  await over(database, entryOf(second));
  expect(await ask(database, purposeOf(), [budget])).toMatchObject({ kind: 'used_up', budget });
});

it('a call that has begun holds what may still come besides its entry', async () => {
  const { database } = await openBooks();
  const first = purposeOf();
  await ask(database, first, [month(10n * ONE)]);
  await enterStarted(database.query, { ...entryOf(first), estimated: true, open: true }, TODAY, SPENT + 5n);
  expect(await ask(database, purposeOf(), [month(ONE + SPENT + 5n)])).toMatchObject({ kind: 'granted' });
  expect(await ask(database, purposeOf(), [month(2n * ONE + SPENT + 4n)])).toMatchObject({ kind: 'wait' });
});

it('the same reply holds once, however often it asks', async () => {
  const { database } = await openBooks();
  const purpose = purposeOf();
  for (let again = 0; again < 3; again++)
    expect(await ask(database, purpose, [month(ONE)])).toMatchObject({ kind: 'granted' });
});

it('what an owner that lost its reply settles or begins late changes nothing of what the new owner holds', async () => {
  const { database, rows } = await openBooks();
  const purpose = purposeOf();
  const budget = month(2n * ONE);
  const held = () => rows('select call, cost_nano::text as cost from skein.reservations');
  await ask(database, purpose, [budget], counting(1));
  // Somebody else has the reply now, and is in a call of its own.
  expect(await ask(database, purpose, [budget], counting(2))).toMatchObject({
    kind: 'granted',
    call: 2,
  });
  const standing = [{ call: 2, cost: ONE.toString() }];
  expect(await held()).toEqual(standing);
  await enterStarted(database.query, { ...entryOf(purpose), estimated: true, open: true }, TODAY, 5n);
  await over(database, entryOf(purpose));
  expect(await held()).toEqual(standing);
  // Refused, because another reply took what was left; and refused by the lease.
  expect(await ask(database, purposeOf(), [month(2n * ONE + SPENT)])).toMatchObject({ kind: 'granted' });
  expect(await ask(database, purpose, [month(ONE + SPENT)], counting(3))).toMatchObject({
    kind: 'wait',
  });
  expect(await ask(database, purpose, [month(9n * ONE)], counting(3, false))).toEqual({ kind: 'lost' });
  expect(await rows('select call from skein.reservations where reply = $1', [purpose.reply])).toEqual([
    { call: 2 },
  ]);
  // So that what is held can't be spent twice.
  expect(await ask(database, purposeOf(), [month(3n * ONE)])).toMatchObject({ kind: 'wait' });
});

it('a budget that the deployment gave a workspace counts what the workspace spent', async () => {
  const { database } = await openBooks();
  await over(database, entryOf(purposeOf({ channel: 'C2', person: 'U2' })));
  const budget = month(ONE + SPENT - 1n, 'deployment');
  expect(await ask(database, purposeOf(), [budget])).toEqual({ kind: 'used_up', budget });
});

it('two processes whose clocks are on either side of midnight do not both find the room that is there for one', async () => {
  const { database } = await openBooks();
  const midnight = Date.parse('2026-12-01T00:00:00Z');
  const kinds = Array.from({ length: 10 }, (_, at) =>
    ask(database, purposeOf(), [month(ONE)], counting(), midnight + (at % 2 === 0 ? -1 : 0)),
  );
  expect((await Promise.all(kinds)).filter(({ kind }) => kind === 'granted')).toHaveLength(1);
});

it('of calls that are asked for together each sees the ones before it, and one that lost its reply is in nobody’s way', async () => {
  const { database, rows } = await openBooks();
  const budget = month(2n * ONE);
  const decide = ({ spent, held }: Account) => grant([budget], spent, held, WORST, 1000);
  const wishes = [true, false, true, true].map((held) => ({
    purpose: purposeOf(),
    decide,
    begin: counting(1, held),
  }));
  const answers = await reserve(database, 'T1', wishes, NOW);
  expect(answers.map(({ kind }) => kind)).toEqual(['granted', 'lost', 'granted', 'wait']);
  expect(await rows('select 1 from skein.reservations')).toHaveLength(2);
  expect(await rows('select 1 from counted')).toHaveLength(2);
});

it('calls that end together are each entered and released, also beside others that end around midnight', async () => {
  const { database, rows } = await openBooks();
  const purposes = Array.from({ length: 30 }, () => purposeOf());
  for (const purpose of purposes) await ask(database, purpose, [month(100n * ONE)]);
  // As if each had begun on one of two days.
  for (const purpose of purposes)
    await enterStarted(database.query, { ...entryOf(purpose), estimated: true, open: true }, TODAY, 1n);
  await rows("update skein.usage set at = at - interval '1 day' where id % 2 = 0");
  // Some begin with an entry of today, and some with one of the day before; each has a connection that stands.
  const groups = [purposes.slice(0, 11), purposes.slice(11, 20), purposes.slice(20)];
  await Promise.all(groups.map(() => rows('select pg_sleep(0.1)')));
  await Promise.all(
    groups.map((group) =>
      settle(
        database,
        'T1',
        group.map((purpose) => ({ entry: entryOf(purpose), day: TODAY })),
        Date.now(),
      ),
    ),
  );
  expect(await rows('select 1 from skein.reservations')).toEqual([]);
  expect(await rows("select sum(cost_nano)::text as sum from skein.spent where scope = 'workspace'")).toEqual(
    [{ sum: (30n * SPENT).toString() }],
  );
});

it('each scope holds for itself: another channel, person or workspace is not in the way', async () => {
  const { database } = await openBooks();
  const budgets = [month(ONE, 'person'), month(2n * ONE, 'channel'), month(4n * ONE)];
  const kindFor = async (more: Parameters<typeof purposeOf>[0]) =>
    (await ask(database, purposeOf(more), budgets)).kind;
  expect(await kindFor({})).toBe('granted');
  expect(await kindFor({})).toBe('wait');
  expect(await kindFor({ person: 'U2' })).toBe('granted');
  expect(await kindFor({ person: 'U3' })).toBe('wait');
  expect(await kindFor({ person: 'U3', channel: 'C2' })).toBe('granted');
  expect(await kindFor({ person: 'U4', channel: 'C3' })).toBe('granted');
  expect(await kindFor({ person: 'U5', channel: 'C4' })).toBe('wait');
  expect(await kindFor({ team: 'T2' })).toBe('granted');
});

it('what a dead process held counts for nothing after an hour, and is purged', async () => {
  const { database, rows } = await openBooks();
  await ask(database, purposeOf(), [month(ONE)]);
  await rows("update skein.reservations set at = now() - interval '61 minutes'");
  const next = purposeOf();
  expect(await ask(database, next, [month(ONE)])).toMatchObject({ kind: 'granted' });
  await purgeReservations(database.query);
  expect(await rows('select reply from skein.reservations')).toEqual([{ reply: next.reply }]);
  await over(database, entryOf(next));
  expect(await rows('select reply from skein.reservations')).toEqual([]);
});

it('an exact entry and the end of what was held come together, or not at all', async () => {
  const { database, rows } = await openBooks();
  const purpose = purposeOf();
  await ask(database, purpose, [month(ONE)]);
  const broken = { ...entryOf(purpose), usage: { ...NO_USAGE, outputTokens: -1 } };
  await expect(over(database, broken)).rejects.toThrow();
  expect(await rows('select 1 from skein.reservations')).toHaveLength(1);
  expect(await rows('select 1 from skein.usage')).toHaveLength(0);
});

/** What Slack says of people; whoever is not named is no admin. */
function adminsAre(known: Readonly<Record<string, true | 'unreachable'>>) {
  return async (_team: string, user: string) => known[user] ?? false;
}

const WANT_ALERTS = `insert into skein.settings (team, scope, scope_id, key, value, set_by)
  select 'T1', 'person', person, 'budget_alerts', value, person
  from (values ('UADMIN', 'on'), ('UONCE', 'on'), ('UQUIET', 'off')) as w (person, value)`;

it('an admin who wants to hear of budgets does, one who is none any more does not, and nobody of a person’s own', async () => {
  const { database, log, rows } = await openBooks();
  await rows(WANT_ALERTS);
  const isAdmin = adminsAre({ UADMIN: true, UQUIET: true });
  const { told, alert } = setUpAlerts(database, log, { operators: [], isAdmin });
  const budget = month(0n);
  await noteLevels(database.query, purposeOf(), [budget], NOW, budget);
  await alert();
  expect(told.map((line) => line.split(':')[0])).toEqual(['UADMIN']);
  const own: Budget = { scope: 'person', period: 'day', most: 10n };
  await noteLevels(database.query, purposeOf(), [own], NOW, own);
  await alert();
  expect(told).toHaveLength(2);
  expect(told[1]).not.toContain('UADMIN');
});

it('while Slack does not say who is an admin, an alert that only admins would get waits', async () => {
  const { database, log, rows } = await openBooks();
  await rows(WANT_ALERTS);
  const known: Record<string, true | 'unreachable'> = { UADMIN: 'unreachable', UONCE: 'unreachable' };
  const { told, alert } = setUpAlerts(database, log, { operators: [], isAdmin: adminsAre(known) });
  const budget = month(0n);
  await noteLevels(database.query, purposeOf(), [budget], NOW, budget);
  await alert();
  expect(told).toEqual([]);
  known['UADMIN'] = true;
  await rows("update skein.budget_alerts set taken_at = now() - interval '61 seconds'");
  await alert();
  expect(told.map((line) => line.split(':')[0])).toEqual(['UADMIN']);
});

/** Alerts that were told, as `person: line`. */
function setUpAlerts(
  database: Database,
  log: Parameters<typeof createAlerts>[0]['log'],
  {
    operators = ['UOPS'],
    away = () => false,
    isAdmin = adminsAre({}),
  }: {
    operators?: readonly string[];
    away?: (line: string) => boolean;
    isAdmin?: ReturnType<typeof adminsAre>;
  } = {},
) {
  const told: string[] = [];
  const tell = async (_team: string, person: string, line: string) => {
    if (away(line)) return false;
    told.push(`${person}: ${line}`);
    return true;
  };
  return { told, alert: createAlerts({ database, isAdmin, tell, operators, log }) };
}

it('each step of a budget is told once to whoever set it and to the operators, by however many processes', async () => {
  const { database, log, rows } = await openBooks();
  await rows(
    "insert into skein.settings (team, scope, scope_id, key, value, set_by) values ('T1', 'channel', 'C1', 'budget_month', '$1', 'UBOSS')",
  );
  const { told, alert } = setUpAlerts(database, log);
  const purpose = purposeOf();
  const budget = month((SPENT * 10n) / 9n, 'channel');
  await noteLevels(database.query, purpose, [budget], NOW);
  await alert();
  expect(told).toEqual([]);
  await over(database, entryOf(purpose));
  // The ledger keeps the moment of the entry, which is now.
  const now = Date.now();
  for (let again = 0; again < 3; again++) await noteLevels(database.query, purpose, [budget], now);
  await Promise.all([alert(), alert(), alert()]);
  expect(told.map((line) => line.split(':')[0]).sort()).toEqual(['UBOSS', 'UOPS']);
  expect(told[0]).toContain('The budget of <#C1> for this month has been used to 90 %: $0.0018 of $0.002');
  await noteLevels(database.query, purpose, [budget], now, budget);
  await alert();
  await alert();
  expect(told).toHaveLength(4);
  expect(told[3]).toContain('is used up');
});

it('an alert that can not be told now waits a minute, and others are told meanwhile', async () => {
  const { database, log, rows } = await openBooks();
  let away = true;
  const { told, alert } = setUpAlerts(database, log, { away: (line) => away && line.includes('workspace') });
  const budget = month(0n);
  const own: Budget = { scope: 'person', period: 'day', most: 10n };
  await noteLevels(database.query, purposeOf(), [budget], NOW, budget);
  await noteLevels(database.query, purposeOf(), [own], NOW, own);
  await alert();
  expect(told).toHaveLength(2);
  away = false;
  await alert();
  expect(told).toHaveLength(2);
  await rows("update skein.budget_alerts set taken_at = now() - interval '61 seconds'");
  await alert();
  expect(told).toHaveLength(3);
  await alert();
  expect(told).toHaveLength(3);
});

it('while an alert is told no transaction is open, and one that fails stops no other', async () => {
  const { database, log, rows } = await openBooks();
  const open: unknown[] = [];
  let calls = 0;
  const tell = async () => {
    open.push(
      ...(await rows(
        "select 1 from pg_stat_activity where datname = current_database() and state like 'idle in transaction%'",
      )),
    );
    calls += 1;
    if (calls === 1) throw new Error('an unexpected failure');
    return true;
  };
  const alert = createAlerts({ database, isAdmin: adminsAre({}), tell, operators: ['UOPS'], log });
  for (const most of [1n, 2n, 3n])
    await noteLevels(database.query, purposeOf(), [month(most)], NOW, month(most));
  const budgets = [1n, 2n, 3n].map((most) => month(most));
  for (const budget of budgets) await noteLevels(database.query, purposeOf(), [budget], NOW, budget);
  await alert();
  expect(calls).toBe(3);
  expect(open).toEqual([]);
  expect(await rows('select 1 from skein.budget_alerts where told_at is not null')).toHaveLength(2);
});

it('an alert is had by one process at a time', async () => {
  const { database } = await openBooks();
  const budget = month(0n);
  await noteLevels(database.query, purposeOf(), [budget], NOW, budget);
  const taken = await Promise.all(Array.from({ length: 6 }, () => takeAlert(database.query)));
  expect(taken.filter((alert) => alert !== null)).toHaveLength(1);
});

it('a budget of the deployment is told to the operators, with the variable that sets it', async () => {
  const { database, log } = await openBooks();
  const { told, alert } = setUpAlerts(database, log);
  const budget = month(0n, 'deployment');
  await noteLevels(database.query, purposeOf(), [budget], NOW, budget);
  await alert();
  expect(told).toEqual([
    expect.stringMatching(/^UOPS: The budget that the operator gave this workspace.*DEFAULT_BUDGET_MONTH/),
  ]);
});

it("a person's own budget is told to that person, and to whoever else set it", async () => {
  const { database, log, rows } = await openBooks();
  await rows(
    "insert into skein.settings (team, scope, scope_id, key, value, set_by) values ('T1', 'person', 'U1', 'budget_day', '$1', 'UBOSS')",
  );
  const { told, alert } = setUpAlerts(database, log);
  const budget: Budget = { scope: 'person', period: 'day', most: 10n };
  await noteLevels(database.query, purposeOf(), [budget], NOW, budget);
  await alert();
  expect(told.sort()).toMatchObject(
    [/^U1: Your own budget for this day/, /^UBOSS: The budget of <@U1> for this day/].map((line) =>
      expect.stringMatching(line),
    ),
  );
});

it('a budget that nobody is known to look after is told to nobody, and is not in the way of others', async () => {
  const { database, log } = await openBooks();
  const { told, alert } = setUpAlerts(database, log, { operators: [] });
  const nobodys = month(0n);
  const own: Budget = { scope: 'person', period: 'day', most: 10n };
  await noteLevels(database.query, purposeOf(), [nobodys], NOW, nobodys);
  await noteLevels(database.query, purposeOf(), [own], NOW, own);
  await alert();
  expect(told).toHaveLength(1);
});
