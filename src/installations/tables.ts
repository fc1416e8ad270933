import { sql } from 'drizzle-orm';
import { bigint, boolean, primaryKey, text } from 'drizzle-orm/pg-core';
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
  /** Slack's word for why, or the event that said so. */
  goneWhy: text('gone_why'),
  /** When all that was stored of it was erased, after it was gone. */
  erasedAt: moment('erased_at'),
  /** As Slack named it when it was installed. */
  name: text(),
  /** The organisation that a workspace belongs to; of an organisation its own id. */
  enterprise: text(),
  /** Installed by an organisation for all of its workspaces. */
  wide: boolean().notNull().default(false),
  botId: text('bot_id'),
  appId: text('app_id'),
  /** Separated by commas, as Slack gives them. */
  scopes: text(),
  /** Encrypted (`tokens/seal.ts`), as `refresh_token` and `model_key` are. Null: its token comes from the environment, or it is gone. */
  botToken: text('bot_token'),
  /** Single use; only with token rotation, as `expires_at` is. */
  refreshToken: text('refresh_token'),
  expiresAt: moment('expires_at'),
  /** Until when a process has taken it on to exchange the token. */
  rotatingUntil: moment('rotating_until'),
  /** Slack user id, and when. */
  installedBy: text('installed_by'),
  installedAt: moment('installed_at'),
  /** Rises with each change of the token, so that what was decided about an older one changes nothing. */
  version: bigint({ mode: 'number' }).notNull().default(0),
  /** When anything here changed: other processes look for what is newer. */
  changedAt: moment('changed_at').notNull().default(sql`now()`),
  /** A key of the Claude API that an admin gave this workspace, encrypted; who, and when. */
  modelKey: text('model_key'),
  modelKeyBy: text('model_key_by'),
  modelKeyAt: moment('model_key_at'),
});

/** States of installations that came back: each works once, and is forgotten when it would have expired anyway. */
export const usedStates = skein.table('used_states', {
  /** SHA-256 of the state, in base64url. */
  hash: text().primaryKey(),
  at: moment().notNull().default(sql`now()`),
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
