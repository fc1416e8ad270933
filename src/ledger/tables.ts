import { sql } from 'drizzle-orm';
import { bigint, boolean, check, index, integer, text, unique, uuid } from 'drizzle-orm/pg-core';
import { moment, skein } from '../postgres/schema.ts';

/** The ledger: one entry for each call to the model, also for stopped, cut and failed ones. */
export const usage = skein.table(
  'usage',
  {
    id: bigint({ mode: 'number' }).generatedAlwaysAsIdentity().primaryKey(),
    /** Opaque here: the ledger does not know replies. With `call` it makes an entry unique. */
    reply: uuid().notNull(),
    call: integer().notNull(),
    team: text().notNull(),
    channel: text().notNull(),
    person: text().notNull(),
    model: text().notNull(),
    inputTokens: integer('input_tokens').notNull(),
    cacheWrite5mTokens: integer('cache_write_5m_tokens').notNull(),
    cacheWrite1hTokens: integer('cache_write_1h_tokens').notNull(),
    cacheReadTokens: integer('cache_read_tokens').notNull(),
    outputTokens: integer('output_tokens').notNull(),
    thinkingTokens: integer('thinking_tokens').notNull(),
    /** True: the provider never told the final counts, so output is counted from the text received. */
    estimated: boolean().notNull(),
    priceVersion: text('price_version').notNull(),
    /** Nano-dollars (10⁻⁹ USD); null: the model has no known price. */
    costNano: bigint('cost_nano', { mode: 'bigint' }),
    requestId: text('request_id'),
    at: moment().notNull().default(sql`now()`),
  },
  (t) => [
    unique('usage_once').on(t.reply, t.call),
    index('usage_team_at').on(t.team, t.at),
    // A person's Home tab, in a workspace where many ask.
    index('usage_person_at').on(t.team, t.person, t.at),
    check('usage_counts', sql`${t.inputTokens} >= 0 and ${t.outputTokens} >= 0`),
  ],
);
