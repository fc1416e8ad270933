import { sql } from 'drizzle-orm';
import {
  bigint,
  boolean,
  check,
  foreignKey,
  index,
  integer,
  primaryKey,
  text,
  unique,
  uuid,
} from 'drizzle-orm/pg-core';
import { messages } from '../conversation/tables.ts';
import { bytea, moment, skein } from '../postgres/schema.ts';

/**
 * What Claude gets of people's files, each content once for a workspace. A trigger deletes one that no attachment has any
 * more (`migrations/0028_files.sql`).
 */
export const contents = skein.table(
  'contents',
  {
    team: text().notNull(),
    /** SHA-256 of `bytes`, in hexadecimal. */
    hash: text().notNull(),
    /** `image/png`, `image/jpeg`, `application/pdf`, or `text/plain` in UTF-8. */
    media: text().notNull(),
    bytes: bytea().notNull(),
    size: integer().notNull(),
    width: integer().notNull().default(0),
    height: integer().notNull().default(0),
    pages: integer().notNull().default(1),
    /** When a message last brought it: the oldest go first where a workspace has too much. */
    keptAt: moment('kept_at').notNull().default(sql`now()`),
  },
  (t) => [primaryKey({ columns: [t.team, t.hash] }), index('contents_kept').on(t.team, t.keptAt)],
);

/** A file of a message: what was made of it, or why nothing. A trigger deletes those of a message that is deleted or erased. */
export const attachments = skein.table(
  'attachments',
  {
    id: bigint({ mode: 'number' }).generatedAlwaysAsIdentity().primaryKey(),
    message: bigint({ mode: 'number' })
      .notNull()
      .references(() => messages.id, { onDelete: 'cascade' }),
    team: text().notNull(),
    /** Slack's id of the file. */
    file: text().notNull(),
    name: text().notNull(),
    /** Bytes, as Slack claims. */
    size: bigint({ mode: 'number' }),
    /** What it is in a word or two, for the model; null: it was not read. */
    what: text(),
    hash: text(),
    /** Something of it was left out. */
    cut: boolean().notNull().default(false),
    /** Why it was not read, as in `files/made.ts`; null: it was. */
    why: text(),
    /** The reply that it was read for, or was to be: that one tells what was not read. */
    reply: uuid(),
    at: moment().notNull().default(sql`now()`),
  },
  (t) => [
    unique('attachments_once').on(t.message, t.file),
    index('attachments_reply').on(t.reply),
    index('attachments_content').on(t.team, t.hash),
    foreignKey({ columns: [t.team, t.hash], foreignColumns: [contents.team, contents.hash] }),
    check('attachments_made', sql`(${t.hash} is null) <> (${t.why} is null)`),
  ],
);
