import { sql } from 'drizzle-orm';
import { primaryKey, text } from 'drizzle-orm/pg-core';
import { moment, skein } from '../postgres/schema.ts';

/**
 * Who installed the app: a workspace (`T…`), or an organisation (`E…`) for all of its workspaces. Everything that is
 * stored by team is stored by one of these. Those of before this table that had direct messages with us were entered
 * when it was made: nobody but an installation has these.
 */
export const installations = skein.table('installations', {
  id: text().primaryKey(),
  /** Null: an installation of before this table, whose token we have not seen. */
  botUserId: text('bot_user_id'),
  firstSeenAt: moment('first_seen_at').notNull().default(sql`now()`),
  /** When Slack refused its token or told us that the app was taken out; null: it is there. */
  goneAt: moment('gone_at'),
});

/**
 * Channels under the name of a team that never installed the app, and that our token can't see: what is stored of
 * them stays as it is, and Slack is not asked again.
 */
export const unseenPlaces = skein.table(
  'unseen_places',
  {
    team: text().notNull(),
    channel: text().notNull(),
    at: moment().notNull().default(sql`now()`),
  },
  (t) => [primaryKey({ columns: [t.team, t.channel] })],
);
