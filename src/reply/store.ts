import { and, eq, inArray, isNotNull, type SQL, sql } from 'drizzle-orm';
import { type ConversationKind, storable } from '../conversation/store.ts';
import { conversations, messages } from '../conversation/tables.ts';
import { fenced, heldRow, type LeaseToken, lockedWhileHeld, waking } from '../jobs/store.ts';
import type { Database, Queryable } from '../postgres/database.ts';
import { toolNotes } from '../words/tools.ts';
import { mailboxOf } from './job.ts';
import { isReplyState, type ReplyState } from './lifecycle.ts';
import { effortOf, type Snapshot, streamingOf } from './snapshot.ts';
import { replies, segments } from './tables.ts';
import { abandoning } from './tools/store.ts';
import { finishedContent, type LoggedBlock } from './write/logbook.ts';
import { joinedLog, keptBlocks, keptInstructions, loggedBlocks } from './write/store.ts';

/** Notification channels on which a stop and an edit of the question are told to whichever process writes the reply. */
export const STOP_CHANNEL = 'skein_stop';
export const EDITED_CHANNEL = 'skein_edited';

/** What became of the earlier part of a thread for an answer: it was too long, or Slack would not show it. */
const CONTEXT_NOTES = ['summarised', 'left_out', 'unread'] as const;
export type ContextNote = (typeof CONTEXT_NOTES)[number];

/** What is said under an answer about its tools. */
export type ToolNote = keyof typeof toolNotes;

/** A reply with all that its owner needs to go on, from the database alone. */
export interface StoredReply extends Snapshot {
  readonly id: string;
  readonly state: ReplyState;
  readonly conversation: number;
  readonly team: string;
  readonly channel: string;
  readonly threadTs: string;
  readonly kind: ConversationKind;
  readonly threadReadAt: Date | null;
  readonly question: number;
  readonly questionTs: string;
  readonly asker: string;
  readonly questionDeleted: boolean;
  /** The question was posted by an app, with a token of its own or of a person. */
  readonly byApp: boolean;
  /** The asker's own workspace, where Slack said so. */
  readonly askerTeam: string | null;
  /** All text received of this version. */
  readonly log: string;
  readonly stopReason: string | null;
  readonly stoppedBy: string | null;
  readonly errorCode: string | null;
  readonly calls: number;
  /** Number of the version that is shown or being written, and how many there are. */
  readonly version: number;
  readonly versions: number;
  /** Numbers of the calls that this version was made of. */
  readonly versionCalls: readonly number[];
  readonly callFrom: number | null;
  readonly callPrompt: number;
  /** What was not given to the model word by word; null: nothing. */
  readonly contextNote: ContextNote | null;
  readonly begunAt: Date;
  /** When a person last opened it again; not before `begunAt`'s moment. */
  readonly openedAt: Date;
  /** UTF-16 units of `log` that the last "Continue" found there. */
  readonly continuedAt: number;
  readonly changes: number;
  /** The blocks of this version, if it has any. */
  readonly blocks: readonly LoggedBlock[];
  /** What was said under an answer of this reply about its tools; null: nothing. */
  readonly toolNote: ToolNote | null;
  /** What it waits for outside (`waits/waits.ts`); null: for nothing. */
  readonly waitsFor: string | null;
  /** The question says something else than when this version was begun. */
  readonly outdated: boolean;
  /** Its messages in Slack when it was read, in order. */
  readonly segments: readonly StoredSegment[];
  /** Indexes of segments that are to be tidied although it is over (`tidy.ts`). */
  readonly leftovers: readonly number[];
  readonly createdAt: Date;
  readonly answeredAt: Date | null;
}

export async function loadReply(db: Queryable, id: string): Promise<StoredReply | null> {
  const rows = await db
    .select({
      reply: replies,
      instructions: sql<string>`${keptInstructions(sql`replies`)}`,
      team: conversations.team,
      channel: conversations.channel,
      threadTs: conversations.threadTs,
      kind: conversations.kind,
      threadReadAt: conversations.threadReadAt,
      questionTs: messages.slackTs,
      asker: messages.speaker,
      deletedAt: messages.deletedAt,
      // Compared by the database: a Date has milliseconds only.
      byApp: sql<boolean>`coalesce(starts_with(${messages.raw}, '{"app":true'), false)`,
      outdated: sql<boolean>`coalesce(${messages.editedAt} > ${replies.begunAt}, false)`,
      segments: sql<StoredSegment[]>`coalesce((
        select json_agg(json_build_object('index', s.index, 'ts', s.ts, 'streaming', s.streaming) order by s.index)
        from skein.segments s where s.reply = replies.id), '[]')`,
    })
    .from(replies)
    .innerJoin(conversations, eq(replies.conversation, conversations.id))
    .innerJoin(messages, eq(replies.question, messages.id))
    .where(eq(replies.id, id));
  const row = rows[0];
  if (row === undefined || !isReplyState(row.reply.state)) return null;
  const { reply, deletedAt, asker, kind, ...place } = row;
  const [log, blocks] = await Promise.all([
    joinedLog(db, { ...reply, state: row.reply.state }),
    reply.hasBlocks ? loggedBlocks(db, reply) : [],
  ]);
  return {
    ...reply,
    ...place,
    kind: kind as ConversationKind,
    streaming: streamingOf(reply.streaming),
    effort: effortOf(reply.effort),
    contextNote: CONTEXT_NOTES.find((note) => note === reply.contextNote) ?? null,
    state: row.reply.state,
    asker: asker ?? '',
    toolNote: reply.toolNote !== null && reply.toolNote in toolNotes ? (reply.toolNote as ToolNote) : null,
    log,
    blocks,
    questionDeleted: deletedAt !== null,
  };
}

const WAITS_NO_MORE = sql`waits_for = null, waits_since = null, waits_told = false`;

/** What it takes to estimate a call after a crash: the columns `call_from` and `call_prompt`. */
export type CallFacts = { readonly from: number | null; readonly prompt: number };

/** The statement that counts a call to the model before it is made, up to the end of its conditions. `only`: one more. */
export function beginningCall(
  lease: LeaseToken,
  id: string,
  { from, prompt }: CallFacts,
  only: SQL | null = null,
): SQL {
  return sql`
    update skein.replies set state = 'writing', call_from = ${from}::int, call_prompt = ${prompt},
      calls = calls + 1, version_calls = version_calls || (calls + 1), ${WAITS_NO_MORE}
    where id = ${id}::uuid and state in ('waiting', 'writing') and ${fenced(lease)}${only === null ? sql`` : sql` and ${only}`}`;
}

/** Counts a call and returns its number. Throws LeaseLost, also where `only` does not hold. */
export async function beginCall(
  db: Queryable,
  lease: LeaseToken,
  id: string,
  facts: CallFacts,
  only: SQL | null = null,
): Promise<number> {
  const beginning = beginningCall(lease, id, facts, only);
  return heldRow((await db.execute<{ calls: number }>(sql`${beginning} returning calls`)).rows, lease).calls;
}

export interface StoredSegment {
  readonly index: number;
  /** Null: it may or may not have been posted. */
  readonly ts: string | null;
  /** It is, or may be, a native stream that nobody has stopped. */
  readonly streaming: boolean;
}

/** Notes that a segment is about to be posted, or started as a native stream. Throws LeaseLost. */
export async function intendSegment(
  db: Queryable,
  lease: LeaseToken,
  id: string,
  index: number,
  streaming = false,
): Promise<void> {
  const { rows } = await db.execute(sql`
    insert into skein.segments as s (reply, index, streaming)
    select ${id}::uuid, ${index}::int, ${streaming} where ${fenced(lease)}
    on conflict (reply, index) do update set streaming = s.streaming or excluded.streaming returning index`);
  heldRow(rows, lease);
}

/** Notes where a segment was posted. Not fenced: a fact stays a fact, whoever learned it. */
export async function placeSegment(db: Queryable, id: string, index: number, ts: string): Promise<void> {
  await db
    .update(segments)
    .set({ ts })
    .where(and(eq(segments.reply, id), eq(segments.index, index)));
}

/** Notes that a segment is an ordinary message from now on. */
export async function streamStopped(db: Queryable, id: string, index: number): Promise<void> {
  await db
    .update(segments)
    .set({ streaming: false })
    .where(and(eq(segments.reply, id), eq(segments.index, index)));
}

/** How an answer ended. */
export interface AnswerEnd {
  readonly log: string;
  readonly stopReason: string;
  readonly stoppedBy: string | null;
  readonly errorCode: string | null;
  readonly requestId: string | null;
}

/**
 * **Commit 2**, in one statement: the answer is complete and paid for, and its text is the thread's history right
 * behind its question. `remembered`: whether that text is stored there (an empty one of a first version is not);
 * `inContext`: whether it and its question are sent to the model from now on. Throws LeaseLost.
 */
export async function commitAnswer(
  db: Queryable,
  lease: LeaseToken,
  reply: Pick<StoredReply, 'id' | 'conversation' | 'question' | 'questionTs'>,
  end: AnswerEnd,
  {
    remembered,
    inContext,
    logged = [],
  }: {
    remembered: boolean;
    inContext: boolean;
    /** What it consists of; absent: its text. */
    logged?: readonly LoggedBlock[];
  },
): Promise<void> {
  const text = storable(end.log);
  const blocks = logged.length === 0 ? null : JSON.stringify(finishedContent(logged, end.log));
  const { rows } = await db.execute<{ id: string }>(sql`
    with held as (${lockedWhileHeld(lease)}),
    said as (
      insert into skein.messages (conversation, slack_ts, role, text, blocks, in_context)
      select ${reply.conversation}::bigint, ${reply.questionTs}::text, 'assistant', ${text}::text, ${blocks}::text,
        ${inContext}::boolean
      from held where ${remembered}::boolean
      on conflict (conversation, slack_ts, role)
        do update set text = excluded.text, blocks = excluded.blocks, in_context = excluded.in_context),
    asked as (
      update skein.messages set in_context = ${inContext}::boolean
      where id = ${reply.question} and in_context <> ${inContext}::boolean and exists (select 1 from held)),
    ${logged.length === 0 ? sql`` : keptBlocks(reply.id, logged)}
    joined as (
      delete from skein.pieces where reply = ${reply.id} and exists (select 1 from held))
    update skein.replies
    set state = 'answered', answered_at = now(), log = ${end.log}, log_units = ${end.log.length},
      stop_reason = ${end.stopReason}, stopped_by = ${end.stoppedBy}, error_code = ${end.errorCode},
      request_id = ${end.requestId}, has_blocks = ${logged.length > 0}, ${WAITS_NO_MORE}
    where id = ${reply.id} and exists (select 1 from held)
    returning id`);
  heldRow(rows, lease);
}

/**
 * The version that is being written begins anew, because its question says something else now. Throws LeaseLost.
 */
export async function beginAnew(database: Database, lease: LeaseToken, id: string): Promise<void> {
  await database.transaction(async (tx) => {
    const rows = await tx
      .update(replies)
      .set({
        ...{
          log: '',
          logUnits: 0,
          continuedAt: 0,
          versionCalls: [],
          hasBlocks: false,
          toolNote: null,
          begunAt: sql`now()`,
        },
        // It may wait still, but what its message says is of the question before.
        waitsTold: false,
        // That the thread has a summary since then stays true.
        contextNote: sql`case when ${replies.contextNote} = 'summarised' then 'summarised' end`,
      })
      .where(and(eq(replies.id, id), inArray(replies.state, ['waiting', 'writing']), fenced(lease)))
      .returning({ id: replies.id });
    heldRow(rows, lease);
    await tx.execute(sql`delete from skein.pieces where reply = ${id}::uuid`);
    await tx.execute(sql`
      with abandoned as (${abandoning(id)})
      delete from skein.answer_blocks b using skein.replies r
      where r.id = ${id}::uuid and b.reply = r.id and b.version = r.version`);
  });
}

/**
 * Commit 3: what was to be shown is shown. With `changes`, the number of changes that the look was made after: if
 * there were more since then, it is not shown yet: the job that came with them shows the rest. `leftovers`: indexes of
 * segments that are to be tidied later. Throws LeaseLost.
 */
export async function markShown(
  db: Queryable,
  lease: LeaseToken,
  id: string,
  state: 'shown' | 'failed' | 'refused' | 'deleted',
  changes: number | null = null,
  leftovers: readonly number[] = [],
): Promise<void> {
  const last = sql`${changes}::int is null or ${replies.changes} = ${changes}::int`;
  const rows = await db
    .update(replies)
    .set({
      state: sql`case when ${last} then ${state} else ${replies.state} end`,
      shownAt: sql`case when ${last} then now() else ${replies.shownAt} end`,
      leftovers: [...leftovers],
    })
    .where(and(eq(replies.id, id), fenced(lease)))
    .returning({ id: replies.id });
  heldRow(rows, lease);
}

/** Wakes what waits for something outside, with a query of its conversations (a column `conversation`). */
export const wakingIn = (conversations: SQL) =>
  waking(sql`select ${mailboxOf('')}::text || conversation from (${conversations}) c`);

/**
 * A person wants the reply to end. Kept in the row, for an owner that starts later, and told to the owner
 * that writes now; one that waits is woken. False if the reply is over or unknown.
 */
export async function requestStop(db: Queryable, id: string, by: string): Promise<boolean> {
  const { rows } = await db.execute(sql`
    with stopped as (
      update skein.replies set stopped_by = ${by}
      where id = ${id}::uuid and state in ('waiting', 'writing') and stopped_by is null returning id, conversation),
    woken as (${wakingIn(sql`select conversation from stopped`)})
    select pg_notify(${STOP_CHANNEL}, id::text) from stopped`);
  return rows.length > 0;
}

/** The question is gone: whatever is being written for it ends, as if its asker had pressed Stop. */
export async function stopAnswering(db: Queryable, question: number): Promise<void> {
  await db.execute(sql`
    with stopped as (
      update skein.replies r set stopped_by = m.speaker from skein.messages m
      where r.question = ${question} and m.id = r.question
        and r.state in ('waiting', 'writing') and r.stopped_by is null returning r.id, r.conversation),
    woken as (${wakingIn(sql`select conversation from stopped`)})
    select pg_notify(${STOP_CHANNEL}, id::text) from stopped`);
}

/** Those of the replies that somebody asked to stop: after a gap in which the telling may have been missed. */
export async function stopsAmong(db: Queryable, ids: readonly string[]): Promise<string[]> {
  if (ids.length === 0) return [];
  const rows = await db
    .select({ id: replies.id })
    .from(replies)
    .where(and(inArray(replies.id, [...ids]), isNotNull(replies.stoppedBy)));
  return rows.map((row) => row.id);
}

/** Who asked for a stop, or null. */
export async function stopRequested(db: Queryable, id: string): Promise<string | null> {
  const rows = await db.select({ by: replies.stoppedBy }).from(replies).where(eq(replies.id, id));
  return rows[0]?.by ?? null;
}

/** Those of the replies whose question was edited since they were begun: after a gap, as `stopsAmong`. */
export async function outdatedAmong(db: Queryable, ids: readonly string[]): Promise<string[]> {
  if (ids.length === 0) return [];
  const rows = await db
    .select({ id: replies.id })
    .from(replies)
    .innerJoin(messages, eq(replies.question, messages.id))
    .where(and(inArray(replies.id, [...ids]), sql`${messages.editedAt} > ${replies.begunAt}`));
  return rows.map((row) => row.id);
}

/**
 * Replies without an end of which every job has been done for `seconds`, with the number of those jobs; at most
 * 50, and none that has had `mostJobs` since a person last opened it.
 */
export async function unfinishedWithoutJob(
  db: Queryable,
  seconds: number,
  mostJobs: number,
): Promise<{ reply: string; conversation: number; questionTs: string; jobs: number }[]> {
  const { rows } = await db.execute<{
    reply: string;
    conversation: string;
    questionTs: string;
    jobs: number;
  }>(sql`
    select r.id as reply, r.conversation, m.slack_ts as "questionTs", count(*)::int as jobs
    from skein.replies r
    join skein.messages m on m.id = r.question
    join skein.jobs j on j.mailbox = 'conversation:' || r.conversation
      and j.subject = r.id::text
    where r.state in ('waiting', 'writing', 'answered', 'removing')
    group by r.id, r.conversation, m.slack_ts
    having bool_and(coalesce(j.done_at < now() - ${seconds} * interval '1 second', false))
      and count(*) filter (where j.at >= r.opened_at) < ${mostJobs}
    limit 50`);
  return rows.map((row) => ({ ...row, conversation: Number(row.conversation) }));
}
