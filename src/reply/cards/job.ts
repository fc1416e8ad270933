import { enqueue, type Job, type NewJob } from '../../jobs/store.ts';
import type { Lease } from '../../jobs/worker.ts';
import type { Database, Queryable } from '../../postgres/database.ts';
import { mailboxOf } from '../job.ts';
import type { CardsOfReplies } from '../tools/ports.ts';
import { expireOver, staleReplies } from './store.ts';

/** Draws the cards of a reply: under the lease of its conversation, like all that is written there. */
export const DRAW_CARDS = 'cards';

/** Replies looked after at a time; the others come the next time. */
const MOST_AT_ONCE = 100;

/** `again`: an id of what it is drawn for, so that each has its job. */
function drawJob(of: { reply: string; conversation: number; questionTs: string }, again: string): NewJob {
  return {
    mailbox: mailboxOf(of.conversation),
    team: '',
    place: of.questionTs,
    cause: `cards:${of.reply}:${again}`,
    name: DRAW_CARDS,
    subject: of.reply,
  };
}

/** Has the cards of a reply drawn, in the caller's transaction. */
export async function drawLater(
  tx: Queryable,
  of: { reply: string; conversation: number; questionTs: string },
  again: string,
): Promise<void> {
  await enqueue(tx, drawJob(of, again), null);
}

/** The handler of those jobs. */
export function createDrawCards(
  cards: Pick<CardsOfReplies, 'redraw'>,
): (job: Job, lease: Lease) => Promise<void> {
  return (job, lease) => cards.redraw({ id: job.subject }, lease);
}

/**
 * Ends what nobody will decide about any more, because its answer is over or was replaced, and has cards drawn that show something
 * else than what is: what an answer did not come to when it ended. Any number of processes may do it at once. `now`:
 * milliseconds; within one minute a reply gets one job. Returns how many calls expired.
 */
export async function sweepCalls({ query, transaction }: Database, now: number): Promise<number> {
  const expired = await expireOver(query);
  const minute = `swept ${Math.floor(now / 60_000)}`;
  for (const stale of await staleReplies(query, MOST_AT_ONCE))
    await transaction((tx) => drawLater(tx, stale, minute));
  return expired;
}
