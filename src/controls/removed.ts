import type { LeaseToken } from '../jobs/store.ts';
import type { Database } from '../postgres/database.ts';
import { callOfCard, decide, lockReplyOf, wakeFor } from '../reply/cards/store.ts';
import { requestStop } from '../reply/store.ts';
import { type PressOptions, showAgain } from './press.ts';
import { beginRemoval, lockPressed, replyOfSegment } from './store.ts';

/**
 * Somebody (an admin, as a rule) deleted a message of an answer in Slack: the whole answer goes, as if its asker had
 * pressed Delete; one that is being written is stopped. True if the message was a part of an answer. Our own deletions
 * come back as events too; by then the answer is being removed, and nothing changes. A card goes alone: nobody can be asked
 * any more about the call that it is of.
 */
export async function answerDeleted(
  at: {
    readonly team: string;
    readonly channel: string;
    /** Answers are in threads; null: it can be no part of one. */
    readonly threadTs: string | null;
    readonly ts: string;
  },
  options: Pick<PressOptions, 'newId' | 'claimant' | 'begin'> & { readonly database: Database },
): Promise<boolean> {
  const { threadTs } = at;
  const id = threadTs === null ? null : await replyOfSegment(options.database.query, { ...at, threadTs });
  if (id === null) return threadTs !== null && cardDeleted({ ...at, threadTs }, options.database);
  const lease = await options.database.transaction(async (tx): Promise<LeaseToken | null> => {
    // Slack does not say who it was.
    const reply = await lockPressed(tx, id, { team: at.team, by: '' });
    if (reply === null) return null;
    switch (reply.state) {
      case 'waiting':
      case 'writing':
        await requestStop(tx, id, reply.asker);
        return null;
      case 'answered':
      case 'shown':
      case 'failed':
        await beginRemoval(tx, reply, reply.asker);
        return showAgain(tx, reply, options);
      default:
        return null;
    }
  });
  if (lease !== null) options.begin(lease);
  return true;
}

async function cardDeleted(
  at: Parameters<typeof callOfCard>[1],
  { query, transaction }: Database,
): Promise<boolean> {
  const call = await callOfCard(query, at);
  if (call === null) return false;
  await transaction(async (tx) => {
    await lockReplyOf(tx, call.id);
    if (await decide(tx, call.id, 'denied', null, 'notAsked')) await wakeFor(tx, call);
  });
  return true;
}
