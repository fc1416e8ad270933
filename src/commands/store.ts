import { type SQL, sql } from 'drizzle-orm';
import { eraseWords, RUNNING } from '../erasure/store.ts';
import type { Queryable } from '../postgres/database.ts';

/** A place in Slack: a channel or direct message, one thread of it, or everywhere. */
export interface Where {
  readonly team: string;
  readonly channel: string | null;
  readonly threadTs: string | null;
}

/** What Claude is given of one conversation, in numbers. */
export interface ContextFacts {
  readonly threadTs: string;
  readonly questions: number;
  readonly answers: number;
  readonly people: number;
  /** Kept, but not sent: refused turns. */
  readonly leftOut: number;
  /** Kept, and sent as a summary only. */
  readonly summarised: number;
  readonly summary: string | null;
  /** Characters of all that is sent. */
  readonly characters: number;
  /** Of the same, in UTF-8. */
  readonly bytes: number;
  readonly lastReply: { readonly id: string; readonly calls: readonly number[] } | null;
  readonly model: string | null;
}

/** Of a message: a summary stands for it. */
const covered = sql`coalesce(m.slack_ts collate "C" <= s.until, false)`;

/** The latest conversation of a place; null if there is none. */
export async function latestContext(db: Queryable, where: Where): Promise<ContextFacts | null> {
  const { rows } = await db.execute<{
    thread_ts: string;
    questions: string;
    answers: string;
    people: string;
    left_out: string;
    summarised: string;
    summary: string | null;
    characters: string;
    bytes: string;
    last_reply: string | null;
    last_calls: number[] | null;
    model: string | null;
  }>(sql`
    with latest as (
      select c.id, c.thread_ts from skein.conversations c
      where ${placeOf(where)}
      order by (select max(r.created_at) from skein.replies r where r.conversation = c.id) desc nulls last
      limit 1),
    summary as (
      select s.until, s.text from skein.summaries s join latest l on l.id = s.conversation where s.text is not null
      order by s.until collate "C" desc limit 1)
    select l.thread_ts, s.text as summary,
      count(m.id) filter (where m.role = 'user' and m.in_context and not ${covered}) as questions,
      count(m.id) filter (where m.role = 'assistant' and m.in_context and not ${covered}) as answers,
      count(m.id) filter (where m.in_context and ${covered}) as summarised,
      count(distinct m.speaker) filter (where m.role = 'user') as people,
      count(m.id) filter (where not m.in_context) as left_out,
      coalesce(sum(length(m.text)) filter (where m.in_context and not ${covered}), 0) + coalesce(length(s.text), 0) as characters,
      coalesce(sum(octet_length(m.text)) filter (where m.in_context and not ${covered}), 0) + coalesce(octet_length(s.text), 0) as bytes,
      (select r.id from skein.replies r where r.conversation = l.id order by r.created_at desc limit 1) as last_reply,
      (select r.version_calls from skein.replies r where r.conversation = l.id order by r.created_at desc limit 1) as last_calls,
      (select r.model from skein.replies r where r.conversation = l.id order by r.created_at desc limit 1) as model
    from latest l left join skein.messages m on m.conversation = l.id and m.deleted_at is null
      left join summary s on true
    group by l.id, l.thread_ts, s.text`);
  const row = rows[0];
  if (row === undefined) return null;
  return {
    threadTs: row.thread_ts,
    questions: Number(row.questions),
    answers: Number(row.answers),
    people: Number(row.people),
    leftOut: Number(row.left_out),
    summarised: Number(row.summarised),
    summary: row.summary,
    characters: Number(row.characters),
    bytes: Number(row.bytes),
    lastReply: row.last_reply === null ? null : { id: row.last_reply, calls: row.last_calls ?? [] },
    model: row.model,
  };
}

/** A message of a conversation, for an export. */
export interface ExportedMessage {
  readonly threadTs: string;
  readonly ts: string;
  readonly role: string;
  readonly speaker: string | null;
  readonly text: string;
  readonly edited: boolean;
  readonly at: string;
}

/** Messages of the latest `mostConversations` conversations of a place, by thread and in order. */
export async function exportMessages(
  db: Queryable,
  where: Where,
  mostConversations: number,
): Promise<ExportedMessage[]> {
  const { rows } = await db.execute<{
    thread_ts: string;
    slack_ts: string;
    role: string;
    speaker_name: string | null;
    text: string | null;
    raw: string | null;
    edited: boolean;
    created_at: string;
  }>(sql`
    select c.thread_ts, m.slack_ts, m.role, m.speaker_name, m.text, m.raw, m.edited_at is not null as edited, m.created_at
    from (select c.id, c.thread_ts from skein.conversations c where ${placeOf(where)}
      order by c.thread_ts collate "C" desc limit ${mostConversations}) c
    join skein.messages m on m.conversation = c.id and m.deleted_at is null
    order by c.thread_ts collate "C", m.slack_ts collate "C", m.role desc`);
  return rows.map((row) => ({
    threadTs: row.thread_ts,
    ts: row.slack_ts,
    role: row.role,
    speaker: row.speaker_name,
    text: row.text ?? textOfRaw(row.raw),
    edited: row.edited,
    at: new Date(row.created_at).toISOString(),
  }));
}

/** What `forget` would take, or took. */
export interface Forgotten {
  readonly messages: number;
  readonly answers: number;
  /** Answers that are being written: they are stopped, and can be forgotten when they are over. */
  readonly running: number;
}

/** Counts what a person wrote to us in a place, with the answers to it. */
export async function countForgettable(db: Queryable, where: Where, person: string): Promise<Forgotten> {
  const { rows } = await db.execute<{ messages: string; answers: string; running: string }>(sql`
    select count(*) filter (where m.role = 'user' and not o.running) as messages,
      count(*) filter (where m.role = 'assistant') as answers,
      count(*) filter (where m.role = 'user' and o.running) as running
    from (${ownMessages(where, person)}) o
    join skein.messages m on m.conversation = o.conversation and m.slack_ts = o.slack_ts
      and (m.id = o.id or m.role = 'assistant') and m.deleted_at is null`);
  const row = rows[0];
  return {
    messages: Number(row?.messages ?? 0),
    answers: Number(row?.answers ?? 0),
    running: Number(row?.running ?? 0),
  };
}

/**
 * Drops the words of a person's messages in a place and of the answers to them (`eraseWords`), and what the person said
 * about answers there. Questions that are being answered now are left as they are and returned as `open`.
 */
export async function forgetWords(
  tx: Queryable,
  where: Where,
  person: string,
): Promise<{ readonly messages: number; readonly answers: number; readonly open: readonly number[] }> {
  const { rows: own } = await tx.execute<{ id: string }>(sql`
    select o.id from (${ownMessages(where, person)}) o`);
  const { messages, answers, running } = await eraseWords(
    tx,
    own.map(({ id }) => Number(id)),
    'wait',
  );
  // Apart from the answers to the person, because with "or" between them Postgres reads all that anybody ever said.
  await tx.execute(sql`
    update skein.feedback f set reason = null from skein.replies r join skein.conversations c on c.id = r.conversation
    where f.person = ${person} and r.id = f.reply and ${placeOf(where)}`);
  return { messages, answers, open: running };
}

/** Also those that the person deleted in Slack: the answers to them may still be here. */
function ownMessages(where: Where, person: string): SQL {
  return sql`
    select m.id, m.conversation, m.slack_ts, ${RUNNING} as running
    from skein.messages m join skein.conversations c on c.id = m.conversation
    where ${placeOf(where)} and m.role = 'user' and m.speaker = ${person} and m.erased_at is null`;
}

function placeOf({ team, channel, threadTs }: Where): SQL {
  const inChannel = channel === null ? sql`true` : sql`c.channel = ${channel}`;
  const inThread = threadTs === null ? sql`true` : sql`c.thread_ts = ${threadTs}`;
  return sql`c.team = ${team} and ${inChannel} and ${inThread}`;
}

/** A message that nobody has read yet has only what Slack sent. */
function textOfRaw(raw: string | null): string {
  try {
    const parsed: unknown = JSON.parse(raw ?? 'null');
    if (typeof parsed === 'object' && parsed !== null && 'text' in parsed && typeof parsed.text === 'string')
      return parsed.text;
  } catch {
    // Not what we wrote: there are no words to give.
  }
  return '';
}
