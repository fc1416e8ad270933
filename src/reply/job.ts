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
    // `ask` names it where the mailbox is made; later jobs find it there.
    team: '',
    place: questionTs,
    cause: press === null ? `answer:${reply}` : `answer:${reply}:${press}`,
    name: ANSWER,
    subject: reply,
  };
}
