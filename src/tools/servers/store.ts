import { and, asc, eq, isNotNull, sql } from 'drizzle-orm';
import type { Queryable } from '../../postgres/database.ts';
import { toolAccounts, toolLinks, toolServers } from './tables.ts';

/** A connected server as it is stored: `secret` and `oauth` are sealed, `listing` is JSON text. */
export type StoredServer = Readonly<typeof toolServers.$inferSelect>;
export type PeopleAllowed = StoredServer['people'];
export type Changes = StoredServer['changes'];

/** A workspace's servers in the order of their names; a few rows. */
export async function serversOf(db: Queryable, team: string): Promise<StoredServer[]> {
  return db.select().from(toolServers).where(eq(toolServers.team, team)).orderBy(asc(toolServers.name));
}

/** Workspaces that connected a server. */
export async function teamsWithServers(db: Queryable): Promise<string[]> {
  const { rows } = await db.execute<{ team: string }>(sql`
    select distinct team from skein.tool_servers order by team`);
  return rows.map(({ team }) => team);
}

export async function serverNamed(db: Queryable, team: string, name: string): Promise<StoredServer | null> {
  const rows = await db.select().from(toolServers).where(isNamed(team, name));
  return rows[0] ?? null;
}

export async function serverById(db: Queryable, id: string): Promise<StoredServer | null> {
  const rows = await db.select().from(toolServers).where(eq(toolServers.id, id));
  return rows[0] ?? null;
}

const isNamed = (team: string, name: string) => and(eq(toolServers.team, team), eq(toolServers.name, name));

/** False: the workspace has a server of this name already, or as many as it may. */
export async function insertServer(
  db: Queryable,
  one: Omit<StoredServer, 'pinnedAt' | 'listingChanged' | 'version' | 'connectedAt'> & {
    readonly pinned: boolean;
  },
  most: number,
): Promise<boolean> {
  const { rows } = await db.execute(sql`
    insert into skein.tool_servers
      (id, team, name, url, account, people, changes, secret, oauth, listing, pinned_at, connected_by)
    select ${one.id}::uuid, ${one.team}::text, ${one.name}::text, ${one.url}::text, ${one.account}::text,
      ${one.people}::text, ${one.changes}::text, ${one.secret}::text, ${one.oauth}::text, ${one.listing}::text,
      case when ${one.pinned}::boolean then now() end, ${one.connectedBy}::text
    where (select count(*) from skein.tool_servers where team = ${one.team}) < ${most}::int
    on conflict do nothing returning 1`);
  return rows.length > 0;
}

/** What may be changed of a server afterwards. */
interface ServerChange {
  readonly people?: PeopleAllowed;
  readonly changes?: Changes;
  /** Sealed. */
  readonly secret?: string;
  readonly oauth?: string;
}

export async function changeServer(db: Queryable, id: string, change: ServerChange): Promise<boolean> {
  const { rows } = await db.execute(sql`
    update skein.tool_servers set
      people = coalesce(${change.people ?? null}::text, people),
      changes = coalesce(${change.changes ?? null}::text, changes),
      secret = coalesce(${change.secret ?? null}::text, secret),
      oauth = coalesce(${change.oauth ?? null}::text, oauth),
      version = version + 1
    where id = ${id} returning 1`);
  return rows.length > 0;
}

/** False: somebody changed the server since version `version` was read. */
export async function pinListing(
  db: Queryable,
  id: string,
  version: number,
  listing: string,
): Promise<boolean> {
  const { rows } = await db.execute(sql`
    update skein.tool_servers set
      listing = ${listing}, pinned_at = now(), listing_changed = false, version = version + 1
    where id = ${id} and version = ${version} returning 1`);
  return rows.length > 0;
}

/** Not a new version: sessions and what is offered stay. */
export async function noteListingChanged(db: Queryable, id: string, changed: boolean): Promise<void> {
  await db.execute(sql`
    update skein.tool_servers set listing_changed = ${changed} where id = ${id} and listing_changed <> ${changed}`);
}

/** Its accounts and links go with it: what went. Null: there is no such server. In a transaction. */
export async function deleteServer(
  tx: Queryable,
  team: string,
  name: string,
): Promise<{ readonly server: StoredServer; readonly accounts: readonly StoredAccount[] } | null> {
  // Whoever links an account now waits for the lock, and finds that the server is gone.
  const [server] = await tx.select().from(toolServers).where(isNamed(team, name)).for('update');
  if (server === undefined) return null;
  const accounts = await tx.delete(toolAccounts).where(eq(toolAccounts.server, server.id)).returning(ACCOUNT);
  await tx.delete(toolServers).where(eq(toolServers.id, server.id));
  return { server, accounts };
}

/** A person's account: `tokens` are sealed. */
export interface StoredAccount {
  readonly server: string;
  readonly team: string;
  readonly person: string;
  readonly tokens: string;
  readonly expiresAt: Date | null;
  readonly version: number;
  /** Some process exchanges its tokens now. */
  readonly refreshing: boolean;
}

const ACCOUNT = {
  server: toolAccounts.server,
  team: toolAccounts.team,
  person: toolAccounts.person,
  tokens: toolAccounts.tokens,
  expiresAt: toolAccounts.expiresAt,
  version: toolAccounts.version,
  refreshing: sql<boolean>`coalesce(${toolAccounts.refreshingUntil} > now(), false)`,
};

const isOf = (server: string, person: string) =>
  and(eq(toolAccounts.server, server), eq(toolAccounts.person, person));

export async function accountOf(
  db: Queryable,
  server: string,
  person: string,
): Promise<StoredAccount | null> {
  const rows = await db.select(ACCOUNT).from(toolAccounts).where(isOf(server, person));
  return rows[0] ?? null;
}

/** Names of the servers of a workspace at which the person has an account. */
export async function linkedAt(db: Queryable, team: string, person: string): Promise<string[]> {
  const { rows } = await db.execute<{ name: string }>(sql`
    select s.name from skein.tool_accounts a join skein.tool_servers s on s.id = a.server
    where a.team = ${team} and a.person = ${person} order by s.name`);
  return rows.map(({ name }) => name);
}

/** Stores a person's account, or the newer one; false: the server is gone. */
export async function saveAccount(
  db: Queryable,
  one: Pick<StoredAccount, 'server' | 'team' | 'person' | 'tokens' | 'expiresAt'>,
): Promise<boolean> {
  const { rows } = await db.execute(sql`
    insert into skein.tool_accounts as a (server, team, person, tokens, expires_at)
    select id, team, ${one.person}::text, ${one.tokens}::text, ${one.expiresAt}::timestamptz from skein.tool_servers
    where id = ${one.server} and team = ${one.team}
    on conflict (server, person) do update set tokens = excluded.tokens, expires_at = excluded.expires_at,
      linked_at = now(), version = a.version + 1, refreshing_until = null
    returning 1`);
  return rows.length > 0;
}

/** True: this process exchanges the tokens of this version now, and nobody else does for `seconds`. */
export async function beginRefresh(db: Queryable, of: StoredAccount, seconds: number): Promise<boolean> {
  const { rows } = await db.execute(sql`
    update skein.tool_accounts set refreshing_until = now() + make_interval(secs => ${seconds})
    where server = ${of.server} and person = ${of.person} and version = ${of.version}
      and (refreshing_until is null or refreshing_until < now())
    returning 1`);
  return rows.length > 0;
}

/** False: another account was linked meanwhile, or this one was unlinked. */
export async function saveRefreshed(
  db: Queryable,
  of: StoredAccount,
  fresh: Pick<StoredAccount, 'tokens' | 'expiresAt'>,
): Promise<boolean> {
  const { rows } = await db.execute(sql`
    update skein.tool_accounts set tokens = ${fresh.tokens}, expires_at = ${fresh.expiresAt},
      version = version + 1, refreshing_until = null
    where server = ${of.server} and person = ${of.person} and version = ${of.version} returning 1`);
  return rows.length > 0;
}

export async function endRefresh(db: Queryable, of: StoredAccount): Promise<void> {
  await db.execute(sql`
    update skein.tool_accounts set refreshing_until = null
    where server = ${of.server} and person = ${of.person} and version = ${of.version}`);
}

/** Drops an account; with `version` only that one. The row that went; null: there was none. */
export async function deleteAccount(
  db: Queryable,
  {
    server,
    person,
    version,
  }: { readonly server: string; readonly person: string; readonly version?: number },
): Promise<StoredAccount | null> {
  const thatOne = version === undefined ? undefined : eq(toolAccounts.version, version);
  const rows = await db
    .delete(toolAccounts)
    .where(and(isOf(server, person), thatOne))
    .returning(ACCOUNT);
  return rows[0] ?? null;
}

/** Drops a person's accounts and links in a workspace; those that went. */
export async function deleteAccountsOf(
  db: Queryable,
  team: string,
  person: string,
): Promise<StoredAccount[]> {
  await db.execute(sql`delete from skein.tool_links where team = ${team} and person = ${person}`);
  return db
    .delete(toolAccounts)
    .where(and(eq(toolAccounts.team, team), eq(toolAccounts.person, person)))
    .returning(ACCOUNT);
}

/** A link that was given to a person: by the hash of what stands in it; `verifier` is sealed. */
export type StoredLink = Readonly<typeof toolLinks.$inferSelect>;

/** A link works once, and so long. */
const LINK_SECONDS = 600;
const WORKS = sql`${toolLinks.createdAt} > now() - make_interval(secs => ${LINK_SECONDS})`;

/** The person's earlier links to the server end with it. */
export async function insertLink(
  db: Queryable,
  one: Pick<StoredLink, 'state' | 'server' | 'team' | 'person'>,
): Promise<void> {
  await db.execute(sql`
    with gone as (delete from skein.tool_links where server = ${one.server} and person = ${one.person})
    insert into skein.tool_links (state, server, team, person)
    values (${one.state}, ${one.server}, ${one.team}, ${one.person})`);
}

export async function linkOf(db: Queryable, state: string): Promise<StoredLink | null> {
  const rows = await db
    .select()
    .from(toolLinks)
    .where(and(eq(toolLinks.state, state), WORKS));
  return rows[0] ?? null;
}

/** The browser in which the link was confirmed, and what it is sent on with. */
export async function confirmLink(
  db: Queryable,
  { state, browser, verifier }: Pick<StoredLink, 'state' | 'browser' | 'verifier'>,
): Promise<boolean> {
  const { rowCount } = await db
    .update(toolLinks)
    .set({ browser, verifier })
    .where(and(eq(toolLinks.state, state), WORKS));
  return rowCount === 1;
}

/** Takes a link that was confirmed in this browser: it works once. Null: there is none, or not any more. */
export async function takeLink(db: Queryable, state: string, browser: string): Promise<StoredLink | null> {
  const rows = await db
    .delete(toolLinks)
    .where(
      and(eq(toolLinks.state, state), eq(toolLinks.browser, browser), isNotNull(toolLinks.verifier), WORKS),
    )
    .returning();
  return rows[0] ?? null;
}

export async function purgeLinks(db: Queryable): Promise<void> {
  await db.execute(sql`
    delete from skein.tool_links where created_at < now() - make_interval(secs => ${LINK_SECONDS})`);
}

/** What is sealed of connected servers, by column. */
export async function sealedRows(
  db: Queryable,
  what: 'secret' | 'oauth' | 'tokens',
): Promise<{ readonly server: string; readonly person: string | null; readonly sealed: string }[]> {
  const { rows } = await db.execute<{ server: string; person: string | null; sealed: string }>(
    what === 'tokens'
      ? sql`select server, person, tokens as sealed from skein.tool_accounts`
      : sql`select id as server, null as person, ${sql.identifier(what)} as sealed from skein.tool_servers
            where ${sql.identifier(what)} is not null`,
  );
  return rows;
}

/** Replaces what is sealed, unless it was changed since it was read. */
export async function replaceSealed(
  db: Queryable,
  what: 'secret' | 'oauth' | 'tokens',
  {
    server,
    person,
    sealed,
  }: { readonly server: string; readonly person: string | null; readonly sealed: string },
  fresh: string,
): Promise<void> {
  await db.execute(
    what === 'tokens'
      ? sql`update skein.tool_accounts set tokens = ${fresh}
            where server = ${server} and person = ${person} and tokens = ${sealed}`
      : sql`update skein.tool_servers set ${sql.identifier(what)} = ${fresh}
            where id = ${server} and ${sql.identifier(what)} = ${sealed}`,
  );
}
