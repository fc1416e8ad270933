import { sql } from 'drizzle-orm';
import type { Queryable } from '../../postgres/database.ts';
import type { ToolAccount } from '../connected.ts';

export type PeopleAllowed = 'everyone' | 'members' | 'admins';
export type Changes = 'ask' | 'off';

/** A connected server as it is stored: `secret` and `oauth` are sealed, `listing` is JSON text. */
export interface StoredServer {
  readonly id: string;
  readonly team: string;
  readonly name: string;
  readonly url: string;
  readonly account: ToolAccount;
  readonly people: PeopleAllowed;
  readonly changes: Changes;
  readonly secret: string | null;
  readonly oauth: string | null;
  readonly listing: string;
  /** Null: no list was accepted yet, so nothing of it is offered. */
  readonly pinnedAt: Date | null;
  readonly listingChanged: boolean;
  readonly version: number;
  readonly connectedBy: string;
  readonly connectedAt: Date;
}

const columns = sql.raw(`id, team, name, url, account, people, changes, secret, oauth, listing, pinned_at,
  listing_changed, version, connected_by, connected_at`);

type Row = Record<string, unknown> & {
  id: string;
  team: string;
  name: string;
  url: string;
  account: ToolAccount;
  people: PeopleAllowed;
  changes: Changes;
  secret: string | null;
  oauth: string | null;
  listing: string;
  pinned_at: string | Date | null;
  listing_changed: boolean;
  version: number;
  connected_by: string;
  connected_at: string | Date;
};

function toServer(row: Row): StoredServer {
  return {
    id: row.id,
    team: row.team,
    name: row.name,
    url: row.url,
    account: row.account,
    people: row.people,
    changes: row.changes,
    secret: row.secret,
    oauth: row.oauth,
    listing: row.listing,
    pinnedAt: row.pinned_at === null ? null : new Date(row.pinned_at),
    listingChanged: row.listing_changed,
    version: Number(row.version),
    connectedBy: row.connected_by,
    connectedAt: new Date(row.connected_at),
  };
}

/** A workspace's servers in the order of their names; a few rows. */
export async function serversOf(db: Queryable, team: string): Promise<StoredServer[]> {
  const { rows } = await db.execute<Row>(sql`
    select ${columns} from skein.tool_servers where team = ${team} order by name`);
  return rows.map(toServer);
}

/** Workspaces that connected a server. */
export async function teamsWithServers(db: Queryable): Promise<string[]> {
  const { rows } = await db.execute<{ team: string }>(sql`
    select distinct team from skein.tool_servers order by team`);
  return rows.map(({ team }) => team);
}

export async function serverNamed(db: Queryable, team: string, name: string): Promise<StoredServer | null> {
  const { rows } = await db.execute<Row>(sql`
    select ${columns} from skein.tool_servers where team = ${team} and name = ${name}`);
  return rows[0] === undefined ? null : toServer(rows[0]);
}

export async function serverById(db: Queryable, id: string): Promise<StoredServer | null> {
  const { rows } = await db.execute<Row>(sql`select ${columns} from skein.tool_servers where id = ${id}`);
  return rows[0] === undefined ? null : toServer(rows[0]);
}

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
  const { rows } = await tx.execute<Row>(sql`
    select ${columns} from skein.tool_servers where team = ${team} and name = ${name} for update`);
  if (rows[0] === undefined) return null;
  const server = toServer(rows[0]);
  const { rows: accounts } = await tx.execute<AccountRow>(sql`
    delete from skein.tool_accounts where server = ${server.id} returning ${accountColumns}`);
  await tx.execute(sql`delete from skein.tool_servers where id = ${server.id}`);
  return { server, accounts: accounts.map(toAccount) };
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

type AccountRow = Record<string, unknown> & {
  server: string;
  team: string;
  person: string;
  tokens: string;
  expires_at: string | Date | null;
  version: number;
  refreshing: boolean;
};

const accountColumns = sql.raw(`server, team, person, tokens, expires_at, version,
  coalesce(refreshing_until > now(), false) as refreshing`);

function toAccount(row: AccountRow): StoredAccount {
  const { server, team, person, tokens, refreshing } = row;
  const expiresAt = row.expires_at === null ? null : new Date(row.expires_at);
  return { server, team, person, tokens, expiresAt, version: Number(row.version), refreshing };
}

export async function accountOf(
  db: Queryable,
  server: string,
  person: string,
): Promise<StoredAccount | null> {
  const { rows } = await db.execute<AccountRow>(sql`
    select ${accountColumns} from skein.tool_accounts where server = ${server} and person = ${person}`);
  return rows[0] === undefined ? null : toAccount(rows[0]);
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
  const { rows } = await db.execute<AccountRow>(sql`
    delete from skein.tool_accounts where server = ${server} and person = ${person}
      and version = coalesce(${version ?? null}::int, version)
    returning ${accountColumns}`);
  return rows[0] === undefined ? null : toAccount(rows[0]);
}

/** Drops a person's accounts and links in a workspace; those that went. */
export async function deleteAccountsOf(
  db: Queryable,
  team: string,
  person: string,
): Promise<StoredAccount[]> {
  await db.execute(sql`delete from skein.tool_links where team = ${team} and person = ${person}`);
  const { rows } = await db.execute<AccountRow>(sql`
    delete from skein.tool_accounts where team = ${team} and person = ${person} returning ${accountColumns}`);
  return rows.map(toAccount);
}

/** A link that was given to a person: by the hash of what stands in it. */
export interface StoredLink {
  readonly state: string;
  readonly server: string;
  readonly team: string;
  readonly person: string;
  readonly browser: string | null;
  /** Sealed. */
  readonly verifier: string | null;
}

/** A link works once, and so long. */
const LINK_SECONDS = 600;

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
  const { rows } = await db.execute<Record<string, unknown> & StoredLink>(sql`
    select state, server, team, person, browser, verifier from skein.tool_links
    where state = ${state} and created_at > now() - make_interval(secs => ${LINK_SECONDS})`);
  return rows[0] ?? null;
}

/** The browser in which the link was confirmed, and what it is sent on with. */
export async function confirmLink(
  db: Queryable,
  { state, browser, verifier }: Pick<StoredLink, 'state' | 'browser' | 'verifier'>,
): Promise<boolean> {
  const { rows } = await db.execute(sql`
    update skein.tool_links set browser = ${browser}, verifier = ${verifier}
    where state = ${state} and created_at > now() - make_interval(secs => ${LINK_SECONDS}) returning 1`);
  return rows.length > 0;
}

/** Takes a link that was confirmed in this browser: it works once. Null: there is none, or not any more. */
export async function takeLink(db: Queryable, state: string, browser: string): Promise<StoredLink | null> {
  const { rows } = await db.execute<Record<string, unknown> & StoredLink>(sql`
    delete from skein.tool_links
    where state = ${state} and browser = ${browser} and verifier is not null
      and created_at > now() - make_interval(secs => ${LINK_SECONDS})
    returning state, server, team, person, browser, verifier`);
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
