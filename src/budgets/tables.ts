import { sql } from 'drizzle-orm';
import { bigint, check, date, index, integer, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import { moment, skein } from '../postgres/schema.ts';

/** What a running call to the model may still cost besides what the ledger holds of it: at most one of each reply. */
export const reservations = skein.table(
  'reservations',
  {
    /** Opaque here, as in the ledger. */
    reply: uuid().primaryKey(),
    /** The call of this reply that it is for: whoever settles another one changes nothing. */
    call: integer().notNull().default(0),
    team: text().notNull(),
    channel: text().notNull(),
    person: text().notNull(),
    /** Nano-dollars. */
    costNano: bigint('cost_nano', { mode: 'bigint' }).notNull(),
    at: moment().notNull().default(sql`now()`),
  },
  (t) => [index('reservations_team').on(t.team), check('reservations_cost', sql`${t.costNano} >= 0`)],
);

/**
 * How often something was set aside in a workspace. Whoever does it raises `turn`, in the same statement and only from what
 * it was when the account was read: of two that looked at the same room one looks again.
 */
export const budgetTurns = skein.table('budget_turns', {
  team: text().primaryKey(),
  turn: bigint({ mode: 'number' }).notNull(),
});

/** A budget that was used so far that its admins are told: once for each step, amount and period. */
export const budgetAlerts = skein.table(
  'budget_alerts',
  {
    team: text().notNull(),
    scope: text().notNull(),
    /** The channel or person; for a workspace, and what a deployment allows one, the team again. */
    scopeId: text('scope_id').notNull(),
    period: text().notNull(),
    /** First day of the period (UTC). */
    starts: date().notNull(),
    /** The budget in nano-dollars: one that was raised is told of again. */
    mostNano: bigint('most_nano', { mode: 'bigint' }).notNull(),
    /** Per cent. */
    level: integer().notNull(),
    spentNano: bigint('spent_nano', { mode: 'bigint' }).notNull(),
    at: moment().notNull().default(sql`now()`),
    /** When a process last took it to tell it: others leave it for a while. */
    takenAt: moment('taken_at'),
    /** Null: nobody was told yet. */
    toldAt: moment('told_at'),
  },
  (t) => [
    primaryKey({
      name: 'budget_alerts_once',
      columns: [t.team, t.scope, t.scopeId, t.period, t.starts, t.mostNano, t.level],
    }),
    index('budget_alerts_untold').on(t.at).where(sql`${t.toldAt} is null`),
    check('budget_alerts_scope', sql`${t.scope} in ('deployment', 'workspace', 'channel', 'person')`),
    check('budget_alerts_period', sql`${t.period} in ('day', 'month')`),
  ],
);
