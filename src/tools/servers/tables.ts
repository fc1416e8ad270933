import { sql } from 'drizzle-orm';
import { boolean, check, index, integer, primaryKey, text, unique, uuid } from 'drizzle-orm/pg-core';
import { moment, skein } from '../../postgres/schema.ts';
import type { ToolAccount } from '../connected.ts';

/** A server of tools (Model Context Protocol) that a workspace connected. Where it may be used is the setting `tools`. */
export const toolServers = skein.table(
  'tool_servers',
  {
    id: uuid().primaryKey(),
    /** The installation. */
    team: text().notNull(),
    /** What the workspace calls it: `^[a-z][a-z0-9-]{0,19}$`. */
    name: text().notNull(),
    url: text().notNull(),
    /** In whose name its tools speak: `none`, `workspace`, `person`. */
    account: text().$type<ToolAccount>().notNull(),
    /** Who may use it: `everyone`, `members` (no guests), `admins`. */
    people: text().$type<'everyone' | 'members' | 'admins'>().notNull().default('members'),
    /** Tools that change something: `ask` first, or `off`. Those that only read run at once. */
    changes: text().$type<'ask' | 'off'>().notNull().default('ask'),
    /** The token of the workspace's account, sealed. */
    secret: text(),
    /** How people link accounts: what was found out of its authorisation server, with our registration there; sealed JSON. */
    oauth: text(),
    /** The pinned list of tools, JSON text; what the server lists later counts when an admin has accepted it. */
    listing: text().notNull().default('[]'),
    /** When the list was pinned. */
    pinnedAt: moment('pinned_at'),
    /** The server lists something else now. */
    listingChanged: boolean('listing_changed').notNull().default(false),
    /** Counts what was changed in this row. */
    version: integer().notNull().default(1),
    /** Slack user id of the admin who connected it. */
    connectedBy: text('connected_by').notNull(),
    connectedAt: moment('connected_at').notNull().default(sql`now()`),
  },
  (t) => [
    unique('tool_servers_name').on(t.team, t.name),
    check('tool_servers_account', sql`${t.account} in ('none', 'workspace', 'person')`),
    check('tool_servers_people', sql`${t.people} in ('everyone', 'members', 'admins')`),
    check('tool_servers_changes', sql`${t.changes} in ('ask', 'off')`),
  ],
);

/** A person's own account at a server. */
export const toolAccounts = skein.table(
  'tool_accounts',
  {
    server: uuid()
      .notNull()
      .references(() => toolServers.id, { onDelete: 'cascade' }),
    team: text().notNull(),
    person: text().notNull(),
    /** Tokens and their scope, sealed JSON. */
    tokens: text().notNull(),
    expiresAt: moment('expires_at'),
    /** Counts the tokens that were stored: a refresh token works once. */
    version: integer().notNull().default(1),
    /** Until then one process exchanges the tokens for new ones. */
    refreshingUntil: moment('refreshing_until'),
    linkedAt: moment('linked_at').notNull().default(sql`now()`),
  },
  (t) => [primaryKey({ columns: [t.server, t.person] }), index('tool_accounts_person').on(t.team, t.person)],
);

/** A link that was given to one person to link an account: used once, and of no use to anybody else. */
export const toolLinks = skein.table(
  'tool_links',
  {
    /** SHA-256 of the state that goes through the browser, in base64url. */
    state: text().primaryKey(),
    server: uuid()
      .notNull()
      .references(() => toolServers.id, { onDelete: 'cascade' }),
    team: text().notNull(),
    person: text().notNull(),
    /** SHA-256 of what the browser keeps in which the person confirmed who they are; null: nobody did yet. */
    browser: text(),
    /** The verifier of PKCE, sealed; null: nobody was sent on yet. */
    verifier: text(),
    createdAt: moment('created_at').notNull().default(sql`now()`),
  },
  (t) => [index('tool_links_created').on(t.createdAt)],
);
