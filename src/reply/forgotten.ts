import { enqueue } from '../jobs/store.ts';
import type { Database } from '../postgres/database.ts';
import { answerJob, mailboxOf } from './job.ts';
import { unfinishedWithoutJob } from './store.ts';

/** A reply that nobody works on is looked at again after this long, and so often at most. */
const AGAIN_AFTER_SECONDS = 10;
const MOST_JOBS = 20;

/**
 * Replies without an end whose jobs are all done: giving them up failed too (Slack was away, say), and their
 * thread went on. They get a new job, so that no placeholder outlives its owner. Returns how many; any
 * number of processes may ask at once. A reply that has had `MOST_JOBS` is left as it is.
 */
export async function resumeForgotten({ query, transaction }: Database): Promise<number> {
  const forgotten = await unfinishedWithoutJob(query, AGAIN_AFTER_SECONDS, MOST_JOBS);
  for (const { reply, conversation, questionTs, jobs } of forgotten) {
    const mailbox = mailboxOf(conversation);
    const job = answerJob({ mailbox, reply, questionTs, press: null });
    // The number of jobs before it is part of the cause: of several processes one makes the job.
    await transaction((tx) => enqueue(tx, { ...job, cause: `resume:${reply}:${jobs}` }, null));
  }
  return forgotten.length;
}
