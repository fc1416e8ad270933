import { type SQL, sql } from 'drizzle-orm';
import { fenced, LeaseLost, type LeaseToken } from '../../jobs/store.ts';
import type { Queryable } from '../../postgres/database.ts';
import { INSTEAD } from '../../words/tools-cards.ts';
import { wakingIn } from '../store.ts';
import { type CardFacts, DECIDED_WITHIN_MS } from './look.ts';

/** Of the two messages of a call: the one in the thread, or the private one that shows its result. */
export type Which = 'card' | 'share';

/** A message of a call: whether it was or may have been posted, where, and what it shows. */
interface Standing {
  readonly intended: boolean;
  readonly ts: string | null;
  readonly shown: string | null;
}

/** A call with all that its cards and a press on them need. */
export interface CardCall extends CardFacts {
  readonly reply: string;
  readonly team: string;
  readonly threadTs: string;
  readonly conversation: number;
  /** The asker's own workspace, where Slack said so. */
  readonly askerTeam: string | null;
  readonly questionTs: string;
  readonly card: Standing;
  readonly share: Standing;
  /** Its answer is being written, in the version that the call is of, and goes on once somebody has decided. */
  readonly live: boolean;
  /** The time in which it, and what it gave, may be decided about is over. */
  readonly late: boolean;
}

const WITHIN = sql.raw(`interval '${DECIDED_WITHIN_MS / 1000} seconds'`);

/** An answer `r` with its question `m` and a call `t` of it: nobody replaced or ended it, or had it begun anew. */
const LIVE = sql`(r.state in ('waiting', 'writing') and r.version = t.version and r.stopped_by is null
  and t.created_at >= r.begun_at
  and m.deleted_at is null and m.erased_at is null and coalesce(m.edited_at <= r.begun_at, true))`;

async function select(db: Queryable, which: SQL): Promise<CardCall[]> {
  type Row = Omit<CardCall, 'conversation' | 'createdAt'> & { conversation: string; createdAt: string };
  const { rows } = await db.execute<Row>(sql`
    select t.id, t.reply, t.team, t.server, t.tool, t.title, t.input, t.reads, t.account, t.person, t.state,
      t.decided_by as "decidedBy", t.result, t.sharing, t.created_at as "createdAt",
      json_build_object('intended', t.card_intent is not null, 'ts', t.card_ts, 'shown', t.card_shown) as card,
      json_build_object('intended', t.share_intent is not null, 'ts', t.share_ts, 'shown', t.share_shown) as share,
      c.channel, c.thread_ts as "threadTs", c.kind = 'im' as direct, c.id as conversation,
      r.asker_team as "askerTeam", m.slack_ts as "questionTs",
      exists (select from skein.tool_grants g where g.conversation = c.id and g.server = t.server and g.tool = t.tool
        and g.person = t.person) as granted,
      ${LIVE} as live, t.created_at < now() - ${WITHIN} as late
    from skein.tool_calls t join skein.replies r on r.id = t.reply
    join skein.messages m on m.id = r.question join skein.conversations c on c.id = r.conversation
    where ${which} order by t.created_at, t.use`);
  return rows.map(({ conversation, createdAt, ...call }) => ({
    ...call,
    conversation: Number(conversation),
    createdAt: new Date(createdAt),
  }));
}

/** The calls of these ids, in the order in which they were made. */
export function loadCalls(db: Queryable, ids: readonly string[]): Promise<CardCall[]> {
  return select(db, sql`t.id = any(${sql.param(ids)}::uuid[])`);
}

/** A call of this workspace; null: there is none. */
export async function loadCall(db: Queryable, team: string, id: string): Promise<CardCall | null> {
  return (await select(db, sql`t.id = ${id}::uuid and t.team = ${team}`))[0] ?? null;
}

/** All calls of a reply that have, or may have, a message in Slack. */
export function callsWithCards(db: Queryable, reply: string): Promise<CardCall[]> {
  return select(
    db,
    sql`t.reply = ${reply}::uuid and (t.card_intent is not null or t.share_intent is not null)`,
  );
}

/** The call whose card in a thread a message is; null: it is none. */
export async function callOfCard(
  db: Queryable,
  at: { readonly team: string; readonly channel: string; readonly threadTs: string; readonly ts: string },
): Promise<CardCall | null> {
  const found = await select(
    db,
    sql`c.team = ${at.team} and c.channel = ${at.channel} and c.thread_ts = ${at.threadTs} and t.card_ts = ${at.ts}`,
  );
  return found[0] ?? null;
}

const COLUMNS = {
  card: { intent: sql`card_intent`, ts: sql`card_ts`, shown: sql`card_shown` },
  share: { intent: sql`share_intent`, ts: sql`share_ts`, shown: sql`share_shown` },
} as const;

/** Notes that a message is about to be posted. Throws LeaseLost. */
export async function intendCard(db: Queryable, lease: LeaseToken, id: string, which: Which): Promise<void> {
  const { intent } = COLUMNS[which];
  const { rowCount } = await db.execute(sql`
    update skein.tool_calls set ${intent} = coalesce(${intent}, now())
    where id = ${id}::uuid and ${fenced(lease)}`);
  if (rowCount === 0) throw new LeaseLost(lease);
}

/** Notes where a message stands. Not fenced: a fact stays a fact, whoever learned it. */
export async function placeCard(db: Queryable, id: string, which: Which, ts: string): Promise<void> {
  const { ts: column } = COLUMNS[which];
  await db.execute(sql`update skein.tool_calls set ${column} = ${ts} where id = ${id}::uuid`);
}

/** Notes what a message shows now. Not fenced, as above: whoever owns it now compares it with what is. */
export async function noteShown(db: Queryable, id: string, which: Which, shown: string): Promise<void> {
  const { shown: column } = COLUMNS[which];
  await db.execute(sql`update skein.tool_calls set ${column} = ${shown} where id = ${id}::uuid`);
}

/** How a call was decided about. */
type Decision = 'approved' | 'denied' | 'expired';

/** Locks the question of a call and then its reply, in the order of everything that writes both. */
export async function lockReplyOf(tx: Queryable, call: string): Promise<void> {
  await tx.execute(sql`
    select from skein.messages m join skein.replies r on r.question = m.id join skein.tool_calls t on t.reply = r.id
    where t.id = ${call}::uuid for update of m`);
  await tx.execute(sql`
    select from skein.replies r where r.id = (select reply from skein.tool_calls where id = ${call}::uuid) for update`);
}

/**
 * Decides about a call that is proposed, once: false if it is not any more. What is approved has to be of an answer that is
 * being written, and in time; the reply is locked. `by`: Slack user id, null: nobody; then `why` is what the model is told.
 */
export async function decide(
  tx: Queryable,
  id: string,
  to: Decision,
  by: string | null,
  why: keyof typeof INSTEAD | null = null,
): Promise<boolean> {
  const told = why === null ? null : JSON.stringify([{ type: 'text', text: INSTEAD[why] }]);
  const { rowCount } = await tx.execute(sql`
    update skein.tool_calls t set state = ${to}, decided_by = ${by}, decided_at = now(), result = ${told}
    from skein.replies r join skein.messages m on m.id = r.question
    where t.id = ${id}::uuid and r.id = t.reply and t.state = 'proposed'
      and (${to}::text <> 'approved' or (${LIVE} and t.created_at >= now() - ${WITHIN}))`);
  return (rowCount ?? 0) > 0;
}

/**
 * Decides about a result that is withheld, once; one that is kept is dropped. `released` has to be of an answer that is being
 * written, and in time.
 */
export async function decideSharing(tx: Queryable, id: string, to: 'released' | 'kept'): Promise<boolean> {
  const { rowCount } = await tx.execute(sql`
    update skein.tool_calls t set sharing = ${to}, result = case when ${to}::text = 'kept' then null else t.result end
    from skein.replies r join skein.messages m on m.id = r.question
    where t.id = ${id}::uuid and r.id = t.reply and t.sharing = 'withheld'
      and (${to}::text <> 'released' or (${LIVE} and t.created_at >= now() - ${WITHIN}))`);
  return (rowCount ?? 0) > 0;
}

/** A tool that needs no further word of a person in one conversation. */
export interface Grant {
  readonly server: string;
  readonly tool: string;
  /** Slack user id. */
  readonly person: string;
}

/** One thread of a workspace. */
interface Thread {
  readonly team: string;
  readonly channel: string;
  readonly threadTs: string;
}

const conversationOf = ({ team, channel, threadTs }: Thread): SQL => sql`
  select c.id from skein.conversations c
  where c.team = ${team} and c.channel = ${channel} and c.thread_ts = ${threadTs}`;

/** What people allowed for all of a thread, oldest first. */
export async function grantsIn(db: Queryable, thread: Thread): Promise<readonly Grant[]> {
  const { rows } = await db.execute<Record<keyof Grant, string>>(sql`
    select g.server, g.tool, g.person from skein.tool_grants g
    where g.conversation = (${conversationOf(thread)}) order by g.granted_at, g.server, g.tool, g.person`);
  return rows.map(({ server, tool, person }) => ({ server, tool, person }));
}

/** "Always for this thread": of this call's tool, for the one who asked. */
export async function grant(tx: Queryable, { conversation, server, tool, person }: CardCall): Promise<void> {
  await tx.execute(sql`
    insert into skein.tool_grants (conversation, server, tool, person)
    values (${conversation}, ${server}, ${tool}, ${person}) on conflict do nothing`);
}

/** Takes that back, and has the cards that tell of it drawn anew; false: there was nothing to take back. */
export async function revoke(
  tx: Queryable,
  { conversation, server, tool, person }: CardCall,
): Promise<boolean> {
  const gone = await revokeWhere(
    tx,
    sql`g.conversation = ${conversation} and g.server = ${server} and g.tool = ${tool} and g.person = ${person}`,
  );
  return gone > 0;
}

/** Takes back all that a person allowed in a thread, and has the cards that tell of it drawn anew; how much that was. */
export async function revokeAllOf(
  tx: Queryable,
  { person, ...thread }: Thread & { readonly person: string },
): Promise<number> {
  return revokeWhere(tx, sql`g.conversation = (${conversationOf(thread)}) and g.person = ${person}`);
}

/** The task that looks after calls draws the cards. */
async function revokeWhere(tx: Queryable, which: SQL): Promise<number> {
  const { rows } = await tx.execute<{ count: string }>(sql`
    with gone as (delete from skein.tool_grants g where ${which} returning conversation, server, tool, person),
    drawn as (
      update skein.tool_calls t set card_shown = null, share_shown = null
      from gone g join skein.replies r on r.conversation = g.conversation
      where t.reply = r.id and t.server = g.server and t.tool = g.tool and t.person = g.person
        and (t.card_intent is not null or t.share_intent is not null))
    select count(*) from gone`);
  return Number(rows[0]?.count ?? 0);
}

/** Whatever of a reply is still to be decided about lapses, and what was withheld is kept. */
export async function expireOf(db: Queryable, reply: string): Promise<void> {
  await expire(db, sql`t.reply = ${reply}::uuid`);
}

/**
 * The same for all whose answer is over or replaced; returns how many lapsed. Answers that are being written look after
 * their own calls: one that waits ends its wait.
 */
export async function expireOver(db: Queryable): Promise<number> {
  return expire(
    db,
    sql`(r.state not in ('waiting', 'writing') or r.version <> t.version or t.created_at < r.begun_at)`,
  );
}

async function expire(db: Queryable, which: SQL): Promise<number> {
  const { rowCount } = await db.execute(sql`
    update skein.tool_calls t set state = case t.state when 'proposed' then 'expired' else t.state end,
      sharing = case t.sharing when 'withheld' then 'kept' else t.sharing end,
      result = case t.sharing when 'withheld' then null else t.result end
    from skein.replies r
    where r.id = t.reply and (t.state = 'proposed' or t.sharing = 'withheld') and ${which}`);
  return rowCount ?? 0;
}

/** Replies of this week that are over and of which a card shows something else than what is; at most `most`. */
export async function staleReplies(
  db: Queryable,
  most: number,
): Promise<
  readonly { readonly reply: string; readonly conversation: number; readonly questionTs: string }[]
> {
  const { rows } = await db.execute<{ reply: string; conversation: string; questionTs: string }>(sql`
    select distinct t.reply, r.conversation, m.slack_ts as "questionTs"
    from (
      -- The newest of them first: by that order Postgres finds the few that there are, whatever it takes for stale.
      select reply from skein.tool_calls
      where ((card_intent is not null and card_shown is distinct from state)
          or (share_intent is not null and share_shown is distinct from sharing))
        and created_at > now() - interval '1 week'
      order by created_at desc limit ${10 * most}) t
    join skein.replies r on r.id = t.reply join skein.messages m on m.id = r.question
    where r.state in ('shown', 'failed', 'refused')
    limit ${most}`);
  return rows.map((row) => ({ ...row, conversation: Number(row.conversation) }));
}

/** Wakes the answer that waits for a call. */
export async function wakeFor(
  tx: Queryable,
  { conversation }: Pick<CardCall, 'conversation'>,
): Promise<void> {
  await tx.execute(wakingIn(sql`select ${conversation}::bigint as conversation`));
}

/** The messages of a reply's calls are gone, and so are the words of the calls. */
export async function dropCards(db: Queryable, lease: LeaseToken, reply: string): Promise<void> {
  await db.execute(sql`
    update skein.tool_calls set card_intent = null, card_ts = null, card_shown = null,
      share_intent = null, share_ts = null, share_shown = null, input = '{}', result = null
    where reply = ${reply}::uuid and ${fenced(lease)}`);
}
