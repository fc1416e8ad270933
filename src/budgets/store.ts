import { type SQL, sql } from 'drizzle-orm';
import type { NanoDollars } from '../ledger/cost.ts';
import { DAY_MS, dayOf, startOf } from '../ledger/periods.ts';
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

/** What was spent, and what is set aside for running calls of other replies. */
export interface Account {
  readonly spent: Spent;
  readonly held: Spent;
}

/** The accounts of some replies of one workspace at one moment. */
interface Book {
  /** How often something was set aside so far. */
  turn: number;
  of(purpose: Purpose): Account;
  /** Notes what was set aside since. */
  hold(purpose: Purpose, cost: NanoDollars): void;
}

/**
 * Reads a few rows by key, in one statement, so that a call that ends meanwhile is either still held or already spent, and
 * never neither. `now`: milliseconds since the epoch.
 */
export async function readBook(
  db: Queryable,
  team: string,
  purposes: readonly Pick<Purpose, 'channel' | 'person'>[],
  now: number,
): Promise<Book> {
  const channels = [...new Set(purposes.map(({ channel }) => channel))];
  const persons = [...new Set(purposes.map(({ person }) => person))];
  const { rows } = await db.execute<BookRow>(sql`
    select w.scope, w.id, ${countedSince(team, startOf('day', now))} as day,
      ${countedSince(team, startOf('month', now))} as month, null as reply, null as channel, null as person
    from (select 'workspace' as scope, ${team}::text as id
      union all select 'channel', unnest(${sql.param(channels)}::text[])
      union all select 'person', unnest(${sql.param(persons)}::text[])) w
    union all
    select 'held', '', cost_nano::text, cost_nano::text, reply::text, channel, person from skein.reservations
    where team = ${team} and at > now() - ${HELD_MINUTES} * interval '1 minute'
    union all
    select 'turn', '', turn::text, turn::text, null, null, null from skein.budget_turns where team = ${team}`);
  const held = rows.flatMap(({ scope, reply, channel, person, day }) =>
    scope === 'held' ? [{ reply, channel, person, cost: BigInt(day) }] : [],
  );
  const spentBy = (scope: keyof Spent, id: string) => {
    const row = rows.find((one) => one.scope === scope && one.id === id);
    return { day: BigInt(row?.day ?? '0'), month: BigInt(row?.month ?? '0') };
  };
  return {
    turn: Number(rows.find(({ scope }) => scope === 'turn')?.day ?? 0),
    of({ reply, channel, person }) {
      const others = held.filter((one) => one.reply !== reply);
      // A call that runs at midnight counts for both days.
      const sum = (some: typeof others) => {
        const cost = some.reduce((total, one) => total + one.cost, 0n);
        return { day: cost, month: cost };
      };
      return {
        spent: {
          workspace: spentBy('workspace', team),
          channel: spentBy('channel', channel),
          person: spentBy('person', person),
        },
        held: {
          workspace: sum(others),
          channel: sum(others.filter((one) => one.channel === channel)),
          person: sum(others.filter((one) => one.person === person)),
        },
      };
    },
    hold: ({ reply, channel, person }, cost) => void held.push({ reply, channel, person, cost }),
  };
}

type BookRow = {
  readonly scope: keyof Spent | 'held' | 'turn';
  readonly id: string;
  readonly day: string;
  readonly month: string;
  readonly reply: string | null;
  readonly channel: string | null;
  readonly person: string | null;
};

/** A call that is over: its entry, and the day (YYYY-MM-DD, UTC) whose prices hold. */
export interface Settlement {
  readonly entry: Entry;
  readonly day: string;
}

/**
 * Enters calls of one workspace that are over, and ends what was set aside for each, both or neither. Only for the very call:
 * another owner may be in the next one of the same reply. Those who wait hear of the room, in whichever process they are.
 */
export async function settle(
  database: Database,
  team: string,
  settlements: readonly Settlement[],
  now: number,
): Promise<void> {
  const one = (db: Queryable, { entry, day }: Settlement) =>
    db.execute(sql`
      with entered as (${entering(entry, day)}),
      gone as (
        delete from skein.reservations where reply = ${entry.reply}::uuid and call = ${entry.call} returning team)
      select pg_notify(${ROOM_CHANNEL}, team) from gone`);
  const [first, ...others] = settlements;
  if (first === undefined) return;
  if (others.length === 0) await one(database.query, first);
  else
    await database.transaction(async (tx) => {
      await lockCounters(tx, team, now);
      for (const settlement of settlements) await one(tx, settlement);
    });
}

/**
 * Takes the rows that the triggers of several entries will take first, of this day and the one before, always in this order:
 * two transactions around midnight would else each wait for the other's.
 */
async function lockCounters(tx: Queryable, team: string, now: number): Promise<void> {
  const [before, today] = [now - DAY_MS, now].map((at) => dayOf(at));
  await tx.execute(sql`
    insert into skein.spent as s (team, scope, scope_id, day, cost_nano, tokens)
    values (${team}, 'workspace', ${team}, ${before}::date, 0, 0), (${team}, 'workspace', ${team}, ${today}::date, 0, 0)
    on conflict (team, scope, scope_id, day) do update set cost_nano = s.cost_nano`);
}

/** A call that wants to begin. */
export interface Wish {
  readonly purpose: Purpose;
  /** What the account has room for. */
  decide(account: Account): Grant;
  /**
   * The statement that counts the call, up to the end of its conditions: it changes one row and gives it a column `calls`, the
   * number, unless the reply is somebody else's by now.
   */
  readonly begin: SQL;
}

export type Reserved =
  | Exclude<Grant, { kind: 'granted' }>
  | (Grant & { kind: 'granted'; call: number })
  /** The reply is somebody else's by now, and nothing was set aside. */
  | { readonly kind: 'lost' };

/**
 * Sets aside what calls of one workspace may come to at worst, each if there is room besides the ones before it, and begins
 * them, each in one statement. Nothing is locked between a look and that statement: it does nothing where somebody else,
 * in any process, has set something aside since, and then the account is read again. The answers are in the order of the
 * wishes.
 */
export async function reserve(
  database: Database,
  team: string,
  wishes: readonly Wish[],
  now: number,
): Promise<Reserved[]> {
  const all = async (db: Queryable): Promise<Reserved[]> => {
    const purposes = wishes.map(({ purpose }) => purpose);
    let book = await readBook(db, team, purposes, now);
    const answers: Reserved[] = [];
    for (const wish of wishes) {
      let answer = await reserveOne(db, book, wish);
      while (answer === null) {
        book = await readBook(db, team, purposes, now);
        answer = await reserveOne(db, book, wish);
      }
      answers.push(answer);
    }
    return answers;
  };
  if (wishes.length === 0) return [];
  return wishes.length === 1 ? all(database.query) : database.transaction(all);
}

/** Null: something was set aside since the book was read. */
async function reserveOne(
  db: Queryable,
  book: Book,
  { purpose, decide, begin }: Wish,
): Promise<Reserved | null> {
  const granted = decide(book.of(purpose));
  if (granted.kind !== 'granted') return granted;
  const { reply, team, channel, person } = purpose;
  const { rows } = await db.execute<{ turn: string | null; call: number | null }>(sql`
    with turn as (
      insert into skein.budget_turns as t (team, turn) values (${team}, ${book.turn} + 1)
      on conflict (team) do update set turn = t.turn + 1 where t.turn = ${book.turn}
      returning turn),
    begun as (${begin} and exists (select 1 from turn) returning calls as call),
    held as (
      -- One row for each reply: what an owner before this one left is replaced, by whoever has the reply now.
      insert into skein.reservations (reply, call, team, channel, person, cost_nano)
      select ${reply}::uuid, call, ${team}::text, ${channel}::text, ${person}::text, ${granted.cost.toString()}::bigint
      from begun
      on conflict (reply) do update set call = excluded.call, cost_nano = excluded.cost_nano, at = now()
      returning call)
    select (select turn from turn) as turn, (select call from held) as call`);
  const { turn = null, call = null } = rows[0] ?? {};
  if (turn === null) return null;
  book.turn = Number(turn);
  if (call === null) return { kind: 'lost' };
  book.hold(purpose, granted.cost);
  return { ...granted, call };
}

/**
 * Enters a call that has begun, and what it may come to in all from now on (`cost`, nano-dollars) in place of what was set
 * aside for it, if anything was.
 */
export async function enterStarted(
  db: Queryable,
  entry: Entry,
  day: string,
  cost: NanoDollars,
): Promise<void> {
  await db.execute(sql`
    with entered as (${entering(entry, day)})
    update skein.reservations set cost_nano = ${cost.toString()}::bigint
    where reply = ${entry.reply}::uuid and call = ${entry.call}`);
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
      values (${purpose.team}, ${scope}, ${scopeId}, ${period}, ${dayOf(startOf(period, now))},
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
    returning a.team, a.scope, a.period, a.most_nano::text as most, a.starts::text, a.scope_id as "scopeId", a.level,
      a.spent_nano::text as spent`);
  const row = rows[0];
  if (row === undefined) return null;
  const { scope, period, most, spent, ...alert } = row;
  return { ...alert, budget: { scope, period, most: BigInt(most) }, spent: BigInt(spent) };
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

type AlertRow = Omit<Alert, 'budget' | 'spent'> & Omit<Budget, 'most'> & { most: string; spent: string };

/** Deletes steps of budgets of which nobody needs to be told any more. */
export async function purgeAlerts(db: Queryable, days: number): Promise<void> {
  await db.execute(sql`delete from skein.budget_alerts where at < now() - ${days} * interval '1 day'`);
}
