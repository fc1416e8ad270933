import { sql } from 'drizzle-orm';
import { bigint, index, text, uuid } from 'drizzle-orm/pg-core';
import { moment, skein } from '../postgres/schema.ts';

/**
 * Calls that processes made of what a workspace allows, for as long as Slack counts them (a minute). So a
 * process that comes, or comes back, knows what is already spent.
 */
export const spendings = skein.table(
  'spendings',
  {
    id: bigint({ mode: 'number' }).generatedAlwaysAsIdentity().primaryKey(),
    team: text().notNull(),
    method: text().notNull(),
    process: uuid().notNull(),
    at: moment().notNull().default(sql`clock_timestamp()`),
  },
  (t) => [index('spendings_recent').on(t.team, t.method, t.id), index('spendings_at').on(t.at)],
);
