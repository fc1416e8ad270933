import { sql } from 'drizzle-orm';
import { bigint, boolean, check, index, integer, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import { conversations, messages } from '../conversation/tables.ts';
import { moment, skein } from '../postgres/schema.ts';

/** Texts of instructions that answers were written under, each once, by SHA-256 in hex: `reply/write/store.ts`. */
export const instructions = skein.table('instructions', {
  hash: text().primaryKey(),
  text: text().notNull(),
});

/** All we show for one question. States: `reply/lifecycle.ts`. */
export const replies = skein.table(
  'replies',
  {
    id: uuid().primaryKey(),
    conversation: bigint({ mode: 'number' })
      .notNull()
      .references(() => conversations.id, { onDelete: 'cascade' }),
    question: bigint({ mode: 'number' })
      .notNull()
      .references(() => messages.id, { onDelete: 'cascade' }),
    state: text().notNull().default('waiting'),
    /** Settings as they were when the question was admitted. */
    model: text().notNull(),
    maxTokens: integer('max_tokens').notNull(),
    /** Written as text; a trigger makes it a hash (`reply/write/store.ts`), and then this is ''. */
    instructions: text().notNull(),
    instructionsHash: text('instructions_hash').references(() => instructions.hash),
    footer: boolean().notNull(),
    streaming: text().notNull().default('edit'),
    effort: text().notNull().default('auto'),
    /** Seconds; null: no ping. */
    pingAfter: integer('ping_after'),
    /** The asker's own workspace, where Slack said so: a native stream names it. */
    askerTeam: text('asker_team'),
    /** Text of this version as it was when it last ended; what came since then is in `pieces` while it is written. */
    log: text().notNull().default(''),
    /** Length of `log` in UTF-16 units: Postgres counts code points. */
    logUnits: integer('log_units').notNull().default(0),
    /** Why the answer ended: a `StopReason`, or 'stopped' by a person. */
    stopReason: text('stop_reason'),
    stoppedBy: text('stopped_by'),
    errorCode: text('error_code'),
    requestId: text('request_id'),
    /** Calls to the model so far, of all versions, retries and continuations included. */
    calls: integer().notNull().default(0),
    /** Number of the version that this row holds: the one that is shown, or being written. */
    version: integer().notNull().default(1),
    /** Versions there are, this one included; the others rest in `versions`. */
    versions: integer().notNull().default(1),
    /** Numbers of the calls that this version was made of. */
    versionCalls: integer('version_calls').array().notNull().default(sql`'{}'`),
    /** Of the last call: where in `log` its text begins, in UTF-16 units; null: its text is not in the log. */
    callFrom: integer('call_from'),
    /** Of the last call: its prompt in tokens, by estimate. */
    callPrompt: integer('call_prompt').notNull().default(0),
    /** What was not given to the model word by word for this answer: 'summarised', 'left_out', 'unread'; null: nothing. */
    contextNote: text('context_note'),
    /** When this version was begun: a later edit of the question is not in it. */
    begunAt: moment('begun_at').notNull().default(sql`now()`),
    /** Where in `log` the last "Continue" went on, in UTF-16 units: what is before has used its tokens. */
    continuedAt: integer('continued_at').notNull().default(0),
    /** When a person last opened it again: the jobs since then are its tries. */
    openedAt: moment('opened_at').notNull().default(sql`now()`),
    /** Counts what changes the look of a finished reply, so that no look is taken for the newest one. */
    changes: integer().notNull().default(0),
    /** Rows of `answer_blocks` belong to this version. */
    hasBlocks: boolean('has_blocks').notNull().default(false),
    /** What was said under an answer about its tools: 'web_forbidden'; null: nothing. */
    toolNote: text('tool_note'),
    deletedBy: text('deleted_by'),
    /** What it waits for outside (`waits/waits.ts`), and since when; null: for nothing. */
    waitsFor: text('waits_for'),
    waitsSince: moment('waits_since'),
    /** Its message says what it waits for. */
    waitsTold: boolean('waits_told').notNull().default(false),
    createdAt: moment('created_at').notNull().default(sql`now()`),
    answeredAt: moment('answered_at'),
    shownAt: moment('shown_at'),
    /** Indexes of its segments that show a Stop button still, or Markdown where there are better forms, although it is over. */
    leftovers: integer().array().notNull().default(sql`'{}'`),
    /** When the asker was pinged, or was about to be: never twice. */
    pingedAt: moment('pinged_at'),
  },
  (t) => [
    check(
      'replies_state',
      sql`${t.state} in ('waiting', 'writing', 'answered', 'shown', 'failed', 'refused', 'removing', 'deleted')`,
    ),
    check('replies_context_note', sql`${t.contextNote} in ('summarised', 'left_out', 'unread')`),
    check('replies_streaming', sql`${t.streaming} in ('edit', 'native', 'auto')`),
    index('replies_question').on(t.question),
    index('replies_conversation').on(t.conversation),
    index('replies_open')
      .on(t.createdAt)
      .where(sql`${t.state} in ('waiting', 'writing', 'answered', 'removing')`),
    index('replies_instructions')
      .on(t.instructionsHash)
      .where(sql`${t.instructionsHash} is not null`)
      .concurrently(),
    // Those that have any, the oldest end first.
    index('replies_leftovers').on(t.shownAt).where(sql`${t.leftovers} <> '{}'`).concurrently(),
    index('replies_instructions_whole').on(t.id).where(sql`${t.instructions} <> ''`).concurrently(),
  ],
);

/**
 * Text received from the model while a reply is written, each piece stored before it is shown. Only ever added to: a
 * log that grew within its row would be written anew with each piece. Joined into `replies.log` when the answer ends.
 */
export const pieces = skein.table(
  'pieces',
  {
    /**
     * Not a foreign key: its check would lock the reply with each piece. What belongs to no reply that is being written is
     * purged.
     */
    reply: uuid().notNull(),
    /** Where in the whole log it begins, and how long it is, in UTF-16 units. */
    at: integer().notNull(),
    units: integer().notNull(),
    text: text().notNull(),
  },
  (t) => [primaryKey({ columns: [t.reply, t.at] })],
);

/**
 * The blocks of a version of an answer that may use tools, each stored when it is complete and before what comes after it is
 * shown: exactly as they came, because they are sent back so. An answer without tools is its log alone.
 */
export const answerBlocks = skein.table(
  'answer_blocks',
  {
    reply: uuid()
      .notNull()
      .references(() => replies.id, { onDelete: 'cascade' }),
    version: integer().notNull(),
    seq: integer().notNull(),
    /** Length of the log when it was complete, in UTF-16 units: the text behind the last block is one that is open. */
    upto: integer().notNull(),
    /** The call to the model that it came with. */
    call: integer().notNull(),
    /** JSON text, because jsonb reorders keys; null: the text since the block before is ours (a list of sources). */
    block: text(),
  },
  (t) => [primaryKey({ columns: [t.reply, t.version, t.seq] })],
);

/** One Slack message of a reply. A row is written before the post; `ts` null: posted or not, nobody knows. */
export const segments = skein.table(
  'segments',
  {
    reply: uuid()
      .notNull()
      .references(() => replies.id, { onDelete: 'cascade' }),
    index: integer().notNull(),
    ts: text(),
    /** It is, or may be, a native stream that nobody has stopped. */
    streaming: boolean().notNull().default(false),
    intentAt: moment('intent_at').notNull().default(sql`now()`),
  },
  (t) => [primaryKey({ columns: [t.reply, t.index] })],
);

/**
 * A file that goes with an answer, or an answer that goes to its asker where its place is gone. Written before anything is
 * sent, so that no crash makes a second one.
 */
export const sentFiles = skein.table(
  'sent_files',
  {
    reply: uuid()
      .notNull()
      .references(() => replies.id, { onDelete: 'cascade' }),
    version: integer().notNull(),
    /** Its place among the files of that version; -1: the answer itself, as a direct message. */
    at: integer().notNull(),
    /** `sharing`: it may or may not be in the thread by now. `over`: it is there, or Slack refused it. */
    state: text({ enum: ['intended', 'sharing', 'over'] })
      .notNull()
      .default('intended'),
    /** Slack's id, once its bytes are there. */
    file: text(),
    intendedAt: moment('intended_at').notNull().default(sql`now()`),
  },
  (t) => [primaryKey({ columns: [t.reply, t.version, t.at] })],
);
