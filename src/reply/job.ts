import type { NewJob } from '../jobs/store.ts';

const ANSWER = 'answer';

/**
 * Mailbox of a conversation: its questions are answered in the order they were asked, one at a time. With '' what all
 * of them begin with, where only the database knows the number.
 */
export function mailboxOf(conversation: number | ''): string {
  return `conversation:${conversation}`;
}

/**
 * The job that answers a question. Its place is the question's ts; `press` is an id of a person's "Try again",
 * null the first time.
 */
export function answerJob(options: {
  mailbox: string;
  reply: string;
  questionTs: string;
  press: string | null;
}): NewJob {
  const { mailbox, reply, questionTs, press } = options;
  return {
    mailbox,
    place: questionTs,
    cause: press === null ? `answer:${reply}` : `answer:${reply}:${press}`,
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
