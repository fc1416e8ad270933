import { sql } from 'drizzle-orm';
import { bigint, boolean, check, index, primaryKey, text, unique, uuid } from 'drizzle-orm/pg-core';
import { moment, skein } from '../postgres/schema.ts';

/** One Slack thread that we remember. */
export const conversations = skein.table(
  'conversations',
  {
    id: bigint({ mode: 'number' }).generatedAlwaysAsIdentity().primaryKey(),
    team: text().notNull(),
    channel: text().notNull(),
    threadTs: text('thread_ts').notNull(),
    kind: text().notNull(),
    /** When the thread that was there before us was read; null: not yet, or nothing to read. */
    threadReadAt: moment('thread_read_at'),
    createdAt: moment('created_at').notNull().default(sql`now()`),
  },
  (t) => [
    unique('conversations_place').on(t.team, t.channel, t.threadTs),
    check('conversations_kind', sql`${t.kind} in ('channel', 'group', 'im', 'mpim', 'unknown')`),
  ],
);

/** What was said in a conversation, by people and by us. */
export const messages = skein.table(
  'messages',
  {
    id: bigint({ mode: 'number' }).generatedAlwaysAsIdentity().primaryKey(),
    conversation: bigint({ mode: 'number' })
      .notNull()
      .references(() => conversations.id, { onDelete: 'cascade' }),
    /** The message's own ts; for an answer the ts of its question, which gives it its place in the order. */
    slackTs: text('slack_ts').notNull(),
    role: text().notNull(),
    /** Slack user id of a person, bot id of another bot, null for us. */
    speaker: text(),
    speakerName: text('speaker_name'),
    /** Payload parts that the text is read from, as JSON text: jsonb reorders keys and refuses NUL. */
    raw: text(),
    /** Readable Markdown; null until it has been read from `raw`. */
    text: text(),
    /** The exact blocks given to the model, as JSON text; null until then, and for an answer, which is one block of its text. */
    blocks: text(),
    /** False: kept, but not sent to the model again (a refused turn). */
    inContext: boolean('in_context').notNull().default(true),
    editedAt: moment('edited_at'),
    deletedAt: moment('deleted_at'),
    /**
     * When its words were erased with all that was made of them (`erasure/store.ts`): by `forget` or because they
     * were kept long enough. The row stays, so that the same message is not taken or read from Slack again. Unlike
     * `deletedAt` alone, which says that somebody deleted it in Slack: the answer to it may still be there.
     */
    erasedAt: moment('erased_at'),
    createdAt: moment('created_at').notNull().default(sql`now()`),
  },
  (t) => [
    unique('messages_once').on(t.conversation, t.slackTs, t.role),
    // An edit or deletion names channel and ts, not the thread.
    index('messages_said_at').on(t.slackTs).where(sql`${t.role} = 'user'`),
    // What one person wrote in a whole workspace, to be forgotten; and the conversations of that person.
    index('messages_speaker').on(t.speaker, t.conversation).where(sql`${t.role} = 'user'`),
    // What was kept for longest.
    index('messages_kept').on(t.createdAt).where(sql`${t.erasedAt} is null`),
    // What was kept for longest in one conversation: a workspace's are looked at one by one.
    index('messages_kept_in')
      .on(t.conversation, t.createdAt)
      .where(sql`${t.erasedAt} is null`)
      .concurrently(),
    // Whether somebody wrote in a thread, and whether anybody else did.
    index('messages_speakers')
      .on(t.conversation, t.speaker)
      .where(sql`${t.role} = 'user' and (${t.deletedAt} is null or ${t.erasedAt} is not null)`)
      .concurrently(),
    check('messages_role', sql`${t.role} in ('user', 'assistant')`),
  ],
);

/**
 * What stands for the earlier part of a thread that has become too long. A trigger deletes a row, finished
 * or not, as soon as anything that it covers changes (`migrations/0010_summaries.sql`): no deleted word may live on in it.
 */
export const summaries = skein.table(
  'summaries',
  {
    /** Several may be made at once; the newest that is finished counts. */
    draft: uuid().defaultRandom().primaryKey(),
    conversation: bigint({ mode: 'number' })
      .notNull()
      .references(() => conversations.id, { onDelete: 'cascade' }),
    /** Slack's ts of the last message that it covers. */
    until: text().notNull(),
    /** Null: being made. */
    text: text(),
    at: moment().notNull().default(sql`now()`),
  },
  (t) => [index('summaries_conversation').on(t.conversation)],
);

/**
 * One row for each message that was taken or knowingly left: the mark against deliveries that come twice,
 * as `message` and as `app_mention`, at once or hours later. Slack retries for up to 24 h (delayed events);
 * rows are purged after a week.
 */
export const seen = skein.table(
  'seen',
  {
    team: text().notNull(),
    channel: text().notNull(),
    ts: text().notNull(),
    eventId: text('event_id'),
    /** For a message that is not stored: an edit may make a question of a command or a stop. Null: it is stored. */
    takenAs: text('taken_as', { enum: ['command', 'stop', 'removed'] }),
    at: moment().notNull().default(sql`now()`),
  },
  (t) => [primaryKey({ columns: [t.team, t.channel, t.ts] }), index('seen_at').on(t.at)],
);
