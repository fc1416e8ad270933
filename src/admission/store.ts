import { sql } from 'drizzle-orm';
import type { ConversationKind } from '../conversation/store.ts';
import type { Job, LeaseToken } from '../jobs/store.ts';
import type { Queryable } from '../postgres/database.ts';
import { answerJob, mailboxOf } from '../reply/job.ts';
import type { Snapshot } from '../reply/snapshot.ts';

/** A question as commit 1 stores it. */
export interface NewQuestion {
  readonly team: string;
  readonly channel: string;
  readonly ts: string;
  /** Of the delivery that brought it; null: none did. */
  readonly eventId: string | null;
  /** Root of its thread; its own `ts` if it begins one. */
  readonly threadTs: string;
  readonly kind: ConversationKind;
  readonly speaker: string;
  /** JSON text. */
  readonly raw: string;
  /** If the message is stored already, it is replaced by this one. */
  readonly rewrite: boolean;
  /** Id of the reply that it gets. */
  readonly reply: string;
  readonly askerTeam: string | null;
  readonly settings: Snapshot;
}

interface StoredQuestion {
  readonly conversation: number;
  readonly message: number;
  /** Set if the reply is to be begun here at once: for the owner that was given. */
  readonly begun: { readonly lease: LeaseToken; readonly job: Job } | null;
}

/**
 * Commit 1: one statement (`skein.ask`, migration 0008), so outside a transaction it is durable when this resolves.
 * Null, and nothing new is stored, if the message was taken before. `owner` is as for `enqueue`.
 */
export async function storeQuestion(
  db: Queryable,
  question: NewQuestion,
  owner: string | null,
): Promise<StoredQuestion | null> {
  const { settings, reply, ts } = question;
  const box = mailboxOf('');
  const job = answerJob({ mailbox: box, reply, questionTs: ts, press: null });
  const { rows } = await db.execute<{
    conversation: string;
    message: string;
    seq: string;
    epoch: string | null;
  }>(sql`
    select conversation, message, seq, epoch from skein.ask(
      ${question.team}, ${question.channel}, ${ts}, ${question.eventId}, ${question.threadTs}, ${question.kind},
      ${question.speaker}, ${question.raw}, ${question.rewrite},
      ${reply}::uuid, ${question.askerTeam}, ${settings.model}, ${settings.maxTokens}::integer, ${settings.instructions},
      ${settings.footer}, ${settings.streaming}, ${settings.effort}, ${settings.pingAfter}::integer,
      ${job.mailbox}, ${job.place}, ${job.cause}, ${job.name}, ${job.subject}, ${owner}::uuid)`);
  const row = rows[0];
  if (row === undefined) return null;
  const conversation = Number(row.conversation);
  const mailbox = mailboxOf(conversation);
  const { name, subject } = job;
  const { team } = question;
  return {
    conversation,
    message: Number(row.message),
    begun:
      row.epoch === null || owner === null
        ? null
        : {
            lease: { mailbox, owner, epoch: Number(row.epoch), team },
            job: { mailbox, team, seq: Number(row.seq), name, subject, attempt: 1, failures: 0 },
          },
  };
}

/** The replies without an end in a thread; at the top level of a direct message, in all of its threads. */
export async function openReplies(
  db: Queryable,
  at: { team: string; channel: string; threadTs: string | null },
): Promise<string[]> {
  const { rows } = await db.execute<{ id: string }>(sql`
    select r.id from skein.conversations c join skein.replies r on r.conversation = c.id
    where c.team = ${at.team} and c.channel = ${at.channel} and r.state in ('waiting', 'writing')
      and (c.thread_ts = ${at.threadTs}::text or (${at.threadTs}::text is null and c.kind = 'im'))`);
  return rows.map((row) => row.id);
}

/** Takes away the mark of a message that was a command or a stop and is taken anew after an edit. */
export async function forgetCommandMark(
  tx: Queryable,
  { team, channel, ts }: { team: string; channel: string; ts: string },
): Promise<void> {
  await tx.execute(sql`
    delete from skein.seen
    where team = ${team} and channel = ${channel} and ts = ${ts} and taken_as in ('command', 'stop')`);
}
