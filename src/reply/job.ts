import type { NewJob } from '../jobs/store.ts';

export const ANSWER = 'answer';

/** Mailbox of a conversation: its questions are answered in the order they were asked, one at a time. */
export function mailboxOf(conversation: number): string {
  return `conversation:${conversation}`;
}

/**
 * The job that answers a question. Its place is the question's ts; `attempt` tells a person's "Try again" from
 * the first time.
 */
export function answerJob(options: {
  mailbox: string;
  reply: string;
  questionTs: string;
  attempt: number;
}): NewJob {
  const { mailbox, reply, questionTs, attempt } = options;
  return {
    mailbox,
    place: questionTs,
    cause: `answer:${reply}:${attempt}`,
    name: ANSWER,
    payload: JSON.stringify({ reply }),
  };
}

/** The reply that a job is about; null for a payload that is not ours. */
export function replyOf(payload: string): string | null {
  try {
    const value: unknown = JSON.parse(payload);
    if (typeof value === 'object' && value !== null && 'reply' in value && typeof value.reply === 'string')
      return value.reply;
  } catch {
    // A row that somebody else wrote; the caller reports it.
  }
  return null;
}
