import { sql } from 'drizzle-orm';
import type { NanoDollars } from '../ledger/cost.ts';
import { startOf } from '../ledger/periods.ts';
import { countedSince, type Entry, entering, type Spent, spentNow } from '../ledger/store.ts';
import type { Database, Queryable } from '../postgres/database.ts';
import { type Budget, type Grant, levelOf, spenderOf } from './rules.ts';

/** Whose money a call to the model spends. Ids are Slack's; `reply` is opaque. */
export interface Purpose {
  readonly reply: string;
  readonly team: string;
  readonly channel: string;
  readonly person: string;
}

/** Notification channel on which a workspace is told that less is set aside there; the payload is its id. */
export const ROOM_CHANNEL = 'skein_room';

/**
 * No call lasts longer than this: what is held for one that began before is left over from a process that died and
 * whose reply nobody went on with.
 */
const HELD_MINUTES = 60;

const DAY_MS = 24 * 60 * 60 * 1000;

/** What was spent, and what is set aside for running calls of other replies: of one moment, a few rows by key. */
export interface Account {
  readonly spent: Spent;
  readonly held: Spent;
}

/**
 * One statement, so that a call that ends meanwhile is either still held or already spent, and never neither. `now`:
 * milliseconds since the epoch.
 */
export async function readAccount(
  db: Queryable,
  { reply, team, channel, person }: Purpose,
  now: number,
): Promise<Account> {
  const { rows } = await db.execute<Record<'scope' | 'day' | 'month' | 'held', string>>(sql`
    with held as materialized (
      select channel, person, cost_nano from skein.reservations
      where team = ${team} and reply <> ${reply}::uuid and at > now() - ${HELD_MINUTES} * interval '1 minute')
    select w.scope, ${countedSince(team, startOf('day', now))} as day,
      ${countedSince(team, startOf('month', now))} as month,
      coalesce((select sum(cost_nano) from held h where w.scope = 'workspace'
        or (w.scope = 'channel' and h.channel = w.id) or (w.scope = 'person' and h.person = w.id)), 0)::text as held
    from (values ('workspace', ${team}), ('channel', ${channel}), ('person', ${person})) as w (scope, id)`);
  const money = (scope: keyof Spent, what: 'day' | 'month' | 'held') =>
    BigInt(rows.find((row) => row.scope === scope)?.[what] ?? '0');
  const both = (read: (scope: keyof Spent) => Spent['person']): Spent => ({
    workspace: read('workspace'),
    channel: read('channel'),
    person: read('person'),
  });
  return {
    spent: both((scope) => ({ day: money(scope, 'day'), month: money(scope, 'month') })),
    // A call that runs at midnight counts for both days.
    held: both((scope) => ({ day: money(scope, 'held'), month: money(scope, 'held') })),
  };
}

export type Reserved = Exclude<Grant, { kind: 'granted' }> | (Grant & { kind: 'granted'; call: number });

/**
 * Sets aside what a call may come to at worst, if `decide` grants it by the account, and begins the call in the same
 * transaction: `begin` returns its number, or throws if the reply is somebody else's by now, and then nothing has changed.
 * One at a time for each workspace, over all processes: two that looked at the same moment would both find the room
 * that is there for one.
 */
export async function reserve(
  database: Database,
  purpose: Purpose,
  decide: (account: Account) => Grant,
  begin: (tx: Queryable) => Promise<number>,
  now: number,
): Promise<Reserved> {
  const { reply, team, channel, person } = purpose;
  return database.transaction(async (tx) => {
    // The rows of two days: around midnight, and where clocks differ, any two have one of them in common.
    const days = [now - DAY_MS, now].map((at) => new Date(at).toISOString().slice(0, 10));
    await tx.execute(sql`
      insert into skein.spent as s (team, scope, scope_id, day, cost_nano, tokens)
      values (${team}, 'workspace', ${team}, ${days[0]}::date, 0, 0), (${team}, 'workspace', ${team}, ${days[1]}::date, 0, 0)
      on conflict (team, scope, scope_id, day) do update set cost_nano = s.cost_nano`);
    const granted = decide(await readAccount(tx, purpose, now));
    if (granted.kind !== 'granted') return granted;
    const call = await begin(tx);
    // One row for each reply: what an owner before this one left is replaced, by whoever has the reply now.
    await tx.execute(sql`
      insert into skein.reservations (reply, call, team, channel, person, cost_nano)
      values (${reply}, ${call}, ${team}, ${channel}, ${person}, ${granted.cost.toString()}::bigint)
      on conflict (reply) do update set call = excluded.call, cost_nano = excluded.cost_nano, at = now()`);
    return { ...granted, call };
  });
}

/**
 * Enters a call into the ledger and sets what is still held for it, both or neither. `left`: nano-dollars that the call
 * may come to in all, from now on; null once it is over. What is held for another call of the reply stays.
 */
export async function settle(
  db: Queryable,
  entry: Entry,
  day: string,
  left: NanoDollars | null,
): Promise<void> {
  const mine = sql`reply = ${entry.reply}::uuid and call = ${entry.call}`;
  const entered = sql`with entered as (${entering(entry, day)})`;
  if (left === null)
    // Those who wait hear of the room, in whichever process they are.
    await db.execute(sql`${entered}, gone as (delete from skein.reservations where ${mine} returning team)
      select pg_notify(${ROOM_CHANNEL}, team) from gone`);
  else
    await db.execute(sql`${entered}
      update skein.reservations set cost_nano = ${left.toString()}::bigint where ${mine}`);
}

/** Deletes what counts for nothing any more. */
export async function purgeReservations(db: Queryable): Promise<void> {
  await db.execute(sql`
    delete from skein.reservations where at < now() - ${HELD_MINUTES} * interval '1 minute'`);
}

/** A step of a budget that its admins are to be told of. */
export interface Alert {
  readonly team: string;
  readonly budget: Budget;
  /** First day of its period (UTC), YYYY-MM-DD. */
  readonly starts: string;
  /** The channel or person; for a workspace, and what a deployment allows one, the team again. */
  readonly scopeId: string;
  readonly level: 80 | 100;
  readonly spent: NanoDollars;
}

/**
 * Notes every budget that was used up to one of the steps; `refused` was, if only because too little is left of it
 * for an answer. What was noted before is not noted again.
 */
export async function noteLevels(
  db: Queryable,
  purpose: Omit<Purpose, 'reply'>,
  budgets: readonly Budget[],
  now: number,
  refused: Budget | null = null,
): Promise<void> {
  const spent = await spentNow(db, purpose, now);
  for (const budget of budgets) {
    const level = budget === refused ? 100 : levelOf(budget, spent);
    if (level === null) continue;
    const { scope, period, most } = budget;
    const spender = spenderOf(budget);
    const scopeId = { workspace: purpose.team, channel: purpose.channel, person: purpose.person }[spender];
    await db.execute(sql`
      insert into skein.budget_alerts (team, scope, scope_id, period, starts, most_nano, level, spent_nano)
      values (${purpose.team}, ${scope}, ${scopeId}, ${period}, ${startOf(period, now).toISOString().slice(0, 10)},
        ${most.toString()}::bigint, ${level}, ${spent[spender][period].toString()}::bigint)
      on conflict do nothing`);
  }
}

/** After this long nobody wants to hear of it any more. */
const ALERT_HOURS = 24;
/** So long an alert that a process took is its own: it may have died, or Slack did not answer. */
const TAKEN_SECONDS = 60;

/**
 * Takes the alert that has waited longest to be told, or told again, and returns it; null if there is none. No other
 * process gets it for a minute, and nothing is locked meanwhile.
 */
export async function takeAlert(db: Queryable): Promise<Alert | null> {
  const { rows } = await db.execute<AlertRow>(sql`
    update skein.budget_alerts a set taken_at = now()
    from (
      select team, scope, scope_id, period, starts, most_nano, level from skein.budget_alerts
      where told_at is null and at > now() - ${ALERT_HOURS} * interval '1 hour'
        and (taken_at is null or taken_at < now() - ${TAKEN_SECONDS} * interval '1 second')
      order by taken_at nulls first, at limit 1 for update skip locked) next
    where (a.team, a.scope, a.scope_id, a.period, a.starts, a.most_nano, a.level)
      = (next.team, next.scope, next.scope_id, next.period, next.starts, next.most_nano, next.level)
    returning a.team, a.scope, a.scope_id, a.period, a.starts::text, a.most_nano::text, a.level, a.spent_nano::text`);
  const row = rows[0];
  if (row === undefined) return null;
  return {
    team: row.team,
    budget: { scope: row.scope, period: row.period, most: BigInt(row.most_nano) },
    starts: row.starts,
    scopeId: row.scope_id,
    level: row.level,
    spent: BigInt(row.spent_nano),
  };
}

/** Notes that an alert was told. */
export async function alertTold(
  db: Queryable,
  { team, budget, starts, scopeId, level }: Alert,
): Promise<void> {
  const { scope, period, most } = budget;
  await db.execute(sql`
    update skein.budget_alerts set told_at = now()
    where team = ${team} and scope = ${scope} and scope_id = ${scopeId} and period = ${period}
      and starts = ${starts}::date and most_nano = ${most.toString()}::bigint and level = ${level}`);
}

type AlertRow = {
  readonly team: string;
  readonly scope: Budget['scope'];
  readonly scope_id: string;
  readonly period: Budget['period'];
  readonly starts: string;
  readonly most_nano: string;
  readonly level: 80 | 100;
  readonly spent_nano: string;
};
