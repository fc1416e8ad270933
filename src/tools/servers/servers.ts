import { createHash } from 'node:crypto';
import { z } from 'zod';
import { toError } from '../../errors.ts';
import type { Log } from '../../log.ts';
import type { Database } from '../../postgres/database.ts';
import { SERVER_NAME } from '../../settings/parsing.ts';
import type { ServerProblem } from '../../words/tool-servers.ts';
import type { ToolAccount } from '../connected.ts';
import type { McpClient } from '../mcp/client.ts';
import type { Failure } from '../mcp/failures.ts';
import type { GivenClient, OAuth, ProviderState } from '../mcp/oauth.ts';
import { NotSent, type Outgoing } from '../mcp/outgoing.ts';
import {
  changesOf,
  isSameListing,
  type Listed,
  type ListingChange,
  type PinnedTool,
  pinnedTool,
  readListing,
} from './listing.ts';
import type { Reach } from './reach.ts';
import type { Revoking } from './revoking.ts';
import type { Secrets } from './secrets.ts';
import {
  type Changes,
  changeServer,
  deleteServer,
  insertServer,
  noteListingChanged,
  type PeopleAllowed,
  pinListing,
  type StoredServer,
  serverNamed,
  serversOf,
} from './store.ts';

/** A connected server as admins see it. */
export interface ServerView
  extends Pick<
    StoredServer,
    | 'id'
    | 'name'
    | 'url'
    | 'account'
    | 'people'
    | 'changes'
    | 'pinnedAt'
    | 'listingChanged'
    | 'connectedBy'
    | 'connectedAt'
  > {
  /** What was accepted. */
  readonly tools: readonly PinnedTool[];
}

/** What an admin says of a new server. */
export interface NewServer {
  readonly team: string;
  readonly name: string;
  readonly url: string;
  readonly account: ToolAccount;
  readonly people: PeopleAllowed;
  readonly changes: Changes;
  /** The workspace's token, where `account` is `workspace`. */
  readonly token: string | null;
  /** A client that was registered by hand, where `account` is `person`; null: we register ourselves. */
  readonly client: GivenClient | null;
  /** Slack user id of the admin. */
  readonly by: string;
}

export type Done<T> = ({ readonly ok: true } & T) | { readonly ok: false; readonly problem: ServerProblem };

interface Looked {
  readonly server: ServerView;
  readonly listed: Listed;
  /** Beside what was accepted. */
  readonly change: ListingChange;
  /** Stands for exactly this list: what `accept` is given. */
  readonly seen: string;
}

/** Connected servers, as an admin of a workspace handles them. Rights are asked before. All reject while the database is away. */
export interface ToolServers {
  /** What this deployment can do beyond servers without accounts; why not, else. */
  readonly able: {
    readonly workspaceAccounts: ServerProblem | null;
    readonly personalAccounts: ServerProblem | null;
  };
  of(team: string): Promise<readonly ServerView[]>;
  find(team: string, name: string): Promise<ServerView | null>;
  /**
   * Tests a server, and stores it with what it lists now as accepted. Of a server with personal accounts the list is empty
   * until an admin has linked an account and accepted it (`look`, `accept`). `listed`: null then.
   */
  connect(
    asked: NewServer,
    signal: AbortSignal,
  ): Promise<Done<{ readonly server: ServerView; readonly listed: Listed | null }>>;
  /** What it lists now, in the name of `by`, beside what was accepted. */
  look(at: { team: string; name: string; by: string }, signal: AbortSignal): Promise<Done<Looked>>;
  /** Accepts the list that `look` showed; a list that is another one by now is not. */
  accept(
    at: { team: string; name: string; by: string; seen: string },
    signal: AbortSignal,
  ): Promise<Done<{ readonly server: ServerView }>>;
  /**
   * What the authorization server of a server with accounts of people publishes now; null: there is none, or it is not known.
   */
  authorization(at: { team: string; name: string }): Promise<ProviderState | 'unreadable' | null>;
  change(
    at: { team: string; name: string },
    change: { readonly people?: PeopleAllowed; readonly changes?: Changes; readonly token?: string },
  ): Promise<Done<{ readonly server: ServerView }>>;
  /** Drops it with all accounts, and has their tokens revoked afterwards. */
  remove(at: { team: string; name: string }): Promise<boolean>;
}

/** Each costs a place in the setting, and its tools tokens. */
const MOST_SERVERS = 20;
const listing = z.array(pinnedTool);

/** What was accepted of a server; what can't be read counts as nothing. */
export function toolsOf(server: Pick<StoredServer, 'listing'>): readonly PinnedTool[] {
  try {
    const parsed = listing.safeParse(JSON.parse(server.listing));
    return parsed.success ? parsed.data : [];
  } catch {
    return [];
  }
}

export function createToolServers({
  database,
  client,
  outgoing,
  reach,
  secrets,
  oauth,
  revoking,
  newId,
  log,
}: {
  readonly database: Database;
  readonly client: McpClient;
  readonly outgoing: Outgoing;
  readonly reach: Reach;
  /** Null: there is no key to seal with. */
  readonly secrets: Secrets | null;
  /** Null: nobody said where people reach us. */
  readonly oauth: OAuth | null;
  /** Null: people can't have accounts here. */
  readonly revoking: Pick<Revoking, 'accounts'> | null;
  readonly newId: () => string;
  readonly log: Log;
}): ToolServers {
  const db = database.query;
  const personal = secrets === null ? 'no_key' : oauth === null ? 'no_public_url' : null;

  async function listNow(
    server: StoredServer,
    by: string,
    signal: AbortSignal,
  ): Promise<Listed | ServerProblem> {
    const reached = await reach.target(server, by);
    if (reached === 'unlinked') {
      // Whether it answers at all can be seen without an account: it refuses.
      const nobody = { key: `${server.id} ${server.version} nobody`, url: server.url, token: null };
      const refused = await client.list(nobody, signal);
      return 'kind' in refused && refused.kind !== 'unauthorized' ? problemOf(refused) : 'unlinked';
    }
    if (reached === 'later') return 'unauthorized';
    const got = await client.list(reached.target, signal);
    if ('kind' in got) return problemOf(got);
    return readListing(got.tools, got.more);
  }

  async function find(team: string, name: string): Promise<ServerView | null> {
    const server = await serverNamed(db, team, name);
    return server === null ? null : toView(server);
  }

  async function stored(asked: NewServer): Promise<Done<{ server: StoredServer }>> {
    const { team, name, account, people, changes, by } = asked;
    const fail = (problem: ServerProblem) => ({ ok: false as const, problem });
    if (!SERVER_NAME.test(name)) return fail('name');
    if (!URL.canParse(asked.url)) return fail('url');
    const url = new URL(asked.url);
    url.hash = '';
    if (url.username !== '' || url.password !== '' || url.href.length > 2000) return fail('url');
    const wrong = outgoing.problem(url);
    if (wrong !== null) return fail(wrong.why);
    const id = newId();
    let secret: string | null = null;
    let sealed: string | null = null;
    if (account === 'workspace') {
      if (secrets === null) return fail('no_key');
      const token = asked.token?.trim() ?? '';
      // It goes into a header, in which nothing else may stand.
      if (!/^[\x21-\x7e]{1,4000}$/.test(token)) return fail('token_missing');
      secret = secrets.sealToken(id, token);
    }
    if (account === 'person') {
      if (secrets === null || oauth === null) return fail(personal ?? 'no_key');
      try {
        const found = await oauth.discover(url.href, asked.client);
        if (typeof found === 'string') return fail(found);
        sealed = secrets.sealProvider(id, found);
      } catch (thrown) {
        log.warn({ team, err: toError(thrown) }, 'the authorization server of a server of tools');
        return fail(thrown instanceof NotSent ? thrown.why : 'no_oauth');
      }
    }
    const server: StoredServer = {
      id,
      team,
      name,
      url: url.href,
      account,
      people,
      changes,
      secret,
      oauth: sealed,
      listing: '[]',
      pinnedAt: null,
      listingChanged: false,
      version: 1,
      connectedBy: by,
      connectedAt: new Date(0),
    };
    return { ok: true, server };
  }

  return {
    able: { workspaceAccounts: secrets === null ? 'no_key' : null, personalAccounts: personal },
    of: async (team) => (await serversOf(db, team)).map(toView),
    find,
    async connect(asked, signal) {
      if ((await find(asked.team, asked.name)) !== null) return { ok: false, problem: 'name_taken' };
      const made = await stored(asked);
      if (!made.ok) return made;
      const { server } = made;
      // Nobody has an account at a server that is new.
      const listed = server.account === 'person' ? null : await listNow(server, asked.by, signal);
      if (typeof listed === 'string') return { ok: false, problem: listed };
      if (listed !== null && listed.tools.length === 0) return { ok: false, problem: 'no_tools' };
      const kept = await insertServer(
        db,
        { ...server, listing: JSON.stringify(listed?.tools ?? []), pinned: listed !== null },
        MOST_SERVERS,
      );
      const view = await find(asked.team, asked.name);
      if (!kept || view === null)
        return { ok: false, problem: view === null ? 'too_many_servers' : 'name_taken' };
      log.info({ team: asked.team, server: asked.name, account: asked.account }, 'a server was connected');
      return { ok: true, server: view, listed };
    },

    async look({ team, name, by }, signal) {
      const server = await serverNamed(db, team, name);
      if (server === null) return { ok: false, problem: 'gone' };
      const listed = await listNow(server, by, signal);
      if (typeof listed === 'string') return { ok: false, problem: listed };
      const change = changesOf(toolsOf(server), listed.tools);
      const listingChanged = server.pinnedAt !== null && !isSameListing(change);
      await noteListingChanged(db, server.id, listingChanged);
      return {
        ok: true,
        server: { ...toView(server), listingChanged },
        listed,
        change,
        seen: seenOf(listed),
      };
    },

    async accept({ team, name, by, seen }, signal) {
      const server = await serverNamed(db, team, name);
      if (server === null) return { ok: false, problem: 'gone' };
      const listed = await listNow(server, by, signal);
      if (typeof listed === 'string') return { ok: false, problem: listed };
      if (listed.tools.length === 0) return { ok: false, problem: 'no_tools' };
      if (seenOf(listed) !== seen) return { ok: false, problem: 'changed_meanwhile' };
      if (!(await pinListing(db, server.id, server.version, JSON.stringify(listed.tools))))
        return { ok: false, problem: 'changed_meanwhile' };
      const view = await find(team, name);
      return view === null ? { ok: false, problem: 'gone' } : { ok: true, server: view };
    },

    async authorization({ team, name }) {
      const server = await serverNamed(db, team, name);
      if (server === null || server.account !== 'person' || secrets === null || oauth === null) return null;
      const of = secrets.provider(server);
      return of === null ? 'unreadable' : oauth.look(server.url, of);
    },

    async change({ team, name }, { people, changes, token }) {
      const server = await serverNamed(db, team, name);
      if (server === null) return { ok: false, problem: 'gone' };
      if (token !== undefined && secrets === null) return { ok: false, problem: 'no_key' };
      if (token !== undefined && !/^[\x21-\x7e]{1,4000}$/.test(token.trim()))
        return { ok: false, problem: 'token_missing' };
      await changeServer(db, server.id, {
        ...(people === undefined ? {} : { people }),
        ...(changes === undefined ? {} : { changes }),
        ...(token === undefined || secrets === null
          ? {}
          : { secret: secrets.sealToken(server.id, token.trim()) }),
      });
      const view = await find(team, name);
      return view === null ? { ok: false, problem: 'gone' } : { ok: true, server: view };
    },

    async remove({ team, name }) {
      const gone = await database.transaction((tx) => deleteServer(tx, team, name));
      if (gone !== null) revoking?.accounts(gone.server, gone.accounts);
      return gone !== null;
    },
  };
}

function toView(server: StoredServer): ServerView {
  const {
    secret: _secret,
    oauth: _oauth,
    listing: _listing,
    version: _version,
    team: _team,
    ...seen
  } = server;
  return { ...seen, tools: toolsOf(server) };
}

function seenOf({ tools }: Listed): string {
  return createHash('sha256')
    .update(tools.map(({ print }) => print).join(' '))
    .digest('base64url');
}

function problemOf(failure: Failure): ServerProblem {
  switch (failure.kind) {
    case 'not_sent':
      return failure.why;
    case 'unknown':
    case 'session_lost':
      return 'unreachable';
    case 'unauthorized':
      return 'unauthorized';
    default:
      return 'refused';
  }
}
