import { and, eq, type SQL, sql } from 'drizzle-orm';
import type { Database, Queryable } from '../postgres/database.ts';
import { costOf, type NanoDollars } from './cost.ts';
import { DAY_MS, dayOf, startOf } from './periods.ts';
import { DEAREST, PRICE_VERSION, priceOf } from './prices.ts';
import { usage as usageTable } from './tables.ts';
import { promptTokensOf, type Usage } from './usage.ts';

/** One call to the model, to be entered into the ledger. */
export interface Entry {
  readonly reply: string;
  /** 1 for the first call of a reply; retries and continuations count on. */
  readonly call: number;
  readonly team: string;
  readonly channel: string;
  readonly person: string;
  readonly model: string;
  readonly usage: Usage;
  readonly estimated: boolean;
  /** The call goes on: no counter has it yet. Absent: it is over. */
  readonly open?: boolean;
  readonly requestId: string | null;
}

/**
 * Enters a call: an estimate when it starts, better ones as more is known. `day` (YYYY-MM-DD, UTC) says which price holds.
 * An exact entry never changes, and an estimate gives way to one that is exact or not smaller: what the owner before
 * this one tells late is then not lost, and takes nothing away. The counters follow in the same transaction.
 */
export async function enter(db: Queryable, entry: Entry, day: string): Promise<void> {
  await db.execute(entering(entry, day));
}

/** Nano-dollars that an entry counts as against budgets: without a known price at the dearest. */
export function countedCost({ model, usage }: Pick<Entry, 'model' | 'usage'>, day: string): NanoDollars {
  return costOf(usage, priceOf(model, day, promptTokensOf(usage)) ?? DEAREST);
}

/** The same as a statement, for one that does more beside it. */
export function entering(entry: Entry, day: string): SQL {
  const { usage } = entry;
  const counted = countedCost(entry, day).toString();
  const priced = priceOf(entry.model, day, promptTokensOf(usage)) !== null;
  const [cost, assumed] = priced ? [counted, null] : [null, counted];
  return sql`
    insert into skein.usage as u (reply, call, team, channel, person, model, input_tokens, cache_write_5m_tokens,
      cache_write_1h_tokens, cache_read_tokens, output_tokens, thinking_tokens, web_searches, estimated, open,
      price_version, cost_nano, assumed_nano, request_id)
    values (${entry.reply}::uuid, ${entry.call}, ${entry.team}, ${entry.channel}, ${entry.person}, ${entry.model},
      ${usage.inputTokens}, ${usage.cacheWrite5mTokens}, ${usage.cacheWrite1hTokens}, ${usage.cacheReadTokens},
      ${usage.outputTokens}, ${usage.thinkingTokens}, ${usage.webSearches}, ${entry.estimated},
      ${entry.open ?? false}, ${PRICE_VERSION}, ${cost}::bigint, ${assumed}::bigint, ${entry.requestId})
    on conflict (reply, call) do update set model = excluded.model, input_tokens = excluded.input_tokens,
      cache_write_5m_tokens = excluded.cache_write_5m_tokens, cache_write_1h_tokens = excluded.cache_write_1h_tokens,
      cache_read_tokens = excluded.cache_read_tokens, output_tokens = excluded.output_tokens,
      thinking_tokens = excluded.thinking_tokens, web_searches = excluded.web_searches,
      estimated = excluded.estimated, open = excluded.open, price_version = excluded.price_version,
      cost_nano = excluded.cost_nano, assumed_nano = excluded.assumed_nano, request_id = excluded.request_id
    where u.estimated and (not excluded.estimated or excluded.output_tokens >= u.output_tokens)
    returning 1`;
}

/** What is entered of one call; null if nothing is. */
export async function enteredCall(db: Queryable, reply: string, call: number): Promise<EnteredCall | null> {
  const { inputTokens, cacheWrite5mTokens, cacheWrite1hTokens, cacheReadTokens } = usageTable;
  const { outputTokens, thinkingTokens, webSearches, estimated, open, requestId, at } = usageTable;
  const prompt = { inputTokens, cacheWrite5mTokens, cacheWrite1hTokens, cacheReadTokens };
  const usage = { ...prompt, outputTokens, thinkingTokens, webSearches };
  const rows = await db
    .select({ usage, estimated, open, requestId, at })
    .from(usageTable)
    .where(and(eq(usageTable.reply, reply), eq(usageTable.call, call)));
  return rows[0] ?? null;
}

interface EnteredCall {
  readonly usage: Usage;
  readonly estimated: boolean;
  readonly open: boolean;
  readonly requestId: string | null;
  /** When it was entered first. */
  readonly at: Date;
}

interface ReplyTotal {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly webSearches: number;
  /** Calls in the ledger. */
  readonly calls: number;
  readonly estimated: boolean;
  /** Null if the price of a call is not known. */
  readonly cost: NanoDollars | null;
}

/** What these calls of a reply have used and cost so far. */
export async function replyTotal(
  db: Queryable,
  reply: string,
  calls: readonly number[],
): Promise<ReplyTotal> {
  const { rows } = await db.execute<Omit<ReplyTotal, 'cost'> & { unpriced: boolean; cost: string }>(sql`
    select coalesce(sum(input_tokens::bigint + cache_read_tokens + cache_write_5m_tokens + cache_write_1h_tokens), 0)::float8
        as "inputTokens",
      coalesce(sum(output_tokens), 0)::float8 as "outputTokens", coalesce(sum(web_searches), 0)::float8 as "webSearches",
      count(*)::int as calls, coalesce(bool_or(estimated), false) as estimated,
      coalesce(bool_or(cost_nano is null), false) as unpriced, coalesce(sum(cost_nano), 0)::text as cost
    from skein.usage where reply = ${reply}::uuid and call = any(${sql.param([...calls])}::int[])`);
  const [row] = rows;
  if (row === undefined) throw new Error('a sum gave no row');
  const { unpriced, cost, ...total } = row;
  return { ...total, cost: unpriced ? null : BigInt(cost) };
}

/** Nano-dollars spent by the workspace, in one channel and by one person of it. */
export interface Spent {
  readonly workspace: { readonly day: NanoDollars; readonly month: NanoDollars };
  readonly channel: { readonly day: NanoDollars; readonly month: NanoDollars };
  readonly person: { readonly day: NanoDollars; readonly month: NanoDollars };
}

/** What was spent in the day and the month (UTC) of `now`, milliseconds since the epoch: by key, from the counters. */
export async function spentNow(
  db: Queryable,
  { team, channel, person }: { team: string; channel: string; person: string },
  now: number,
): Promise<Spent> {
  const { rows } = await db.execute<{ scope: keyof Spent; day: string; month: string }>(sql`
    select w.scope, ${countedSince(team, startOf('day', now))} as day, ${countedSince(team, startOf('month', now))} as month
    from (values ('workspace', ${team}), ('channel', ${channel}), ('person', ${person})) as w (scope, id)`);
  const of = (scope: keyof Spent) => {
    const row = rows.find((one) => one.scope === scope);
    return { day: BigInt(row?.day ?? '0'), month: BigInt(row?.month ?? '0') };
  };
  return { workspace: of('workspace'), channel: of('channel'), person: of('person') };
}

/** Nano-dollars of the scope in row `w (scope, id)`, since the first moment of a day; as text. */
export function countedSince(team: string, since: Date): SQL {
  return sql`coalesce((select sum(s.cost_nano) from skein.spent s where s.team = ${team} and s.scope = w.scope
    and s.scope_id = w.id and s.day >= ${dayOf(since)}::date), 0)::text`;
}

/** A call that was entered as running this long ago is over: no provider answers for so long. */
const OPEN_MINUTES = 60;
/** Counters of days before this are not looked at any more; the ledger has what they were made of. */
const KEPT_DAYS = 62;

/**
 * Makes the counters of the month of `now` what the ledger says, whatever made them differ (entries that were changed by
 * hand, a database that was put together from backups), and counts calls that were never told to be over. Returns how
 * many counters were wrong. Processes that ask at the same time take turns, so that none repairs what another has.
 */
export async function repairSpent(database: Database, now: number): Promise<number> {
  const month = startOf('month', now).getTime();
  await database.query.execute(sql`
    update skein.usage set open = false where open and at < now() - ${OPEN_MINUTES} * interval '1 minute'`);
  await database.query.execute(
    sql`delete from skein.spent where day < ${dayOf(month)}::date - ${KEPT_DAYS}::int`,
  );
  let repaired = 0;
  // Day by day, so that no statement grows with what a month has.
  for (let day = month; day <= now; day += DAY_MS) repaired += await repairDay(database, dayOf(day));
  return repaired;
}

/** `day`: YYYY-MM-DD (UTC). */
function repairDay(database: Database, day: string): Promise<number> {
  return database.transaction(async (tx) => {
    await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended('skein spent', 0))`);
    // Both sides are of one snapshot and what they differ in is added, so entries made meanwhile are not in the way.
    const { rows } = await tx.execute<{ repaired: string }>(sql`
      with entries as (
        select team, channel, person, ${day}::date as day,
          coalesce(cost_nano, assumed_nano, 0) as cost_nano, skein.tokens_of(usage) as tokens
        from skein.usage
        where at >= ${day}::timestamp at time zone 'utc' and not open
          and at < (${day}::timestamp + interval '1 day') at time zone 'utc'),
      said as (
        select team, 'workspace' as scope, team as scope_id, day, cost_nano, tokens from entries
        union all select team, 'channel', channel, day, cost_nano, tokens from entries
        union all select team, 'person', person, day, cost_nano, tokens from entries
        union all select team, scope, scope_id, day, -cost_nano, -tokens from skein.spent
          where day = ${day}::date),
      wrong as (
        select team, scope, scope_id, day, sum(cost_nano)::bigint as cost_nano, sum(tokens)::bigint as tokens
        from said group by team, scope, scope_id, day having sum(cost_nano) <> 0 or sum(tokens) <> 0
        -- In the order in which an entry's trigger takes its rows.
        order by team, array_position(array['workspace', 'channel', 'person'], scope), scope_id, day),
      repaired as (
        insert into skein.spent as s (team, scope, scope_id, day, cost_nano, tokens)
        select team, scope, scope_id, day, cost_nano, tokens from wrong
        on conflict (team, scope, scope_id, day)
          do update set cost_nano = s.cost_nano + excluded.cost_nano, tokens = s.tokens + excluded.tokens
        returning 1)
      select count(*) as repaired from repaired`);
    return Number(rows[0]?.repaired ?? 0);
  });
}
