import { sql } from 'drizzle-orm';
import { bigint, primaryKey, text } from 'drizzle-orm/pg-core';
import { moment, skein } from '../postgres/schema.ts';

/**
 * What people did that an admin may ask about later, without any words: installing, exporting, erasing, keys, budgets, calls
 * of connected tools.
 * Changes of settings are in `setting_changes`.
 */
export const deeds = skein.table(
  'deeds',
  {
    id: bigint({ mode: 'number' }).generatedAlwaysAsIdentity(),
    /** The installation. */
    team: text().notNull(),
    at: moment().notNull().default(sql`now()`),
    /** Slack user id; null: Slack or this program did it. */
    person: text(),
    /** A `Deed` of `store.ts`. */
    what: text().notNull(),
    /** What it was done to: `person`, `channel`, `workspace`, `conversation`, and its id. */
    scope: text(),
    scopeId: text('scope_id'),
    /** Names of a server and of one of its tools, as `server/tool`; null: it is not about one. */
    tool: text(),
    /** How much of it: messages exported, conversations erased, nano-dollars. */
    amount: bigint({ mode: 'number' }),
  },
  (t) => [primaryKey({ columns: [t.team, t.id] })],
);
