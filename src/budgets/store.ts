import { type SQL, sql } from 'drizzle-orm';
import type { NanoDollars } from '../ledger/cost.ts';
import { startOf } from '../ledger/periods.ts';
import { type Entry, enter, type Spent, spentSince } from '../ledger/store.ts';
import type { Database, Queryable } from '../postgres/database.ts';
import { type Budget, type Grant, grant, levelOf, type Worst } from './rules.ts';

/** Whose money a call to the model spends. Ids are Slack's; `reply` is opaque. */
export interface Purpose {
  readonly reply: string;
  readonly team: string;
  readonly channel: string;
  readonly person: string;
}

/**
 * No call lasts longer than this: what is held for one that began before is left over from a process that died and
 * whose reply nobody went on with.
 */
const HELD_MINUTES = 60;

/**
 * Holds what a call may come to at worst, if every budget has room for it, besides what was spent and is held for
 * other replies. `now`: milliseconds since the epoch. One at a time for each workspace: two that looked at the same
 * moment would both find the room that is there for one.
 */
export async function reserve(
  database: Database,
  purpose: Purpose,
  wanted: { readonly budgets: readonly Budget[]; readonly worst: Worst; readonly leastTokens: number },
  now: number,
): Promise<Grant> {
  const { reply, team, channel, person } = purpose;
  return database.transaction(async (tx) => {
    await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${`budgets ${team}`}, 0))`);
    // In this order: a call that ends between the two is counted twice then, and in the other it would be missed.
    const held = await heldFor(tx, purpose);
    const spent = await spentNow(tx, purpose, now);
    const granted = grant(wanted.budgets, spent, held, wanted.worst, wanted.leastTokens);
    // Whoever waits holds nothing, or two could wait for each other.
    if (granted.kind !== 'granted') {
      await release(tx, reply);
      return granted;
    }
    await tx.execute(sql`
      insert into skein.reservations (reply, team, channel, person, cost_nano)
      values (${reply}, ${team}, ${channel}, ${person}, ${granted.cost.toString()}::bigint)
      on conflict (reply) do update set cost_nano = excluded.cost_nano, at = now()`);
    return granted;
  });
}

/** What was spent in the day and the month of `now`. */
export function spentNow(db: Queryable, purpose: Omit<Purpose, 'reply'>, now: number): Promise<Spent> {
  return spentSince(db, purpose, { day: startOf('day', now), month: startOf('month', now) });
}

/** What is held for the other replies of a workspace. */
async function heldFor(tx: Queryable, { reply, team, channel, person }: Purpose): Promise<Spent> {
  const sum = (of: SQL) => sql`coalesce(sum(cost_nano) filter (where ${of}), 0)::text`;
  const { rows } = await tx.execute<Record<'workspace' | 'channel' | 'person', string>>(sql`
    select ${sum(sql`true`)} as workspace, ${sum(sql`channel = ${channel}`)} as channel,
      ${sum(sql`person = ${person}`)} as person
    from skein.reservations
    where team = ${team} and reply <> ${reply}::uuid and at > now() - ${HELD_MINUTES} * interval '1 minute'`);
  const row = rows[0];
  const both = (text: string | undefined) => ({ day: BigInt(text ?? '0'), month: BigInt(text ?? '0') });
  return { workspace: both(row?.workspace), channel: both(row?.channel), person: both(row?.person) };
}

/**
 * Enters a call into the ledger and sets what is still held for its reply, both or neither; `left`: nano-dollars that
 * the call may cost besides the entry, null once it is over.
 */
export async function enterHeld(
  database: Database,
  entry: Entry,
  day: string,
  left: NanoDollars | null,
): Promise<void> {
  await database.transaction(async (tx) => {
    await enter(tx, entry, day);
    if (left === null) await release(tx, entry.reply);
    else
      await tx.execute(sql`
        update skein.reservations set cost_nano = ${left.toString()}::bigint where reply = ${entry.reply}::uuid`);
  });
}

/** Nothing is held for this reply any more. */
export async function release(db: Queryable, reply: string): Promise<void> {
  await db.execute(sql`delete from skein.reservations where reply = ${reply}::uuid`);
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
  /** The channel or person; for a workspace its team again. */
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
  const reached = budgets.flatMap((budget) => {
    const level = budget === refused ? 100 : levelOf(budget, spent);
    return level === null ? [] : [{ budget, level }];
  });
  for (const { budget, level } of reached) {
    const { of, period, most } = budget;
    const scopeId = { workspace: purpose.team, channel: purpose.channel, person: purpose.person }[of];
    await db.execute(sql`
      insert into skein.budget_alerts (team, scope, scope_id, period, starts, most_nano, level, spent_nano)
      values (${purpose.team}, ${of}, ${scopeId}, ${period}, ${startOf(period, now).toISOString().slice(0, 10)},
        ${most.toString()}::bigint, ${level}, ${spent[of][period].toString()}::bigint)
      on conflict do nothing`);
  }
}

/** After this long nobody wants to hear of it any more. */
const ALERT_HOURS = 24;

/**
 * Hands the oldest alert that nobody was told of to `tell`, and notes that it was told if that says so. False if there
 * is none, or `tell` could not. While it runs, no other process has the same one.
 */
export async function tellNext(
  database: Database,
  tell: (alert: Alert) => Promise<boolean>,
): Promise<boolean> {
  return database.transaction(async (tx) => {
    const { rows } = await tx.execute<AlertRow>(sql`
      select team, scope, scope_id, period, starts::text, most_nano::text, level, spent_nano::text
      from skein.budget_alerts
      where told_at is null and at > now() - ${ALERT_HOURS} * interval '1 hour'
      order by at limit 1 for update skip locked`);
    const row = rows[0];
    if (row === undefined || !(await tell(alertOf(row)))) return false;
    await tx.execute(sql`
      update skein.budget_alerts set told_at = now()
      where team = ${row.team} and scope = ${row.scope} and scope_id = ${row.scope_id} and period = ${row.period}
        and starts = ${row.starts}::date and most_nano = ${row.most_nano}::bigint and level = ${row.level}`);
    return true;
  });
}

type AlertRow = {
  readonly team: string;
  readonly scope: Budget['of'];
  readonly scope_id: string;
  readonly period: Budget['period'];
  readonly starts: string;
  readonly most_nano: string;
  readonly level: 80 | 100;
  readonly spent_nano: string;
};

function alertOf(row: AlertRow): Alert {
  return {
    team: row.team,
    budget: { of: row.scope, period: row.period, most: BigInt(row.most_nano) },
    scopeId: row.scope_id,
    level: row.level,
    spent: BigInt(row.spent_nano),
  };
}

/** Deletes steps of budgets of which nobody needs to be told any more. */
export async function purgeAlerts(db: Queryable, days: number): Promise<void> {
  await db.execute(sql`delete from skein.budget_alerts where at < now() - ${days} * interval '1 day'`);
}
