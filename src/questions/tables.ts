import { sql } from 'drizzle-orm';
import { boolean, index, integer, text, uuid } from 'drizzle-orm/pg-core';
import { moment, skein } from '../postgres/schema.ts';

/**
 * A question that we are to post for somebody, from before it is posted until commit 1 has it. The words are here and
 * not in the job, because jobs are kept.
 */
export const pendingQuestions = skein.table(
  'pending_questions',
  {
    /** Also in the metadata of the post, by which it is found again. */
    id: uuid().primaryKey(),
    team: text().notNull(),
    channel: text().notNull(),
    /** The thread it goes into; null: it begins one. */
    threadTs: text('thread_ts'),
    /** Slack user id of the one who asks. */
    person: text().notNull(),
    /** Their own workspace, where Slack named it. */
    personTeam: text('person_team'),
    /** The channel is a direct message with us. */
    direct: boolean().notNull(),
    /** The post, in safe mrkdwn. */
    shown: text().notNull(),
    /** What is asked, as Slack words it. */
    question: text().notNull(),
    /** Posts that were begun, counted before each: from the second on Slack is read first. */
    tries: integer().notNull().default(0),
    at: moment().notNull().default(sql`now()`),
  },
  (t) => [index('pending_questions_at').on(t.at)],
);
