import { and, eq, isNull, type SQL, sql } from 'drizzle-orm';
import { BATCH, inBatches } from '../postgres/batches.ts';
import type { Queryable } from '../postgres/database.ts';
import { isBlock, type TurnBlock } from './blocks.ts';
import { conversations, messages, seen } from './tables.ts';

export type ConversationKind = 'channel' | 'group' | 'im' | 'mpim' | 'unknown';

export interface StoredMessage {
  readonly id: number;
  readonly slackTs: string;
  readonly role: 'user' | 'assistant';
  readonly speaker: string | null;
  readonly speakerName: string | null;
  /** As Slack sent it; null for an answer, and where it was read and sent before. */
  readonly raw: string | null;
  readonly text: string | null;
  readonly blocks: readonly TurnBlock[] | null;
}

/** What a message was taken as, where it is not stored as a question or a remark. */
type TakenAs = 'command' | 'stop' | 'removed';

/** Marks a Slack message as taken; false if it was taken before. */
export async function markSeen(
  tx: Queryable,
  mark: { team: string; channel: string; ts: string; eventId: string | null; takenAs?: TakenAs },
): Promise<boolean> {
  const rows = await tx.insert(seen).values(mark).onConflictDoNothing().returning({ ts: seen.ts });
  return rows.length > 0;
}

/** What the mark of a message says that it was taken as; null: no mark, or it is stored. */
export async function takenAs(
  db: Queryable,
  at: { team: string; channel: string; ts: string },
): Promise<TakenAs | null> {
  const rows = await db
    .select({ as: seen.takenAs })
    .from(seen)
    .where(and(eq(seen.team, at.team), eq(seen.channel, at.channel), eq(seen.ts, at.ts)));
  return rows[0]?.as ?? null;
}

/** Deletes marks older than `days`; Slack delivers nothing that old again. */
export async function purgeSeen(db: Queryable, days: number): Promise<void> {
  await inBatches(async () => {
    const { rowCount } = await db.execute(sql`
      delete from skein.seen where ctid = any(array(
        select ctid from skein.seen where at < now() - ${days} * interval '1 day' limit ${BATCH}))`);
    return rowCount ?? 0;
  });
}

/** What admission must know about a thread before it answers without a mention. */
export interface ThreadFacts {
  readonly conversation: number | null;
  /** True once we have been asked here. */
  readonly answered: boolean;
  /** The speaker has written in the thread, as far as we know; also words that were erased since. */
  readonly known: boolean;
  /** Nobody else has. */
  readonly alone: boolean;
}

/** By index, however much was said in the thread and by however many. */
export async function threadFacts(
  db: Queryable,
  place: { team: string; channel: string; threadTs: string; speaker: string },
): Promise<ThreadFacts> {
  const said = (by: SQL) => sql`exists (select from skein.messages m
    where m.conversation = c.id and m.speaker ${by} and m.role = 'user'
      and (m.deleted_at is null or m.erased_at is not null))`;
  const { speaker } = place;
  const { rows } = await db.execute<{ id: string; answered: boolean; known: boolean; others: boolean }>(sql`
    select c.id,
      exists (select from skein.replies r where r.conversation = c.id and r.state <> 'refused') as answered,
      ${said(sql`= ${speaker}`)} as known, ${said(sql`< ${speaker}`)} or ${said(sql`> ${speaker}`)} as others
    from skein.conversations c
    where c.team = ${place.team} and c.channel = ${place.channel} and c.thread_ts = ${place.threadTs}`);
  const row = rows[0];
  if (row === undefined) return { conversation: null, answered: false, known: false, alone: true };
  const { answered, known, others } = row;
  return { conversation: Number(row.id), answered, known, alone: !others };
}

/** Stores what a person said, as it came; null if it is stored already. `raw` is JSON text. */
export async function addMessage(
  tx: Queryable,
  said: { conversation: number; slackTs: string; speaker: string | null; raw: string },
): Promise<number | null> {
  const rows = await tx
    .insert(messages)
    .values({ ...said, role: 'user' })
    .onConflictDoNothing()
    .returning({ id: messages.id });
  return rows[0]?.id ?? null;
}

/** The row of a person's message, wherever it was said in the channel. */
export async function findMessage(
  db: Queryable,
  at: { team: string; channel: string; ts: string },
): Promise<{ id: number; conversation: number } | null> {
  const rows = await db
    .select({ id: messages.id, conversation: messages.conversation })
    .from(messages)
    .innerJoin(conversations, eq(messages.conversation, conversations.id))
    .where(
      and(
        eq(conversations.team, at.team),
        eq(conversations.channel, at.channel),
        eq(messages.slackTs, at.ts),
        eq(messages.role, 'user'),
      ),
    )
    .limit(1);
  return rows[0] ?? null;
}

/**
 * The person changed the message: it is read again, and the model gets the new text from now on. False if it says that
 * already (Slack may deliver an edit twice) or was deleted.
 */
export async function editMessage(db: Queryable, id: number, raw: string): Promise<boolean> {
  const rows = await db
    .update(messages)
    .set({ raw, text: null, blocks: null, editedAt: sql`now()` })
    .where(and(eq(messages.id, id), isNull(messages.deletedAt), sql`${messages.raw} is distinct from ${raw}`))
    .returning({ id: messages.id });
  return rows.length > 0;
}

/**
 * What hangs on a message (a link preview, a forwarded message) has changed and its words have not: it counts for a message
 * that nobody has read yet. False if it was read, or is not there any more.
 */
export async function refreshRaw(db: Queryable, id: number, raw: string): Promise<boolean> {
  const rows = await db
    .update(messages)
    .set({ raw })
    .where(
      and(eq(messages.id, id), isNull(messages.text), isNull(messages.deletedAt), isNull(messages.erasedAt)),
    )
    .returning({ id: messages.id });
  return rows.length > 0;
}

/** The person deleted the message: its words are dropped here too. */
export async function deleteMessage(db: Queryable, id: number): Promise<void> {
  await db
    .update(messages)
    .set({ raw: null, text: null, blocks: null, deletedAt: sql`now()` })
    .where(eq(messages.id, id));
}

/**
 * What the model may know when it answers the message with ts `upTo`: everything said up to it, in order,
 * each answer right after its question; the question itself also if an earlier try took it out of context (a filter
 * stopped it, and it is tried again). Without what was said up to `after`, for which a summary stands, and with `raw`
 * only where it is still needed. What was asked later belongs to later answers, and what an earlier try made of this
 * one is not history.
 */
export async function historyUpTo(
  db: Queryable,
  conversation: number,
  upTo: string,
  after = '',
): Promise<StoredMessage[]> {
  // Digits and a dot of one length have the same order in every collation, so the index serves for `after`.
  const { rows } = await db.execute<MessageRow>(sql`
    select id, slack_ts as "slackTs", role, speaker, speaker_name as "speakerName",
      case when text is null or blocks is null then raw end as raw, text, blocks
    from skein.messages
    where conversation = ${conversation} and deleted_at is null and slack_ts > ${after}
      and ((slack_ts collate "C" < ${upTo} and in_context) or (slack_ts = ${upTo} and role = 'user'))
    order by slack_ts collate "C", role desc`);
  return rows.map(storedOf);
}

/**
 * Whether messages still say what they were read to say: words that were read a moment ago are perhaps not stored yet;
 * an edit takes the words away and brings another `raw`.
 */
export async function sayTheSame(
  db: Queryable,
  read: readonly { readonly id: number; readonly raw: string | null; readonly text: string }[],
): Promise<boolean> {
  const { rows } = await db.execute<{ same: boolean }>(sql`
    select count(*) = ${read.length} as same
    from unnest(${param(read.map(({ id }) => id))}::bigint[], ${param(read.map(({ raw }) => raw))}::text[],
      ${param(read.map(({ text }) => storable(text)))}::text[]) as r(id, raw, text)
    join skein.messages m on m.id = r.id
    where m.deleted_at is null and m.in_context and (m.text = r.text or (m.text is null and m.raw = r.raw))`);
  return rows[0]?.same === true;
}

type MessageRow = Omit<StoredMessage, 'id' | 'blocks'> & { id: string; blocks: string | null };

/** An answer is stored as its text, and is sent as one block of it. */
function answerBlocks({ role, text }: MessageRow): readonly TurnBlock[] | null {
  return role === 'assistant' && text !== null && text !== '' ? [{ type: 'text', text }] : null;
}

function storedOf(row: MessageRow): StoredMessage {
  const blocks = row.blocks === null ? answerBlocks(row) : readBlocks(row.blocks);
  return { ...row, id: Number(row.id), blocks };
}

/**
 * What somebody said at the top level of a direct message after `since` and before `until` (Slack's ts), oldest first, the
 * newest `most`: the first messages of other threads.
 */
export async function saidBeforeThread(
  db: Queryable,
  at: { team: string; channel: string; speaker: string; since: string; until: string },
  most: number,
): Promise<StoredMessage[]> {
  // Digits and a dot of one length have the same order in every collation, so the index on the place serves.
  const { rows } = await db.execute<MessageRow>(sql`
    select m.id, m.slack_ts as "slackTs", m.role, m.speaker, m.speaker_name as "speakerName", m.raw, m.text, m.blocks
    from skein.conversations c join skein.messages m on m.conversation = c.id and m.slack_ts = c.thread_ts
    where c.team = ${at.team} and c.channel = ${at.channel} and c.kind = 'im'
      and c.thread_ts > ${at.since} and c.thread_ts < ${at.until}
      and m.role = 'user' and m.speaker = ${at.speaker} and m.deleted_at is null and m.in_context
    order by c.thread_ts desc limit ${most}`);
  return rows.reverse().map(storedOf);
}

/** What was made of a message as Slack sent it (`raw`). */
interface Made {
  readonly id: number;
  readonly raw: string | null;
  /** What it says in words, and who says it; absent: that was known. */
  readonly reading?: { readonly text: string; readonly speakerName: string | null };
  /** The exact blocks that a call sends, so that the next call sends the same; absent: they were known. */
  readonly blocks?: readonly TurnBlock[];
}

/** Keeps what was made of messages, in one write of each; nothing of one that was edited or deleted meanwhile. */
export async function saveMade(db: Queryable, made: readonly Made[]): Promise<void> {
  if (made.length === 0) return;
  const column = (of: (one: Made) => string | null | undefined) =>
    sql`${param(made.map((one) => of(one) ?? null))}::text[]`;
  const name = ({ reading }: Made) => reading?.speakerName && storable(reading.speakerName);
  await db.execute(sql`
    update skein.messages m set text = coalesce(r.text, m.text),
      speaker_name = case when r.text is null then m.speaker_name else r.name end, blocks = coalesce(m.blocks, r.blocks)
    from unnest(${param(made.map(({ id }) => id))}::bigint[], ${column(({ raw }) => raw)},
      ${column(({ reading }) => reading && storable(reading.text))}, ${column(name)},
      ${column(({ blocks }) => blocks && storable(JSON.stringify(blocks)))}) as r(id, raw, text, name, blocks)
    where m.id = r.id and m.raw = r.raw and (r.text is not null or m.blocks is null)`);
}

/** Stores an answer right behind its question; a second version of it replaces the first. */
export async function saveAnswer(
  tx: Queryable,
  answer: {
    conversation: number;
    questionTs: string;
    text: string;
    inContext: boolean;
    /** What the model is given of it; absent: its text. */
    blocks?: readonly TurnBlock[];
  },
): Promise<void> {
  const text = storable(answer.text);
  const blocks = answer.blocks === undefined ? null : JSON.stringify(answer.blocks);
  await tx
    .insert(messages)
    .values({
      conversation: answer.conversation,
      slackTs: answer.questionTs,
      role: 'assistant',
      text,
      blocks,
      inContext: answer.inContext,
    })
    .onConflictDoUpdate({
      target: [messages.conversation, messages.slackTs, messages.role],
      set: { text, blocks, inContext: answer.inContext },
    });
}

/** Whether a question is sent to the model from now on: not while the answer shown is a refusal. */
export async function setInContext(tx: Queryable, messageId: number, inContext: boolean): Promise<void> {
  await tx.update(messages).set({ inContext }).where(eq(messages.id, messageId));
}

/** The answer is not wanted any more: its words are dropped. */
export async function deleteAnswer(
  tx: Queryable,
  { conversation, questionTs }: { conversation: number; questionTs: string },
): Promise<void> {
  await tx
    .update(messages)
    .set({ raw: null, text: null, blocks: null, deletedAt: sql`now()` })
    .where(
      and(
        eq(messages.conversation, conversation),
        eq(messages.slackTs, questionTs),
        eq(messages.role, 'assistant'),
      ),
    );
}

/** Adds what was said in a thread before we were part of it, and notes that it was read. */
export async function addEarlier(
  tx: Queryable,
  conversation: number,
  earlier: readonly { slackTs: string; role: 'user' | 'assistant'; speaker: string | null; raw: string }[],
): Promise<void> {
  // One parameter for each column, however long the thread is.
  const column = (name: 'slackTs' | 'role' | 'speaker' | 'raw') =>
    sql`${sql.param(earlier.map((said) => said[name]))}::text[]`;
  await tx.execute(sql`
    insert into skein.messages (conversation, slack_ts, role, speaker, raw)
    select ${conversation}, said.* from unnest(${column('slackTs')}, ${column('role')}, ${column('speaker')}, ${column('raw')}) said
    on conflict do nothing`);
  await tx.update(conversations).set({ threadReadAt: sql`now()` }).where(eq(conversations.id, conversation));
}

/** What a question says in readable words; null if nobody has read it yet, or it is deleted. */
export async function questionText(db: Queryable, question: number): Promise<string | null> {
  const rows = await db.select({ text: messages.text }).from(messages).where(eq(messages.id, question));
  return rows[0]?.text ?? null;
}

/** When the latest conversation in a direct message with us began, in any workspace; null: there was none. */
export async function lastDirectAt(db: Queryable): Promise<Date | null> {
  // From the newest on, by key: nobody has to read all of them, unless nobody ever wrote to us.
  const { rows } = await db.execute<{ at: string | Date }>(
    sql`select created_at as at from skein.conversations where kind = 'im' order by id desc limit 1`,
  );
  return rows[0] === undefined ? null : new Date(rows[0].at);
}

/** What Slack sent of a question, as JSON text; null if it is deleted or erased. */
export async function questionRaw(db: Queryable, question: number): Promise<string | null> {
  const rows = await db.select({ raw: messages.raw }).from(messages).where(eq(messages.id, question));
  return rows[0]?.raw ?? null;
}

/** Postgres text cannot hold NUL. */
export function storable(text: string): string {
  return text.replaceAll('\0', '');
}

/** Drizzle spreads a bare array into a list of parameters; this keeps it one parameter. */
function param(values: readonly (string | number | null)[]) {
  return sql.param([...values]);
}

/** Blocks from JSON text; null if it is not a list of them. */
export function readBlocks(json: string): readonly TurnBlock[] | null {
  try {
    const value: unknown = JSON.parse(json);
    if (!Array.isArray(value) || !value.every(isBlock)) return null;
    return value;
  } catch {
    return null;
  }
}
