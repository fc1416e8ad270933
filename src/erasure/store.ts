import { type SQL, sql } from 'drizzle-orm';
import { BATCH } from '../postgres/batches.ts';
import type { Database, Queryable } from '../postgres/database.ts';

/** How long words are kept at the places of one scope. */
export interface KeptFor {
  /** `deployment`: every place there is. */
  readonly scope: 'deployment' | 'workspace' | 'channel' | 'person';
  readonly team: string;
  /** The channel or person; for a workspace its team again. A person's holds in their direct messages with us. */
  readonly scopeId: string;
  /** At least 1. */
  readonly days: number;
}

/** What was erased now; what its asker had deleted in Slack before is erased too and not counted. */
interface Erased {
  /** What people wrote. */
  readonly messages: number;
  readonly answers: number;
  /** How many of the messages that were given are erased now, also those that do not count. */
  readonly erased: number;
  /** Questions that were left, because they are being answered. */
  readonly running: readonly number[];
}

/**
 * Whether the question `m` is being answered. A reply that stopped in the middle and that nobody will go on with is not:
 * its mailbox is empty, and a day after a person opened it nobody looks for it any more.
 */
export const RUNNING: SQL = sql`exists (select from skein.replies r
  where r.question = m.id and r.state in ('waiting', 'writing', 'answered')
    and (r.opened_at > now() - interval '1 day' or exists (select from skein.mailboxes b
      where b.key = 'conversation:' || r.conversation and b.pending > 0)))`;

/**
 * Drops the words of messages and of the answers to them: texts, blocks, names, logs, earlier versions, instructions, what
 * was written into calls of tools and what they gave, and why somebody found an answer poor. What was paid stays in the ledger, which holds no words. The rows stay without
 * words, so that nothing of it is taken as new or read from Slack again. A question that is being answered is left as it
 * is, and so are, with `skip`, messages that somebody holds at this moment.
 */
export async function eraseWords(
  tx: Queryable,
  messages: readonly number[],
  held: 'wait' | 'skip',
): Promise<Erased> {
  if (messages.length === 0) return { messages: 0, answers: 0, erased: 0, running: [] };
  // First the lock, then the question whether it runs: a press on its reply, or a new reply to it, waits for this lock,
  // and one that came before it is seen by the statement after it.
  const { rows: locked } = await tx.execute<{ id: string }>(sql`
    select m.id from skein.messages m where m.id = any(${list(messages)}::bigint[]) and m.erased_at is null
    order by m.id for update ${held === 'skip' ? sql`skip locked` : sql``}`);
  const { rows: open } = await tx.execute<{ id: string }>(sql`
    select m.id from skein.messages m where m.id = any(${list(locked.map(({ id }) => id))}::bigint[]) and ${RUNNING}`);
  const running = open.map(({ id }) => Number(id));
  const over = locked.map(({ id }) => Number(id)).filter((id) => !running.includes(id));
  if (over.length === 0) return { messages: 0, answers: 0, erased: 0, running };
  const gone = sql`any(${list(over)}::bigint[])`;
  // Lists rather than joins: Postgres knows how long they are, so that it never reads a whole table for a batch.
  const under = await instructionsOf(
    tx,
    sql`any(array(select r.id from skein.replies r where r.question = ${gone}))`,
  );
  const { rows: replies } = await tx.execute<{ id: string }>(sql`
    update skein.replies set log = '', log_units = 0, has_blocks = false, instructions = '', version = 1, versions = 1,
      leftovers = '{}'
    where question = ${gone} returning id`);
  const ofReplies = sql`any(${list(replies.map(({ id }) => id))}::uuid[])`;
  await tx.execute(sql`delete from skein.versions where reply = ${ofReplies}`);
  await tx.execute(sql`delete from skein.pieces where reply = ${ofReplies}`);
  await tx.execute(sql`delete from skein.answer_blocks where reply = ${ofReplies}`);
  await tx.execute(sql`update skein.tool_calls set input = '{}', result = null where reply = ${ofReplies}`);
  await tx.execute(
    sql`update skein.feedback set reason = null where reply = ${ofReplies} and reason is not null`,
  );
  const words = sql`raw = null, text = null, blocks = null, speaker_name = null, erased_at = now(),
    deleted_at = coalesce(a.deleted_at, now())`;
  type Row = { role: string; live: boolean };
  const { rows: answers } = await tx.execute<Row>(sql`
    update skein.messages a set ${words} from skein.messages q
    where q.id = ${gone} and q.role = 'user' and a.conversation = q.conversation and a.slack_ts = q.slack_ts
      and a.role = 'assistant' and a.erased_at is null
    returning a.role, a.deleted_at = now() as live`);
  const { rows: said } = await tx.execute<Row & { conversation: string }>(sql`
    update skein.messages a set ${words} where a.id = ${gone}
    returning a.role, a.deleted_at = now() as live, a.conversation`);
  // A thread that Slack did not let us read when we came is not read now: what was said there is older still.
  const threads = new Set(said.map(({ conversation }) => conversation));
  await tx.execute(sql`
    update skein.conversations set thread_read_at = now()
    where id = any(${list([...threads])}::bigint[]) and thread_read_at is null`);
  await dropUnused(tx, under);
  const live = [...answers, ...said].filter((row) => row.live);
  return {
    messages: live.filter(({ role }) => role === 'user').length,
    answers: live.filter(({ role }) => role === 'assistant').length,
    erased: said.length,
    running,
  };
}

/** A place in the order of a workspace's conversations, between two pages of them. */
export interface After {
  readonly channel: string;
  readonly threadTs: string;
}

/**
 * The next conversations at the places of a limit, and where they end; `after` null: from the first. Read by index in
 * pages of at most `most`, so that no statement grows with what was ever said.
 */
export async function conversationsOf(
  db: Queryable,
  { scope, team, scopeId }: KeptFor,
  after: After | null,
  most: number,
): Promise<{ readonly ids: readonly number[]; readonly after: After | null }> {
  const narrower = {
    deployment: sql`true`,
    workspace: sql`true`,
    channel: sql`c.channel = ${scopeId}`,
    person: sql`c.kind = 'im' and c.id = any(array(select s.conversation from skein.messages s
      where s.speaker = ${scopeId} and s.role = 'user'))`,
  };
  const { rows } = await db.execute<{ id: string; channel: string; thread_ts: string }>(sql`
    select c.id, c.channel, c.thread_ts from skein.conversations c
    where c.team = ${team} and ${narrower[scope]}
      and (c.channel, c.thread_ts) > (${after?.channel ?? ''}, ${after?.threadTs ?? ''})
    order by c.channel, c.thread_ts limit ${most}`);
  const last = rows.at(-1);
  return {
    ids: rows.map(({ id }) => Number(id)),
    after:
      last === undefined || rows.length < most ? null : { channel: last.channel, threadTs: last.thread_ts },
  };
}

/**
 * Messages with words that were stored more than `days` ago, at most `most`: those of `conversations`, or with null the
 * oldest of all. An answer goes with its question, so it is named here only where that question is not.
 */
export async function messagesKeptTooLong(
  db: Queryable,
  days: number,
  conversations: readonly number[] | null,
  most: number,
): Promise<number[]> {
  // Asked by a subselect for each message that is old enough: for "not exists", as for a join below, Postgres may read
  // all that was ever said.
  const question = sql`(select q.id from skein.messages q
    where q.conversation = m.conversation and q.slack_ts = m.slack_ts and q.role = 'user' and q.erased_at is null limit 1)`;
  const old = sql`m.erased_at is null and m.created_at < now() - ${days}::int * interval '1 day'
    and case m.role when 'user' then not ${RUNNING} else ${question} is null end`;
  const { rows } = await db.execute<{ id: string }>(
    conversations === null
      ? sql`select m.id from skein.messages m where ${old} order by m.created_at limit ${most}`
      : sql`select o.id from unnest(${list(conversations)}::bigint[]) c(id)
          cross join lateral (select m.id from skein.messages m where m.conversation = c.id and ${old}
            order by m.created_at limit ${most}) o limit ${most}`,
  );
  return rows.map(({ id }) => Number(id));
}

/** The texts that these replies and their other versions were written under, by hash. */
async function instructionsOf(tx: Queryable, replies: SQL): Promise<string[]> {
  const { rows } = await tx.execute<{ hash: string }>(sql`
    select instructions_hash as hash from skein.replies where id = ${replies} and instructions_hash is not null
    union
    select instructions_hash from skein.versions where reply = ${replies} and instructions_hash is not null`);
  return rows.map(({ hash }) => hash);
}

/**
 * Drops those of the texts that nothing refers to. What somebody is about to refer to is left, and nobody is waited for,
 * so that it can be the last statement of any transaction. Only for a transaction. Returns how many.
 */
export async function dropUnused(tx: Queryable, hashes: readonly string[]): Promise<number> {
  if (hashes.length === 0) return 0;
  const { rows } = await tx.execute<{ hash: string }>(sql`
    select hash from skein.instructions where hash = any(${list(hashes)}::text[]) for update skip locked`);
  // A statement of its own, which sees what was committed before the locks were taken; subselects, as in `messagesKeptTooLong`.
  const { rowCount } = await tx.execute(sql`
    delete from skein.instructions i where i.hash = any(${list(rows.map(({ hash }) => hash))}::text[])
      and (select r.id from skein.replies r where r.instructions_hash = i.hash limit 1) is null
      and (select v.reply from skein.versions v where v.instructions_hash = i.hash limit 1) is null`);
  return rowCount ?? 0;
}

/** Drops every text that nothing refers to any more. Returns how many. */
export async function dropAllUnused(database: Database, signal: AbortSignal): Promise<number> {
  let after = '';
  for (let all = 0; ; ) {
    const { rows } = await database.query.execute<{ hash: string }>(sql`
      select hash from skein.instructions where hash > ${after} order by hash limit ${BATCH}`);
    const hashes = rows.map(({ hash }) => hash);
    all += await database.transaction((tx) => dropUnused(tx, hashes));
    after = hashes.at(-1) ?? '';
    if (hashes.length < BATCH || signal.aborted) return all;
  }
}

/** One parameter, however many there are. */
function list(all: readonly (number | string)[]): string {
  return `{${all.join(',')}}`;
}
