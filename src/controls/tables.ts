import { sql } from 'drizzle-orm';
import { check, index, integer, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import { moment, skein } from '../postgres/schema.ts';
import { instructions, replies } from '../reply/tables.ts';

/** Versions of an answer that are not shown now; the one that is lies in `replies`. Columns as there. */
export const versions = skein.table(
  'versions',
  {
    reply: uuid()
      .notNull()
      .references(() => replies.id, { onDelete: 'cascade' }),
    version: integer().notNull(),
    text: text().notNull(),
    /** Length of `text` in UTF-16 units. */
    units: integer().notNull(),
    stopReason: text('stop_reason'),
    stoppedBy: text('stopped_by'),
    errorCode: text('error_code'),
    requestId: text('request_id'),
    model: text().notNull(),
    maxTokens: integer('max_tokens').notNull(),
    instructions: text().notNull(),
    instructionsHash: text('instructions_hash').references(() => instructions.hash),
    calls: integer().array().notNull(),
    begunAt: moment('begun_at').notNull(),
    continuedAt: integer('continued_at').notNull(),
    answeredAt: moment('answered_at'),
  },
  (t) => [
    primaryKey({ columns: [t.reply, t.version] }),
    index('versions_instructions')
      .on(t.instructionsHash)
      .where(sql`${t.instructionsHash} is not null`)
      .concurrently(),
    index('versions_instructions_whole')
      .on(t.reply, t.version)
      .where(sql`${t.instructions} <> ''`)
      .concurrently(),
  ],
);

/** What people thought of a version of an answer: one opinion a person. */
export const feedback = skein.table(
  'feedback',
  {
    reply: uuid()
      .notNull()
      .references(() => replies.id, { onDelete: 'cascade' }),
    version: integer().notNull(),
    person: text().notNull(),
    verdict: text().notNull(),
    /** In the person's words; null if none were given. */
    reason: text(),
    /** SHA-256 of the instructions that the answer was written under, in hex: what opinions are counted by. */
    instructionsHash: text('instructions_hash').notNull(),
    at: moment().notNull().default(sql`now()`),
  },
  (t) => [
    primaryKey({ columns: [t.reply, t.version, t.person] }),
    index('feedback_person').on(t.person),
    index('feedback_instructions').on(t.instructionsHash, t.verdict),
    check('feedback_verdict', sql`${t.verdict} in ('good', 'bad')`),
  ],
);

/**
 * A press that was carried out, for an hour: Slack delivers none twice, but one whose commit was not heard of is tried
 * again, and must not undo itself.
 */
export const presses = skein.table(
  'presses',
  {
    /** Made from the press (`pressKey`). */
    key: text().primaryKey(),
    at: moment().notNull().default(sql`now()`),
  },
  (t) => [index('presses_at').on(t.at)],
);
