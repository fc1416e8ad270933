import { sql } from 'drizzle-orm';
import type { Queryable } from '../postgres/database.ts';

/**
 * Notes that the person is told today that they may not ask in this channel; false if they were told before.
 * `day` is UTC, YYYY-MM-DD; rows of earlier days go with it.
 */
export async function firstRefusal(
  db: Queryable,
  { team, channel, person, day }: { team: string; channel: string; person: string; day: string },
): Promise<boolean> {
  const { rows } = await db.execute(sql`
    with old as (delete from skein.refusals where day < ${day}::date)
    insert into skein.refusals (team, channel, person, day) values (${team}, ${channel}, ${person}, ${day}::date)
    on conflict do nothing returning person`);
  return rows.length > 0;
}

/** Longer than an hour by the time that a delivery may be late. */
const LATE_SECONDS = 2 * 3600;

/**
 * How much a bot asks: its questions of the last hour in the channel (`most` and one, at most), and how many of the newest
 * questions of the thread, up to this one, are of `bots`, without one of anybody else between (ten at most). What was said
 * in the channel within the hour is found by the marks of what was taken, step by step: Postgres, left to itself, reads all
 * that was ever asked there.
 */
export async function askedByBots(
  db: Queryable,
  at: {
    team: string;
    channel: string;
    conversation: number;
    questionTs: string;
    asker: string;
    bots: readonly string[];
  },
  most: number,
): Promise<{ inHour: number; inRow: number }> {
  const { rows } = await db.execute<{ in_hour: number; newest: (string | null)[] | null }>(sql`
    with lately as materialized (
      select ts from skein.seen where team = ${at.team} and channel = ${at.channel}
        and ts > (extract(epoch from now())::bigint - ${LATE_SECONDS}::int)::text)
    select
      (select count(*)::int from (
        select from lately s
        cross join lateral (
          select m.id, m.conversation from skein.messages m
          where m.slack_ts = s.ts and m.role = 'user' and m.speaker = ${at.asker} offset 0) m
        join skein.conversations c on c.id = m.conversation and c.team = ${at.team} and c.channel = ${at.channel}
        join skein.replies r on r.question = m.id and r.created_at > now() - interval '1 hour'
        limit ${most + 1}) q) as in_hour,
      (select array_agg(speaker order by slack_ts desc) from (
        select m.speaker, m.slack_ts from skein.messages m
        where m.conversation = ${at.conversation} and m.role = 'user' and m.slack_ts <= ${at.questionTs}
          and exists (select from skein.replies r where r.question = m.id)
        order by m.slack_ts desc limit 10) n) as newest`);
  const newest = rows[0]?.newest ?? [];
  const other = newest.findIndex((speaker) => speaker === null || !at.bots.includes(speaker));
  return { inHour: rows[0]?.in_hour ?? 0, inRow: other < 0 ? newest.length : other };
}
