import { and, eq, inArray, type SQL, sql } from 'drizzle-orm';
import type { Queryable } from '../postgres/database.ts';
import { costOf, type NanoDollars } from './cost.ts';
import { DEAREST, PRICE_VERSION, priceOf } from './prices.ts';
import { usage as usageTable } from './tables.ts';
import type { Usage } from './usage.ts';

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
  readonly requestId: string | null;
}

/** Enters a call: an estimate when it starts, better ones as more is known. An exact entry never changes. */
export async function enter(db: Queryable, entry: Entry, day: string): Promise<void> {
  const { usage, reply, call, estimated } = entry;
  const prompt =
    usage.inputTokens + usage.cacheReadTokens + usage.cacheWrite5mTokens + usage.cacheWrite1hTokens;
  const price = priceOf(entry.model, day, prompt);
  const values = {
    ...usage,
    reply,
    call,
    estimated,
    team: entry.team,
    channel: entry.channel,
    person: entry.person,
    model: entry.model,
    requestId: entry.requestId,
    priceVersion: PRICE_VERSION,
    costNano: price === null ? null : costOf(usage, price),
  };
  await db
    .insert(usageTable)
    .values(values)
    .onConflictDoUpdate({
      target: [usageTable.reply, usageTable.call],
      set: values,
      setWhere: sql`${usageTable.estimated}`,
    });
}

/** What is entered of one call; null if nothing is. */
export async function enteredCall(
  db: Queryable,
  reply: string,
  call: number,
): Promise<{ readonly usage: Usage; readonly estimated: boolean; readonly requestId: string | null } | null> {
  const rows = await db
    .select()
    .from(usageTable)
    .where(and(eq(usageTable.reply, reply), eq(usageTable.call, call)));
  const row = rows[0];
  if (row === undefined) return null;
  const {
    inputTokens,
    cacheWrite5mTokens,
    cacheWrite1hTokens,
    cacheReadTokens,
    outputTokens,
    thinkingTokens,
  } = row;
  return {
    usage: {
      inputTokens,
      cacheWrite5mTokens,
      cacheWrite1hTokens,
      cacheReadTokens,
      outputTokens,
      thinkingTokens,
    },
    estimated: row.estimated,
    requestId: row.requestId,
  };
}

export interface ReplyTotal {
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Calls in the ledger. */
  readonly calls: number;
  /** Highest call number entered. */
  readonly lastCall: number;
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
  const rows = await db
    .select({
      inputTokens: sql<string>`coalesce(sum(${usageTable.inputTokens} + ${usageTable.cacheReadTokens} + ${usageTable.cacheWrite5mTokens} + ${usageTable.cacheWrite1hTokens}), 0)`,
      outputTokens: sql<string>`coalesce(sum(${usageTable.outputTokens}), 0)`,
      calls: sql<string>`count(*)`,
      lastCall: sql<string>`coalesce(max(${usageTable.call}), 0)`,
      estimated: sql<boolean>`coalesce(bool_or(${usageTable.estimated}), false)`,
      unpriced: sql<boolean>`coalesce(bool_or(${usageTable.costNano} is null), false)`,
      cost: sql<string>`coalesce(sum(${usageTable.costNano}), 0)`,
    })
    .from(usageTable)
    .where(and(eq(usageTable.reply, reply), inArray(usageTable.call, [...calls])));
  const row = rows[0];
  return {
    inputTokens: Number(row?.inputTokens ?? 0),
    outputTokens: Number(row?.outputTokens ?? 0),
    calls: Number(row?.calls ?? 0),
    lastCall: Number(row?.lastCall ?? 0),
    estimated: row?.estimated ?? false,
    cost: row === undefined || row.unpriced ? null : BigInt(row.cost),
  };
}

/** Nano-dollars of an entry; one without a known price counts at the dearest. */
const countedCost = sql`coalesce(cost_nano,
  input_tokens::bigint * ${DEAREST.input} + cache_write_5m_tokens::bigint * ${DEAREST.write5m}
  + cache_write_1h_tokens::bigint * ${DEAREST.write1h} + cache_read_tokens::bigint * ${DEAREST.cacheRead}
  + output_tokens::bigint * ${DEAREST.output})`;

/** What was spent since two moments, by the workspace, in one channel and by one person of it. */
export interface Spent {
  readonly workspace: { readonly day: NanoDollars; readonly month: NanoDollars };
  readonly channel: { readonly day: NanoDollars; readonly month: NanoDollars };
  readonly person: { readonly day: NanoDollars; readonly month: NanoDollars };
}

export async function spentSince(
  db: Queryable,
  { team, channel, person }: { team: string; channel: string; person: string },
  { day, month }: { day: Date; month: Date },
): Promise<Spent> {
  const sum = (who: SQL, since: Date) =>
    sql`coalesce(sum(${countedCost}) filter (where ${who} and at >= ${since.toISOString()}::timestamptz), 0)::text`;
  const here = sql`channel = ${channel}`;
  const theirs = sql`person = ${person}`;
  const { rows } = await db.execute<Record<'td' | 'tm' | 'cd' | 'cm' | 'pd' | 'pm', string>>(sql`
    select ${sum(sql`true`, day)} as td, ${sum(sql`true`, month)} as tm, ${sum(here, day)} as cd,
      ${sum(here, month)} as cm, ${sum(theirs, day)} as pd, ${sum(theirs, month)} as pm
    from skein.usage where team = ${team} and at >= ${month.toISOString()}::timestamptz`);
  const row = rows[0];
  const money = (text: string | undefined) => BigInt(text ?? '0');
  return {
    workspace: { day: money(row?.td), month: money(row?.tm) },
    channel: { day: money(row?.cd), month: money(row?.cm) },
    person: { day: money(row?.pd), month: money(row?.pm) },
  };
}

export type UsageBy = 'person' | 'channel' | 'model' | 'day';

/** What one person, channel, model or day used. */
export interface UsageRow {
  /** Id, model, or day as YYYY-MM-DD (UTC). */
  readonly who: string;
  readonly replies: number;
  readonly calls: number;
  /** Cache reads and writes included. */
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Of the calls with a known price. */
  readonly cost: NanoDollars;
  /** Replies with calls of no known price. */
  readonly unpriced: number;
  readonly estimated: boolean;
}

/** Usage of a person, channel or workspace since a moment, grouped: the dearest first, days in order; at most 200. */
export async function usageBy(
  db: Queryable,
  of: {
    readonly team: string;
    readonly scope: 'person' | 'channel' | 'workspace';
    readonly scopeId: string;
    readonly since: Date;
  },
  by: UsageBy,
): Promise<UsageRow[]> {
  const group = {
    person: sql`person`,
    channel: sql`channel`,
    model: sql`model`,
    day: sql`to_char(at at time zone 'utc', 'YYYY-MM-DD')`,
  }[by];
  const whose = {
    workspace: sql`true`,
    channel: sql`channel = ${of.scopeId}`,
    person: sql`person = ${of.scopeId}`,
  }[of.scope];
  const { rows } = await db.execute<{
    who: string;
    replies: string;
    calls: string;
    input: string;
    output: string;
    cost: string;
    unpriced: string;
    estimated: boolean;
  }>(sql`
    select ${group} as who, count(distinct reply) as replies, count(*) as calls,
      sum(input_tokens::bigint + cache_read_tokens + cache_write_5m_tokens + cache_write_1h_tokens) as input,
      sum(output_tokens::bigint) as output, coalesce(sum(cost_nano), 0)::text as cost,
      count(distinct reply) filter (where cost_nano is null) as unpriced, bool_or(estimated) as estimated
    from skein.usage
    where team = ${of.team} and at >= ${of.since.toISOString()}::timestamptz and ${whose}
    group by 1 order by ${by === 'day' ? sql`1` : sql`sum(cost_nano) desc nulls last, 1`} limit 200`);
  return rows.map((row) => ({
    who: row.who,
    replies: Number(row.replies),
    calls: Number(row.calls),
    inputTokens: Number(row.input),
    outputTokens: Number(row.output),
    cost: BigInt(row.cost),
    unpriced: Number(row.unpriced),
    estimated: row.estimated,
  }));
}
