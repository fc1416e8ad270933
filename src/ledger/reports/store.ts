import { type SQL, sql } from 'drizzle-orm';
import type { Queryable } from '../../postgres/database.ts';
import type { NanoDollars } from '../cost.ts';
import { dayOf } from '../periods.ts';
import { WEB_SEARCH } from '../prices.ts';

/** Whose usage is told, and since when. */
export interface UsageOf {
  readonly team: string;
  readonly scope: 'person' | 'channel' | 'workspace';
  readonly scopeId: string;
  readonly since: Date;
}

/** What is billed beside the tokens. */
type Tool = 'web_search';

export type UsageBy = 'person' | 'channel' | 'model' | 'day';

/** What one person, channel, model or day used. */
export interface UsageRow {
  /** Id, model, or day as YYYY-MM-DD (UTC). */
  readonly who: string;
  readonly replies: number;
  readonly calls: number;
  /** Cache reads and writes included. */
  readonly inputTokens: number;
  /** Those of them that were read from the cache. */
  readonly cachedTokens: number;
  readonly outputTokens: number;
  readonly webSearches: number;
  /** Of the calls with a known price. */
  readonly cost: NanoDollars;
  /** Replies with calls of no known price. */
  readonly unpriced: number;
  readonly estimated: boolean;
}

/** Usage of a person, channel or workspace since a moment, grouped: the dearest first, days in order; at most 200. */
export async function usageBy(db: Queryable, of: UsageOf, by: UsageBy): Promise<UsageRow[]> {
  const group = {
    person: sql`person`,
    channel: sql`channel`,
    model: sql`model`,
    day: sql`to_char(at at time zone 'utc', 'YYYY-MM-DD')`,
  }[by];
  const { rows } = await db.execute<UsageSums & { who: string }>(sql`
    select ${group} as who, ${SUMS} from skein.usage where ${entriesOf(of)}
    group by 1 order by ${by === 'day' ? sql`1` : sql`sum(cost_nano) desc nulls last, 1`} limit 200`);
  return rows.map(withCost);
}

/** What one tool was used and what it cost by itself: the tokens of what it found are those of the model. */
interface ToolUsed {
  readonly tool: Tool;
  /** Replies that used it. */
  readonly replies: number;
  /** How often it was used. */
  readonly uses: number;
  /** Of the calls with a known price. */
  readonly cost: NanoDollars;
  readonly estimated: boolean;
}

/** Usage of tools of a person, channel or workspace since a moment, the dearest first; none that was not used. */
export async function toolsUsed(db: Queryable, of: UsageOf): Promise<ToolUsed[]> {
  const { rows } = await db.execute<Omit<ToolUsed, 'tool' | 'cost'> & { priced: string }>(sql`
    select count(distinct reply)::int as replies, coalesce(sum(web_searches::bigint), 0)::float8 as uses,
      coalesce(sum(web_searches::bigint) filter (where cost_nano is not null), 0) as priced,
      coalesce(bool_or(estimated), false) as estimated
    from skein.usage where ${entriesOf(of)} and web_searches > 0`);
  return rows.flatMap(({ priced, ...used }) =>
    used.uses === 0 ? [] : [{ tool: 'web_search', ...used, cost: BigInt(priced) * BigInt(WEB_SEARCH) }],
  );
}

/**
 * The dearest people or channels of a workspace since a day (UTC), from the counters that budgets look at: calls without a
 * known price at the dearest. At most `most`.
 */
export async function dearest(
  db: Queryable,
  { team, scope, since }: Pick<UsageOf, 'team' | 'since'> & { readonly scope: 'person' | 'channel' },
  most: number,
): Promise<{ readonly who: string; readonly cost: NanoDollars }[]> {
  const { rows } = await db.execute<{ who: string; cost: string }>(sql`
    select scope_id as who, sum(cost_nano)::text as cost from skein.spent
    where team = ${team} and scope = ${scope} and day >= ${dayOf(since)}::date
    group by 1 having sum(cost_nano) > 0 order by sum(cost_nano) desc, 1 limit ${most}`);
  return rows.map(({ who, cost }) => ({ who, cost: BigInt(cost) }));
}

/** Usage of one day, person, channel and model together: a line of a file. */
export interface UsageLine extends Omit<UsageRow, 'who'> {
  /** YYYY-MM-DD, UTC. */
  readonly day: string;
  readonly person: string;
  readonly channel: string;
  readonly model: string;
}

/** All lines since a moment, the latest day first, the dearest of a day first; at most `most`. */
export async function usageLines(db: Queryable, of: UsageOf, most: number): Promise<UsageLine[]> {
  const { rows } = await db.execute<
    UsageSums & { day: string; person: string; channel: string; model: string }
  >(sql`
    select to_char(at at time zone 'utc', 'YYYY-MM-DD') as day, person, channel, model, ${SUMS}
    from skein.usage where ${entriesOf(of)}
    group by 1, 2, 3, 4 order by 1 desc, sum(cost_nano) desc nulls last, 2, 3, 4 limit ${most}`);
  return rows.map(withCost);
}

function entriesOf({ team, scope, scopeId, since }: UsageOf): SQL {
  const whose = {
    workspace: sql`true`,
    channel: sql`channel = ${scopeId}`,
    person: sql`person = ${scopeId}`,
  }[scope];
  return sql`team = ${team} and at >= ${since.toISOString()}::timestamptz and ${whose}`;
}

type UsageSums = Omit<UsageRow, 'who' | 'cost'> & { cost: string };

const SUMS = sql`count(distinct reply)::int as replies, count(*)::int as calls,
  sum(input_tokens::bigint + cache_read_tokens + cache_write_5m_tokens + cache_write_1h_tokens)::float8 as "inputTokens",
  sum(cache_read_tokens::bigint)::float8 as "cachedTokens", sum(output_tokens::bigint)::float8 as "outputTokens",
  sum(web_searches::bigint)::float8 as "webSearches", coalesce(sum(cost_nano), 0)::text as cost,
  (count(distinct reply) filter (where cost_nano is null))::int as unpriced, bool_or(estimated) as estimated`;

function withCost<Row extends UsageSums>(row: Row) {
  return { ...row, cost: BigInt(row.cost) };
}
