import type { Job } from '../jobs/store.ts';
import { fence } from '../jobs/store.ts';
import type { Lease } from '../jobs/worker.ts';
import { type AnswerOptions, createAnswer } from './answer.ts';
import { commitAnswer, loadReply } from './store.ts';

/**
 * A reply that failed too often is told as failed, with what it had, and its thread goes on. Showing that is
 * tried once: if Slack does not take even this, the log has it.
 */
export function createGiveUp(
  options: AnswerOptions,
): (job: Job, lease: Lease, error: Error) => Promise<void> {
  const answer = createAnswer(options);
  return async (job, lease, error) => {
    const id = job.subject;
    await options.database.transaction(async (tx) => {
      await fence(tx, lease.token);
      const reply = await loadReply(tx, id);
      if (reply === null || (reply.state !== 'waiting' && reply.state !== 'writing')) return;
      // What people have read stays part of the thread.
      const end = {
        log: reply.log,
        stopReason: 'failed',
        stoppedBy: null,
        errorCode: 'REPLY_GIVEN_UP',
        requestId: null,
      };
      const remembered = reply.log.trim() !== '';
      await commitAnswer(tx, lease.token, reply, end, { remembered, inContext: true, logged: reply.blocks });
    });
    await answer(job, lease).catch((err) =>
      options.log.error({ err, reply: id, cause: error.message }, 'a given-up reply could not be shown'),
    );
  };
}
