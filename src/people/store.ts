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

/**
 * How much a bot asks: its questions of the last hour in the channel, and how many of the newest questions of the thread,
 * up to this one, are of `bots`, without one of anybody else between (ten at most).
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
): Promise<{ inHour: number; inRow: number }> {
  const { rows } = await db.execute<{ in_hour: number; newest: (string | null)[] | null }>(sql`
    select
      (select count(*)::int from skein.conversations c join skein.replies r on r.conversation = c.id
        join skein.messages m on m.id = r.question
        where c.team = ${at.team} and c.channel = ${at.channel} and m.speaker = ${at.asker}
          and r.created_at > now() - interval '1 hour') as in_hour,
      (select array_agg(speaker order by slack_ts collate "C" desc) from (
        select m.speaker, m.slack_ts from skein.replies r join skein.messages m on m.id = r.question
        where r.conversation = ${at.conversation} and m.slack_ts collate "C" <= ${at.questionTs}
        order by m.slack_ts collate "C" desc limit 10) n) as newest`);
  const newest = rows[0]?.newest ?? [];
  const other = newest.findIndex((speaker) => speaker === null || !at.bots.includes(speaker));
  return { inHour: rows[0]?.in_hour ?? 0, inRow: other < 0 ? newest.length : other };
}
