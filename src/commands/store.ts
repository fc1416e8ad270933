import { eq, type SQL, sql } from 'drizzle-orm';
import { z } from 'zod';
import { readBlocks } from '../conversation/store.ts';
import { eraseWords, RUNNING } from '../erasure/store.ts';
import type { Database, Queryable } from '../postgres/database.ts';
import { stopAnswering } from '../reply/store.ts';
import { type LookedUp, lookedUpIn } from '../tools/steps.ts';
import { pendingCommands } from './tables.ts';

/** A place in Slack: a channel or direct message, one thread of it, or everywhere. */
export interface Where {
  readonly team: string;
  readonly channel: string | null;
  readonly threadTs: string | null;
}

/** What Claude is given of one conversation, in numbers. A type, as drizzle wants an index signature. */
type ContextFacts = {
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
  /** Characters of what the web and connected tools gave for it, of the web mostly encrypted. */
  readonly lookedUp: number;
  readonly lastReply: { readonly id: string; readonly calls: readonly number[] } | null;
  readonly model: string | null;
};

/** Of a message: a summary stands for it. */
const covered = sql`coalesce(m.slack_ts collate "C" <= s.until, false)`;

/** An answer whose blocks hold what the web or connected tools gave. */
const USED_TOOLS = sql`m.role = 'assistant'
  and (strpos(m.blocks, '"server_tool_use"') > 0 or strpos(m.blocks, '"tool_use"') > 0)`;

/** The latest conversation of a place; null if there is none. */
export async function latestContext(db: Queryable, where: Where): Promise<ContextFacts | null> {
  const { rows } = await db.execute<ContextFacts>(sql`
    with latest as (
      select c.id, c.thread_ts from skein.conversations c
      where ${placeOf(where)}
      order by (select max(r.created_at) from skein.replies r where r.conversation = c.id) desc nulls last
      limit 1),
    summary as (
      select s.until, s.text from skein.summaries s join latest l on l.id = s.conversation where s.text is not null
      order by s.until collate "C" desc limit 1),
    last as (
      select r.id, r.version_calls, r.model from skein.replies r join latest l on l.id = r.conversation
      order by r.created_at desc limit 1),
    said as (
      select count(m.id) filter (where m.role = 'user' and m.in_context and not ${covered})::int as questions,
        count(m.id) filter (where m.role = 'assistant' and m.in_context and not ${covered})::int as answers,
        count(m.id) filter (where m.in_context and ${covered})::int as summarised,
        count(distinct m.speaker) filter (where m.role = 'user')::int as people,
        count(m.id) filter (where not m.in_context)::int as left_out,
        coalesce(sum(length(m.text)) filter (where m.in_context and not ${covered}), 0) as characters,
        coalesce(sum(octet_length(m.text)) filter (where m.in_context and not ${covered}), 0) as bytes,
        coalesce(sum(length(m.blocks) - length(m.text)) filter (where m.in_context and not ${covered} and ${USED_TOOLS}), 0) as looked_up
      from latest l join skein.messages m on m.conversation = l.id and m.deleted_at is null left join summary s on true)
    select l.thread_ts as "threadTs", d.questions, d.answers, d.summarised, d.people, d.left_out as "leftOut",
      s.text as summary, (d.characters + coalesce(length(s.text), 0))::float8 as characters,
      (d.bytes + coalesce(octet_length(s.text), 0))::float8 as bytes, greatest(0, d.looked_up)::float8 as "lookedUp",
      case when r.id is not null then json_build_object('id', r.id, 'calls', r.version_calls) end as "lastReply", r.model
    from latest l cross join said d left join summary s on true left join last r on true`);
  return rows[0] ?? null;
}

/** Where a message of an export stands. */
export interface ExportedPlace {
  readonly id: number;
  readonly threadTs: string;
}

/**
 * The messages of the latest `most.conversations` conversations of a place, without their words: the latest
 * conversation first, each in order; at most `most.messages`.
 */
export async function exportedPlaces(
  db: Queryable,
  where: Where,
  most: { readonly conversations: number; readonly messages: number },
): Promise<ExportedPlace[]> {
  const { rows } = await db.execute<{ id: string; thread_ts: string }>(sql`
    select m.id, c.thread_ts
    from (select c.id, c.thread_ts from skein.conversations c where ${placeOf(where)}
      order by c.thread_ts collate "C" desc limit ${most.conversations}) c
    join skein.messages m on m.conversation = c.id and m.deleted_at is null
    order by c.thread_ts collate "C" desc, m.slack_ts collate "C", m.role desc limit ${most.messages}`);
  return rows.map(({ id, thread_ts }) => ({ id: Number(id), threadTs: thread_ts }));
}

/** A message of a conversation, for an export. */
interface ExportedMessage {
  readonly ts: string;
  readonly role: string;
  readonly speaker: string | null;
  readonly text: string;
  readonly edited: boolean;
  readonly at: string;
  /** What was looked up or called for it; absent: nothing. */
  readonly looked_up?: readonly LookedUp[];
  /** Files that it came with; `read`: what Claude was given of one is kept. */
  readonly files?: readonly { readonly name: string; readonly what: string | null; readonly read: boolean }[];
}

/** Those messages with their words, by id; one that was deleted meanwhile is left out. */
export async function exportedMessages(
  db: Queryable,
  ids: readonly number[],
): Promise<Map<number, ExportedMessage>> {
  const { rows } = await db.execute<{
    id: string;
    slack_ts: string;
    role: string;
    speaker_name: string | null;
    text: string | null;
    raw: string | null;
    edited: boolean;
    created_at: string;
    files: NonNullable<ExportedMessage['files']> | null;
    blocks: string | null;
  }>(sql`
    select m.id, m.slack_ts, m.role, m.speaker_name, m.text, m.raw, m.edited_at is not null as edited, m.created_at,
      case when ${USED_TOOLS} then m.blocks end as blocks,
      (select json_agg(json_build_object('name', a.name, 'what', a.what, 'read', a.hash is not null) order by a.id)
        from skein.attachments a where a.message = m.id) as files
    from skein.messages m where m.id = any(${sql.param([...ids])}::bigint[]) and m.deleted_at is null`);
  return new Map(
    rows.map((row) => [
      Number(row.id),
      {
        ...lookedUp(row.blocks),
        ts: row.slack_ts,
        role: row.role,
        speaker: row.speaker_name,
        text: row.text ?? textOfRaw(row.raw),
        edited: row.edited,
        at: new Date(row.created_at).toISOString(),
        ...(row.files === null ? {} : { files: row.files }),
      },
    ]),
  );
}

function lookedUp(json: string | null): Pick<ExportedMessage, 'looked_up'> {
  const found = json === null ? [] : lookedUpIn(readBlocks(json) ?? []);
  return found.length === 0 ? {} : { looked_up: found };
}

/** What `forget` would take, or took. */
interface Forgotten {
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

/** Messages that are forgotten in one transaction, each with its answer: some ten milliseconds of locks. */
const TOGETHER = 200;

/**
 * Drops the words of a person's messages in a place and of the answers to them (`eraseWords`), in batches, however many
 * there are. Questions that are being answered now are left as they are and stopped. If it rejects in the middle, what
 * is forgotten stays so, and the same once more does the rest.
 */
export async function forgetWords(
  { query, transaction }: Pick<Database, 'query' | 'transaction'>,
  where: Where,
  person: string,
): Promise<Forgotten> {
  const { rows: own } = await query.execute<{ id: string }>(sql`
    select o.id from (${ownMessages(where, person)}) o order by o.id`);
  const ids = own.map(({ id }) => Number(id));
  const all = { messages: 0, answers: 0, running: 0 };
  for (let at = 0; at < ids.length; at += TOGETHER) {
    const { messages, answers, running } = await transaction(async (tx) => {
      const erased = await eraseWords(tx, ids.slice(at, at + TOGETHER), 'wait');
      for (const question of erased.running) await stopAnswering(tx, question);
      return erased;
    });
    all.messages += messages;
    all.answers += answers;
    all.running += running.length;
  }
  return all;
}

/** Drops what a person said about answers in a place, and what was allowed for threads there. */
export async function forgetOpinions(tx: Queryable, where: Where, person: string): Promise<void> {
  // Apart from the answers to the person, because with "or" between them Postgres reads all that anybody ever said.
  await tx.execute(sql`
    update skein.feedback f set reason = null from skein.replies r join skein.conversations c on c.id = r.conversation
    where f.person = ${person} and r.id = f.reply and ${placeOf(where)}`);
  // What was allowed for a thread that is forgotten is asked again.
  await tx.execute(sql`
    delete from skein.tool_grants g using skein.conversations c
    where g.person = ${person} and c.id = g.conversation and ${placeOf(where)}`);
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

const SAID = z.object({
  team: z.string(),
  channel: z.string(),
  /** In our direct message with that person. */
  direct: z.boolean(),
  ts: z.string(),
  threadTs: z.string().nullable(),
  user: z.string(),
  text: z.string(),
});

/** A command that was said by mention. */
export type SaidCommand = z.infer<typeof SAID>;

/** Commands that nobody answered within this time are dropped with the next one. */
const SAID_KEPT_DAYS = 1;

/** Keeps a command before Slack is told that we have it. */
export async function addSaid(tx: Queryable, id: string, said: SaidCommand): Promise<void> {
  await tx.execute(sql`
    delete from skein.pending_commands where at < now() - ${SAID_KEPT_DAYS} * interval '1 day'`);
  await tx.insert(pendingCommands).values({ id, said: JSON.stringify(said) });
}

/** With Slack's id of the file that an earlier try began to show. Null: it was answered. */
export async function loadSaid(
  db: Queryable,
  id: string,
): Promise<{ readonly said: SaidCommand; readonly file: string | null } | null> {
  const rows = await db
    .select({ said: pendingCommands.said, file: pendingCommands.file })
    .from(pendingCommands)
    .where(eq(pendingCommands.id, id));
  const [row] = rows;
  return row === undefined ? null : { said: SAID.parse(JSON.parse(row.said)), file: row.file };
}

/** The file that answers a command is about to be shown. */
export async function noteSaidFile(db: Queryable, id: string, file: string): Promise<void> {
  await db.update(pendingCommands).set({ file }).where(eq(pendingCommands.id, id));
}

export async function removeSaid(db: Queryable, id: string): Promise<void> {
  await db.delete(pendingCommands).where(eq(pendingCommands.id, id));
}
