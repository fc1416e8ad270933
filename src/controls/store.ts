import { sql } from 'drizzle-orm';
import { deleteAnswer, saveAnswer, setInContext } from '../conversation/store.ts';
import type { Queryable } from '../postgres/database.ts';
import type { Verdict } from '../reply/actions.ts';
import { isReplyState } from '../reply/lifecycle.ts';
import { staysInContext } from '../reply/show/ending.ts';
import type { Snapshot } from '../reply/snapshot.ts';
import { EDITED_CHANNEL, wakingIn } from '../reply/store.ts';
import { finishedContent } from '../reply/write/logbook.ts';
import { instructionsHash, keptInstructions, loggedBlocks } from '../reply/write/store.ts';
import type { PressFacts } from './rules.ts';

/** A reply that somebody pressed a button of. */
export interface PressedReply extends PressFacts {
  readonly id: string;
  readonly conversation: number;
  readonly question: number;
  readonly questionTs: string;
  readonly team: string;
  readonly channel: string;
  readonly threadTs: string;
  /** Slack user id. */
  readonly asker: string;
  /** The asker's own workspace, where Slack said so. */
  readonly askerTeam: string | null;
  /** In a direct message. */
  readonly direct: boolean;
  readonly errorCode: string | null;
  /** When the answer, or its failure, was there; null: it is not yet. */
  readonly answeredAt: Date | null;
}

/** The one who presses: workspace and Slack user id. */
interface By {
  readonly team: string;
  readonly by: string;
}

/** Locks the question and then the reply, in the order of everything that writes both; else as `loadPressed`. */
export async function lockPressed(tx: Queryable, id: string, who: By): Promise<PressedReply | null> {
  await tx.execute(sql`
    select from skein.messages m join skein.replies r on r.question = m.id
    where r.id = ${id}::uuid for update of m`);
  await tx.execute(sql`select from skein.replies where id = ${id}::uuid for update`);
  return loadPressed(tx, id, who);
}

/** The reply as it is now; null if there is none in this workspace. */
export async function loadPressed(
  db: Queryable,
  id: string,
  { team: from, by }: By,
): Promise<PressedReply | null> {
  type Row = Omit<PressedReply, 'state' | 'isAsker' | 'conversation' | 'question' | 'answeredAt'> & {
    state: string;
    conversation: string;
    question: string;
    answeredAt: string | null;
  };
  const { rows } = await db.execute<Row>(sql`
    select r.id, r.state, r.stop_reason as "stopReason", r.error_code as "errorCode", r.error_code is not null as failed,
      r.answered_at as "answeredAt", r.version, r.versions, r.changes, r.conversation, r.question,
      r.asker_team as "askerTeam", m.deleted_at is not null as "questionDeleted", m.erased_at is not null as erased,
      coalesce(m.speaker, '') as asker, m.slack_ts as "questionTs", c.team, c.channel, c.thread_ts as "threadTs",
      c.kind = 'im' as direct,
      exists (select from skein.messages said where said.conversation = r.conversation
        and said.role = 'user' and said.speaker = ${by}) as "hasWritten"
    from skein.replies r join skein.messages m on m.id = r.question
    join skein.conversations c on c.id = r.conversation
    where r.id = ${id}::uuid and c.team = ${from}`);
  const row = rows[0];
  if (row === undefined) return null;
  const { state, answeredAt } = row;
  if (!isReplyState(state)) return null;
  return {
    ...row,
    state,
    isAsker: row.asker === by,
    conversation: Number(row.conversation),
    question: Number(row.question),
    answeredAt: answeredAt === null ? null : new Date(answeredAt),
  };
}

/** The reply that a message of ours in a thread is a part of; null: none. */
export async function replyOfSegment(
  db: Queryable,
  at: { readonly team: string; readonly channel: string; readonly threadTs: string; readonly ts: string },
): Promise<string | null> {
  const { rows } = await db.execute<{ id: string }>(sql`
    select r.id from skein.conversations c join skein.replies r on r.conversation = c.id
    join skein.segments s on s.reply = r.id
    where c.team = ${at.team} and c.channel = ${at.channel} and c.thread_ts = ${at.threadTs} and s.ts = ${at.ts}`);
  return rows[0]?.id ?? null;
}

/**
 * What a process may still have sent for the log of an answer that is over. A reply that is opened again has none but
 * what comes from then on.
 */
async function dropPieces(tx: Queryable, id: string): Promise<void> {
  await tx.execute(sql`delete from skein.pieces where reply = ${id}::uuid`);
}

/** Lays the version that is shown aside, for a later look at it. */
async function layAside(tx: Queryable, id: string): Promise<void> {
  await dropPieces(tx, id);
  await tx.execute(sql`
    delete from skein.versions v using skein.replies r
    where r.id = ${id}::uuid and v.reply = r.id and v.version = r.version`);
  await tx.execute(sql`
    insert into skein.versions (reply, version, text, units, stop_reason, stopped_by, error_code, request_id,
      model, max_tokens, instructions, calls, begun_at, continued_at, answered_at)
    select id, version, log, log_units, stop_reason, stopped_by, error_code, request_id,
      model, max_tokens, ${keptInstructions(sql`r`)}, version_calls, begun_at, continued_at, answered_at
    from skein.replies r where id = ${id}::uuid`);
}

/** Begins a new version, under the settings of now; the one that was shown is kept. */
export async function beginVersion(tx: Queryable, reply: PressedReply, settings: Snapshot): Promise<void> {
  await layAside(tx, reply.id);
  const { model, maxTokens, instructions, footer, effort } = settings;
  await tx.execute(sql`
    update skein.replies set state = 'writing', version = versions + 1, versions = versions + 1, log = '', log_units = 0,
      stop_reason = null, stopped_by = null, error_code = null, request_id = null, version_calls = '{}',
      continued_at = 0, begun_at = now(), answered_at = null, has_blocks = false, tool_note = null, model = ${model}, max_tokens = ${maxTokens},
      context_note = case when context_note = 'summarised' then context_note end, instructions = ${instructions}, footer = ${footer}, effort = ${effort}, opened_at = now(), changes = changes + 1
    where id = ${reply.id}::uuid`);
  // A refused question is asked again.
  await setInContext(tx, reply.question, true);
}

/** Brings a version back that was laid aside: it is shown, and it is what the model is given from now on. */
export async function bringBack(tx: Queryable, reply: PressedReply, version: number): Promise<void> {
  await layAside(tx, reply.id);
  const { rows } = await tx.execute<{ log: string; stop_reason: string | null; has_blocks: boolean }>(sql`
    update skein.replies r set state = 'answered', version = v.version, log = v.text, log_units = v.units,
      stop_reason = v.stop_reason, stopped_by = v.stopped_by, error_code = v.error_code, request_id = v.request_id,
      model = v.model, max_tokens = v.max_tokens, instructions = ${keptInstructions(sql`v`)},
      version_calls = v.calls, begun_at = v.begun_at, continued_at = v.continued_at, answered_at = v.answered_at,
      has_blocks = exists (select from skein.answer_blocks b where b.reply = r.id and b.version = v.version),
      opened_at = now(), changes = r.changes + 1
    from skein.versions v
    where r.id = ${reply.id}::uuid and v.reply = r.id and v.version = ${version}
    returning r.log, r.stop_reason, r.has_blocks`);
  const row = rows[0];
  if (row === undefined) throw new Error(`reply ${reply.id} has no version ${version}`);
  const { conversation, questionTs, question } = reply;
  const inContext = staysInContext(row.stop_reason ?? '');
  const logged = row.has_blocks ? await loggedBlocks(tx, { id: reply.id, version }) : [];
  const blocks = logged.length === 0 ? {} : { blocks: finishedContent(logged, row.log) };
  await saveAnswer(tx, { conversation, questionTs, text: row.log, inContext, ...blocks });
  await setInContext(tx, question, inContext);
}

/** Opens a failed reply for another try, after the text that it has. */
export async function reopenReply(tx: Queryable, id: string): Promise<void> {
  await dropPieces(tx, id);
  await tx.execute(sql`
    update skein.replies set state = 'writing', error_code = null, stop_reason = null, stopped_by = null,
      opened_at = now(), shown_at = null, changes = changes + 1
    where id = ${id}::uuid and state in ('answered', 'failed') and error_code is not null`);
}

/** Opens an answer that was cut by its most tokens: it goes on after its text with as many again. */
export async function continueReply(tx: Queryable, id: string): Promise<void> {
  await dropPieces(tx, id);
  await tx.execute(sql`
    update skein.replies set state = 'writing', continued_at = log_units, stop_reason = null, stopped_by = null,
      opened_at = now(), shown_at = null, changes = changes + 1
    where id = ${id}::uuid and state in ('answered', 'shown')`);
}

/** The answer goes, with all its versions: its words are dropped here, its messages by the job that follows. */
export async function beginRemoval(tx: Queryable, reply: PressedReply, by: string): Promise<void> {
  const { id, conversation, questionTs } = reply;
  await deleteAnswer(tx, { conversation, questionTs });
  await dropPieces(tx, id);
  await tx.execute(sql`delete from skein.versions where reply = ${id}::uuid`);
  await tx.execute(sql`delete from skein.answer_blocks where reply = ${id}::uuid`);
  await tx.execute(sql`update skein.tool_calls set input = '{}', result = null where reply = ${id}::uuid`);
  await tx.execute(sql`
    update skein.replies set state = 'removing', deleted_by = ${by}, log = '', log_units = 0, has_blocks = false,
      opened_at = now(), changes = changes + 1
    where id = ${id}::uuid`);
}

/**
 * Tells the replies to a question that it was edited. One that is being written, or waits, begins anew. Those returned need a job:
 * a finished one for a new look that offers to answer again, a refused one because it waits again, for the gate first.
 */
export async function tellEdited(
  tx: Queryable,
  question: number,
): Promise<{ reply: string; conversation: number; questionTs: string }[]> {
  await tx.execute(sql`
    with outdated as (
      select id, conversation from skein.replies where question = ${question} and state in ('waiting', 'writing')),
    woken as (${wakingIn(sql`select conversation from outdated`)})
    select pg_notify(${EDITED_CHANNEL}, id::text) from outdated`);
  const { rows } = await tx.execute<{ reply: string; conversation: string; questionTs: string }>(sql`
    update skein.replies r set state = case r.state when 'refused' then 'waiting' else 'answered' end,
      begun_at = case r.state when 'refused' then now() else r.begun_at end,
      changes = r.changes + 1, opened_at = now()
    from skein.messages m
    where r.question = ${question} and m.id = r.question and r.state in ('answered', 'shown', 'refused')
    returning r.id as reply, r.conversation, m.slack_ts as "questionTs"`);
  return rows.map((row) => ({ ...row, conversation: Number(row.conversation) }));
}

/**
 * Keeps why somebody found a version poor; false if they do not, or the reply is not of this workspace, or its words
 * were erased: a reason would be about nothing, and nobody would erase it.
 */
export async function saveReason(
  db: Queryable,
  opinion: { team: string; reply: string; version: number; person: string; reason: string },
): Promise<boolean> {
  const { team, reply, version, person, reason } = opinion;
  const { rows } = await db.execute(sql`
    update skein.feedback f set reason = ${reason}
    from skein.replies r join skein.conversations c on c.id = r.conversation join skein.messages m on m.id = r.question
    where f.reply = ${reply}::uuid and f.version = ${version} and f.person = ${person} and f.verdict = 'bad'
      and r.id = f.reply and c.team = ${team} and m.erased_at is null
    returning f.reply`);
  return rows.length > 0;
}

/** Longer than any press is tried: its key is kept as long. */
const PRESS_KEPT = sql`interval '1 hour'`;

/** Whether a press of this key was carried out. */
export async function wasPressed(db: Queryable, key: string): Promise<boolean> {
  const { rows } = await db.execute(sql`select key from skein.presses where key = ${key}`);
  return rows.length > 0;
}

/** Notes that a press is carried out in this transaction; false: it was before. What is old goes with it. */
export async function notePress(tx: Queryable, key: string): Promise<boolean> {
  await tx.execute(sql`delete from skein.presses where at < now() - ${PRESS_KEPT}`);
  const { rows } = await tx.execute(sql`
    insert into skein.presses (key) values (${key}) on conflict do nothing returning key`);
  return rows.length > 0;
}

/** What a person thinks of a version; null: nothing that they said. */
export async function opinion(
  tx: Queryable,
  { reply, version, person }: { reply: string; version: number; person: string },
): Promise<Verdict | null> {
  const { rows } = await tx.execute<{ verdict: string }>(sql`
    select verdict from skein.feedback
    where reply = ${reply}::uuid and version = ${version} and person = ${person}`);
  const verdict = rows[0]?.verdict;
  return verdict === 'good' || verdict === 'bad' ? verdict : null;
}

/** Notes what a person thinks of a version, in place of what they thought before; null withdraws it. */
export async function rate(
  tx: Queryable,
  {
    reply,
    version,
    person,
    verdict,
  }: { reply: string; version: number; person: string; verdict: Verdict | null },
): Promise<void> {
  if (verdict === null) {
    await tx.execute(sql`
      delete from skein.feedback
      where reply = ${reply}::uuid and version = ${version} and person = ${person}`);
    return;
  }
  await tx.execute(sql`
    insert into skein.feedback as f (reply, version, person, verdict, instructions_hash)
    select r.id, ${version}, ${person}, ${verdict},
      case when v.reply is null then ${instructionsHash(sql`r`)} else ${instructionsHash(sql`v`)} end
    from skein.replies r
    left join skein.versions v on v.reply = r.id and v.version = ${version} and r.version <> ${version}
    where r.id = ${reply}::uuid
    on conflict (reply, version, person) do update set verdict = excluded.verdict, at = now(),
      reason = case when f.verdict = excluded.verdict then f.reason end`);
}
/** The replies being written that Slack's own stop was pressed for: by their messages, else by the thread. */
export async function streamingReplies(
  db: Queryable,
  at: { team: string; channel: string; threadTs: string; messageTs: readonly string[] },
): Promise<string[]> {
  const inMessages =
    at.messageTs.length === 0
      ? sql`false`
      : sql`exists (select from skein.segments s where s.reply = r.id and s.ts in ${at.messageTs})`;
  const { rows } = await db.execute<{ id: string; named: boolean }>(sql`
    select r.id, ${inMessages} as named
    from skein.replies r join skein.conversations c on c.id = r.conversation
    where c.team = ${at.team} and c.channel = ${at.channel} and r.state = 'writing'
      and (c.thread_ts = ${at.threadTs} or ${inMessages})`);
  const named = rows.filter((row) => row.named);
  return (named.length > 0 ? named : rows).map((row) => row.id);
}

/** The replies without an end to a question of this person, that a message is part of or is the question of. */
export async function repliesOfAsker(
  db: Queryable,
  at: { team: string; channel: string; ts: string; asker: string },
): Promise<string[]> {
  const { rows } = await db.execute<{ id: string }>(sql`
    select r.id from skein.replies r
    join skein.conversations c on c.id = r.conversation join skein.messages m on m.id = r.question
    where c.team = ${at.team} and c.channel = ${at.channel} and m.speaker = ${at.asker}
      and r.state in ('waiting', 'writing')
      and (m.slack_ts = ${at.ts} or exists (select from skein.segments s where s.reply = r.id and s.ts = ${at.ts}))`);
  return rows.map((row) => row.id);
}
