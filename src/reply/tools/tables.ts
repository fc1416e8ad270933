import { sql } from 'drizzle-orm';
import { bigint, boolean, check, index, integer, primaryKey, text, unique, uuid } from 'drizzle-orm/pg-core';
import { conversations } from '../../conversation/tables.ts';
import { moment, skein } from '../../postgres/schema.ts';
import { replies } from '../tables.ts';

/** A call that waits for somebody. */
const OPEN = sql`state = 'proposed' or sharing = 'withheld'`;
/** A card that shows something else than what is. */
const STALE = sql`(card_intent is not null and card_shown is distinct from state)
  or (share_intent is not null and share_shown is distinct from sharing)`;

/**
 * One call of a connected tool by the model: written before anything is done, and judged by what is written. A call that is
 * found `running` after a crash is `unknown`, unless it may be repeated.
 */
export const toolCalls = skein.table(
  'tool_calls',
  {
    id: uuid().primaryKey(),
    reply: uuid()
      .notNull()
      .references(() => replies.id, { onDelete: 'cascade' }),
    version: integer().notNull(),
    /** The provider's id of the call (`toolu_…`). */
    use: text().notNull(),
    team: text().notNull(),
    server: text().notNull(),
    tool: text().notNull(),
    title: text().notNull(),
    /** JSON text, as the model wrote it. */
    input: text().notNull(),
    reads: boolean().notNull(),
    repeatable: boolean().notNull(),
    account: text().notNull(),
    /** Whose question it is: in whose name a personal account speaks. */
    person: text().notNull(),
    /** `proposed`, `approved`, `denied`, `expired`, `refused`, `running`, `done`, `failed`, `unknown`. */
    state: text().notNull(),
    /** Slack user id of who decided; null: nobody had to, or the time did. */
    decidedBy: text('decided_by'),
    decidedAt: moment('decided_at'),
    /** What the model gets: JSON text of the content of a `tool_result`; null: nothing yet. */
    result: text(),
    /** Result of a personal account, in a channel: `withheld` until its owner has seen it, then `released` or `kept`. */
    sharing: text(),
    /** The card: its message, once it is known to stand there; the intent is written before the post. */
    cardIntent: moment('card_intent'),
    cardTs: text('card_ts'),
    /** The state that the card shows; null: it is to be drawn anew. */
    cardShown: text('card_shown'),
    /** The same three for the private card that shows a withheld result to its owner. */
    shareIntent: moment('share_intent'),
    shareTs: text('share_ts'),
    shareShown: text('share_shown'),
    createdAt: moment('created_at').notNull().default(sql`now()`),
    begunAt: moment('begun_at'),
    endedAt: moment('ended_at'),
  },
  (t) => [
    unique('tool_calls_use').on(t.reply, t.use),
    check(
      'tool_calls_state',
      sql`${t.state} in ('proposed', 'approved', 'denied', 'expired', 'refused', 'running', 'done', 'failed', 'unknown')`,
    ),
    check('tool_calls_sharing', sql`${t.sharing} in ('withheld', 'released', 'kept')`),
    index('tool_calls_team').on(t.team, t.createdAt),
    // Few, whatever was ever called. Two of them: Postgres takes most rows for stale, and would not use one of both.
    index('tool_calls_open').on(t.createdAt).where(OPEN),
    index('tool_calls_stale').on(t.createdAt).where(STALE),
  ],
);

/** "Always for this thread": a tool that needs no further word of this person in this conversation. */
export const toolGrants = skein.table(
  'tool_grants',
  {
    conversation: bigint({ mode: 'number' })
      .notNull()
      .references(() => conversations.id, { onDelete: 'cascade' }),
    server: text().notNull(),
    tool: text().notNull(),
    person: text().notNull(),
    grantedAt: moment('granted_at').notNull().default(sql`now()`),
  },
  (t) => [
    primaryKey({ columns: [t.conversation, t.server, t.tool, t.person] }),
    index('tool_grants_person').on(t.person),
  ],
);
