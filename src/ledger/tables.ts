import { sql } from 'drizzle-orm';
import {
  bigint,
  boolean,
  check,
  date,
  index,
  integer,
  primaryKey,
  text,
  unique,
  uuid,
} from 'drizzle-orm/pg-core';
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
    /** Searches of the web that the provider made. */
    webSearches: integer('web_searches').notNull().default(0),
    /** True: the provider never told the final counts, so output is counted from the text received. */
    estimated: boolean().notNull(),
    priceVersion: text('price_version').notNull(),
    /** Nano-dollars (10⁻⁹ USD); null: the model has no known price. */
    costNano: bigint('cost_nano', { mode: 'bigint' }),
    /** What a call without a known price counts as against budgets: the dearest known price; null where there is one. */
    assumedNano: bigint('assumed_nano', { mode: 'bigint' }),
    /** The call was running when this was entered: it is in no counter yet, what is set aside for it stands for it. */
    open: boolean().notNull().default(false),
    requestId: text('request_id'),
    at: moment().notNull().default(sql`now()`),
  },
  (t) => [
    unique('usage_once').on(t.reply, t.call),
    index('usage_team_at').on(t.team, t.at),
    // A person's Home tab, in a workspace where many ask.
    index('usage_person_at').on(t.team, t.person, t.at),
    // Entries come in the order of time, so a block range index finds those of a month.
    index('usage_at').using('brin', t.at),
    index('usage_open').on(t.at).where(sql`${t.open}`),
    check('usage_counts', sql`${t.inputTokens} >= 0 and ${t.outputTokens} >= 0`),
  ],
);

/**
 * What one scope has spent on one day (UTC): the sums of `usage` that budgets look at. A trigger of `usage` keeps them
 * (`skein.count_spent`), in whichever transaction an entry is made.
 */
export const spent = skein.table(
  'spent',
  {
    team: text().notNull(),
    /** 'workspace', 'channel' or 'person'. */
    scope: text().notNull(),
    /** The channel or person; for a workspace its team again. */
    scopeId: text('scope_id').notNull(),
    day: date().notNull(),
    /** Nano-dollars; calls without a known price at the dearest. */
    costNano: bigint('cost_nano', { mode: 'bigint' }).notNull(),
    tokens: bigint({ mode: 'bigint' }).notNull(),
  },
  (t) => [primaryKey({ name: 'spent_once', columns: [t.team, t.scope, t.scopeId, t.day] })],
);
