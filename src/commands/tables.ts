import { sql } from 'drizzle-orm';
import { index, text, uuid } from 'drizzle-orm/pg-core';
import { moment, skein } from '../postgres/schema.ts';

/**
 * A command that was said by mention, from when it was taken until it is answered. The words are here and not in the job,
 * because jobs are kept.
 */
export const pendingCommands = skein.table(
  'pending_commands',
  {
    id: uuid().primaryKey(),
    /** `SaidCommand`, as JSON. */
    said: text().notNull(),
    /** Slack's id of the file that answers it, from before it is shown: a second try looks for it first. */
    file: text(),
    at: moment().notNull().default(sql`now()`),
  },
  (t) => [index('pending_commands_at').on(t.at)],
);
