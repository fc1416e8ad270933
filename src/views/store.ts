import { sql } from 'drizzle-orm';
import type { Queryable } from '../postgres/database.ts';
import type { DaySpent } from './chart.ts';

/** A conversation that a person has a part in. */
interface RecentConversation {
  readonly channel: string;
  readonly threadTs: string;
  readonly direct: boolean;
  /** The person's first question there, readable; null: not read yet, or deleted. */
  readonly question: string | null;
  readonly at: Date;
}

/** What a person used on one day. */
interface DayUsed extends DaySpent {
  /** Answers with calls of no known price, which `cost` leaves out. */
  readonly unpriced: number;
  /** Tokens that Claude was given, and those of them that were read from the cache. */
  readonly prompt: number;
  readonly cached: number;
}

/** Days of a person's usage since a moment, UTC, oldest first. */
export async function daysOf(
  db: Queryable,
  { team, person }: { team: string; person: string },
  since: Date,
): Promise<DayUsed[]> {
  const { rows } = await db.execute<Omit<DayUsed, 'cost'> & { cost: string }>(sql`
    select to_char(at at time zone 'UTC', 'YYYY-MM-DD') as day,
      coalesce(sum(cost_nano), 0)::text as cost, count(distinct reply)::int as answers,
      (count(distinct reply) filter (where cost_nano is null))::int as unpriced,
      sum(input_tokens::bigint + cache_read_tokens + cache_write_5m_tokens + cache_write_1h_tokens)::float8 as prompt,
      sum(cache_read_tokens::bigint)::float8 as cached
    from skein.usage
    where team = ${team} and person = ${person} and at >= ${since.toISOString()}::timestamptz
    group by 1 order by 1`);
  return rows.map(({ cost, ...day }) => ({ ...day, cost: BigInt(cost) }));
}

/** A person's latest conversations since a moment, newest first. */
export async function recentConversations(
  db: Queryable,
  { team, person }: { team: string; person: string },
  since: Date,
  most: number,
): Promise<RecentConversation[]> {
  const { rows } = await db.execute<Omit<RecentConversation, 'at'> & { at: string }>(sql`
    select c.channel, c.thread_ts as "threadTs", c.kind = 'im' as direct, q.text as question, l.at
    from (
      select r.conversation, max(u.at) as at
      from skein.usage u join skein.replies r on r.id = u.reply
      where u.team = ${team} and u.person = ${person} and u.at >= ${since.toISOString()}::timestamptz
      group by r.conversation order by max(u.at) desc limit ${most}) l
    join skein.conversations c on c.id = l.conversation
    left join lateral (
      select m.text from skein.messages m
      where m.conversation = c.id and m.role = 'user' and m.speaker = ${person} and m.deleted_at is null
      order by m.id limit 1) q on true
    order by l.at desc`);
  return rows.map((row) => ({ ...row, at: new Date(row.at) }));
}

/** Whether the workspace has asked anything yet, and whether in a channel. */
export async function firstSteps(
  db: Queryable,
  team: string,
): Promise<{ readonly asked: boolean; readonly inChannel: boolean; readonly many: boolean }> {
  const { rows } = await db.execute<{ count: string; channels: string }>(sql`
    select count(*)::text as count, (count(*) filter (where kind <> 'im'))::text as channels
    from (select kind from skein.conversations where team = ${team} limit 50) c`);
  const count = Number(rows[0]?.count ?? 0);
  return { asked: count > 0, inChannel: Number(rows[0]?.channels ?? 0) > 0, many: count >= 10 };
}
