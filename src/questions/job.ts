import type { NewJob } from '../jobs/store.ts';

export const POST_QUESTION = 'question';

/**
 * The job that posts a question and takes it. A person's questions are posted in the order in which they came, and the
 * same cause (a form, a command) is one question however often it is delivered.
 */
export function questionJob(options: { team: string; user: string; id: string; cause: string }): NewJob {
  const { team, user, id, cause } = options;
  return {
    mailbox: `questions:${team}:${user}`,
    team,
    place: '0',
    cause: `question:${team}:${cause}`,
    name: POST_QUESTION,
    subject: id,
  };
}
