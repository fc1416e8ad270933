import { asc, eq, sql } from 'drizzle-orm';
import { fenced, type LeaseToken } from '../../jobs/store.ts';
import type { Queryable } from '../../postgres/database.ts';
import type { StoredSegment } from '../store.ts';
import { segments } from '../tables.ts';

export async function loadSegments(db: Queryable, id: string): Promise<StoredSegment[]> {
  return db
    .select({ index: segments.index, ts: segments.ts, streaming: segments.streaming })
    .from(segments)
    .where(eq(segments.reply, id))
    .orderBy(asc(segments.index));
}

/** Notes that the asker is about to be pinged; false if that was noted before. */
export async function markPinged(db: Queryable, id: string): Promise<boolean> {
  const { rows } = await db.execute(sql`
    update skein.replies set pinged_at = now() where id = ${id}::uuid and pinged_at is null returning id`);
  return rows.length > 0;
}

/** Notes which segments of a reply that is over are to be tidied still. Does nothing if the lease is lost. */
export async function noteLeftovers(
  db: Queryable,
  lease: LeaseToken,
  id: string,
  leftovers: readonly number[],
): Promise<void> {
  await db.execute(sql`
    update skein.replies set leftovers = ${sql.param([...leftovers])}::int[]
    where id = ${id}::uuid and state in ('shown', 'failed') and ${fenced(lease)}`);
}

/** A reply that is over and has something to be tidied. */
interface Untidy {
  readonly reply: string;
  readonly conversation: number;
  readonly team: string;
  readonly questionTs: string;
  /** Of this try: the same for all processes, until it is time for the next one. */
  readonly cause: string;
}

/** An end that is older is left as it is; of those that ended since then so many are looked at. */
const TIDIED_WITHIN = sql`interval '1 day'`;
const LOOKED_AT = 1000;
/** A reply is tried again when it is older by this factor since its end: some 60 times in a day. */
const AGAIN_AT = 1.2;

/** Replies that are over, are not being tidied and have leftovers, for which it is time: of each workspace the oldest `most`. */
export async function untidyReplies(db: Queryable, most: number): Promise<Untidy[]> {
  const { rows } = await db.execute<Omit<Untidy, 'conversation'> & { conversation: string }>(sql`
    with left_over as (
      select id, conversation, question, state, shown_at,
        format('tidy:%s:%s:%s', id, extract(epoch from shown_at),
          floor(ln(greatest(1, extract(epoch from now() - shown_at))) / ln(${AGAIN_AT}::numeric))) as cause
      from skein.replies where leftovers <> '{}' and shown_at > now() - ${TIDIED_WITHIN}
      order by shown_at limit ${LOOKED_AT}),
    ranked as (
      select r.id, r.conversation, c.team, m.slack_ts, r.cause,
        row_number() over (partition by c.team order by r.shown_at) as turn
      from left_over r
      join skein.conversations c on c.id = r.conversation
      join skein.messages m on m.id = r.question
      where r.state in ('shown', 'failed')
        and not exists (select from skein.jobs j where j.cause = r.cause)
        and not exists (select from skein.jobs j
          where j.mailbox = 'conversation:' || r.conversation and j.done_at is null and j.subject = r.id::text))
    select id as reply, conversation, team, slack_ts as "questionTs", cause from ranked where turn <= ${most}`);
  return rows.map((row) => ({ ...row, conversation: Number(row.conversation) }));
}
