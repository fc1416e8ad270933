import { sql } from 'drizzle-orm';
import { index, text, uuid } from 'drizzle-orm/pg-core';
import { moment, skein } from '../postgres/schema.ts';

/**
 * A submitted form that could not be looked into within Slack's three seconds, until its question is stored or refused.
 * The words are here and not in the job, because jobs are kept.
 */
export const pendingWishes = skein.table(
  'pending_wishes',
  {
    id: uuid().primaryKey(),
    team: text().notNull(),
    /** Slack user id of the one who asks. */
    person: text().notNull(),
    /** Their own workspace, where Slack named it. */
    personTeam: text('person_team'),
    /** Id of the form's view: a second delivery of it is the same wish. */
    form: text().notNull(),
    /** What the form says, as JSON (`Wish`). */
    wish: text().notNull(),
    at: moment().notNull().default(sql`now()`),
  },
  (t) => [index('pending_wishes_at').on(t.at)],
);
