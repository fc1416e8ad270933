import { sql } from 'drizzle-orm';
import { bigint, check, index, primaryKey, text } from 'drizzle-orm/pg-core';
import { moment, skein } from '../postgres/schema.ts';

/** What was set from Slack and holds now. `scopeId`: the channel or person; for a workspace its team again. */
export const settings = skein.table(
  'settings',
  {
    team: text().notNull(),
    scope: text().notNull(),
    scopeId: text('scope_id').notNull(),
    key: text().notNull(),
    /** In the one form that its key's `parse` reads back. */
    value: text().notNull(),
    setBy: text('set_by').notNull(),
    setAt: moment('set_at').notNull().default(sql`now()`),
  },
  (t) => [
    primaryKey({ columns: [t.team, t.scope, t.scopeId, t.key] }),
    check('settings_scope', sql`${t.scope} in ('person', 'channel', 'workspace')`),
  ],
);

/** Every change of a setting, for ever; the words of instructions for a month. The highest `id` of a scope is its version. */
export const settingChanges = skein.table(
  'setting_changes',
  {
    id: bigint({ mode: 'number' }).generatedAlwaysAsIdentity().primaryKey(),
    team: text().notNull(),
    scope: text().notNull(),
    scopeId: text('scope_id').notNull(),
    key: text().notNull(),
    /** Null: it was not set before, or is not any more. */
    fromValue: text('from_value'),
    toValue: text('to_value'),
    by: text().notNull(),
    at: moment().notNull().default(sql`now()`),
  },
  (t) => [
    index('setting_changes_scope').on(t.team, t.scope, t.scopeId, t.id),
    check('setting_changes_scope', sql`${t.scope} in ('person', 'channel', 'workspace')`),
  ],
);
