import { sql } from 'drizzle-orm';
import type { ConversationKind } from '../conversation/store.ts';
import type { LeaseToken } from '../jobs/store.ts';
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

export interface StoredQuestion {
  readonly conversation: number;
  readonly message: number;
  /** Set if the reply may be begun here at once: for the owner that was given. */
  readonly lease: LeaseToken | null;
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
    mailbox: string;
    epoch: string | null;
  }>(sql`
    select conversation, message, mailbox, epoch from skein.ask(
      ${question.team}, ${question.channel}, ${ts}, ${question.eventId}, ${question.threadTs}, ${question.kind},
      ${question.speaker}, ${question.raw}, ${question.rewrite},
      ${reply}::uuid, ${question.askerTeam}, ${settings.model}, ${settings.maxTokens}::integer, ${settings.instructions},
      ${settings.footer}, ${settings.streaming}, ${settings.effort}, ${settings.pingAfter}::integer,
      ${job.mailbox}, ${job.place}, ${job.cause}, ${job.name}, ${job.payload}, ${owner}::uuid)`);
  const row = rows[0];
  if (row === undefined) return null;
  const epoch = row.epoch === null ? null : Number(row.epoch);
  return {
    conversation: Number(row.conversation),
    message: Number(row.message),
    lease: epoch === null || owner === null ? null : { mailbox: row.mailbox, owner, epoch },
  };
}
