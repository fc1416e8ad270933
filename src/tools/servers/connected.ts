import { LRUCache } from 'lru-cache';
import type { Clock } from '../../clock.ts';
import { toError } from '../../errors.ts';
import type { Log } from '../../log.ts';
import type { Database } from '../../postgres/database.ts';
import type { Caller, CallOutcome, Connected, ConnectedTool } from '../connected.ts';
import type { McpClient } from '../mcp/client.ts';
import type { Target } from '../mcp/connections.ts';
import type { Accounts } from './accounts.ts';
import { changesOf, isSameListing, offeredOf, type PinnedTool, printOf, readListing } from './listing.ts';
import type { Reach } from './reach.ts';
import { toolsOf } from './servers.ts';
import { noteListingChanged, type StoredServer, serverNamed, serversOf } from './store.ts';

/** What somebody is in a workspace: `outsider` for guests, people of other companies and whoever is not known. */
export type Rank = (team: string, person: string) => Promise<'admin' | 'member' | 'outsider' | 'unreachable'>;

/** What the server lists is held against what was accepted so often, for each account. */
const LOOK_EVERY_MS = 5 * 60_000;
const MOST_KEPT = 500;

/**
 * The tools of connected servers, as answers use them. Nothing is kept of a server but what its row said at its version, so
 * that what one process changes counts in all others with their next look.
 */
export function createConnected({
  database,
  client,
  reach,
  accounts,
  rank,
  clock,
  log,
}: {
  readonly database: Database;
  readonly client: McpClient;
  readonly reach: Reach;
  /** Null: people can't have accounts here. */
  readonly accounts: Accounts | null;
  readonly rank: Rank;
  readonly clock: Clock;
  readonly log: Log;
}): Connected {
  const db = database.query;
  const perf = { now: () => clock.monotonic() };
  const pinned = new LRUCache<string, readonly PinnedTool[]>({ max: MOST_KEPT });
  /** Prints of what was listed lately, by account and server. */
  const listedLately = new LRUCache<string, ReadonlyMap<string, string>>({
    max: MOST_KEPT,
    ttl: LOOK_EVERY_MS,
    perf,
  });

  const pinnedOf = (server: StoredServer): readonly PinnedTool[] => {
    const key = `${server.id} ${server.version}`;
    const known = pinned.get(key) ?? toolsOf(server);
    pinned.set(key, known);
    return known;
  };

  /** The server and the tool as they are now; null: it is not offered any more, or is another one. */
  async function current(tool: ConnectedTool, team: string) {
    const server = await serverNamed(db, team, tool.server);
    if (server === null || server.pinnedAt === null || server.account !== tool.account) return null;
    const one = pinnedOf(server).find(({ name }) => name === tool.tool);
    // A tool that was taken for reading does not run at once when it became one that changes something.
    if (one === undefined || one.reads !== tool.reads || one.repeatable !== tool.repeatable) return null;
    return !one.reads && server.changes === 'off' ? null : { server, one };
  }

  async function mayUse(server: StoredServer, by: Caller): Promise<boolean> {
    if (server.people === 'everyone') return true;
    const known = await rank(by.team, by.person);
    return known === 'admin' || (known === 'member' && server.people === 'members');
  }

  /** Whether the tool is what an admin accepted, by what the server lists now. */
  async function isAsAccepted(server: StoredServer, one: PinnedTool, target: Target, signal: AbortSignal) {
    let prints = listedLately.get(target.key);
    if (prints === undefined) {
      const got = await client.list(target, signal);
      if ('kind' in got) return got;
      prints = new Map(got.tools.map((tool) => [tool.name, printOf(tool)]));
      listedLately.set(target.key, prints);
      const { tools } = readListing(got.tools, got.more);
      await noteListingChanged(db, server.id, !isSameListing(changesOf(pinnedOf(server), tools)));
    }
    if (prints.get(one.name) === one.print) return true;
    listedLately.delete(target.key);
    log.warn({ team: server.team, server: server.name }, 'a server changed a tool that was accepted');
    return false;
  }

  async function call(
    tool: ConnectedTool,
    input: unknown,
    by: Caller,
    signal: AbortSignal,
  ): Promise<CallOutcome> {
    const now = await current(tool, by.team);
    if (now === null || !(await mayUse(now.server, by)))
      return notDone('not_allowed', 'this tool may not be used here, or not any more');
    const { server, one } = now;
    let refused: string | undefined;
    for (;;) {
      const reached = await reach.target(server, by.person, refused);
      if (reached === 'unlinked')
        return notDone('unlinked', 'the person has not linked an account at this server');
      if (reached === 'later') return notDone('unreachable', 'the account can not be used at the moment');
      const { target } = reached;
      const accepted = await isAsAccepted(server, one, target, signal);
      if (accepted === false)
        return notDone(
          'not_allowed',
          'the server changed this tool since an admin accepted it; an admin has to look at it',
        );
      const again = refused === undefined && server.account === 'person' && target.token !== null;
      if (accepted !== true) {
        if (accepted.kind === 'unauthorized' && again) {
          refused = target.token ?? undefined;
          continue;
        }
        return notDone(accepted.kind === 'unauthorized' ? 'refused' : 'unreachable', accepted.message);
      }
      const listed = { name: one.name, inputSchema: one.inputSchema as { type: 'object' } };
      const { outcome, unauthorized } = await client.call(target, listed, input, {
        repeatable: one.repeatable,
        signal,
      });
      // It was not carried out: another token is had once.
      if (!unauthorized || !again) return outcome;
      refused = target.token ?? undefined;
    }
  }

  return {
    async offered({ team, servers }) {
      if (servers.length === 0) return [];
      const all = await serversOf(db, team);
      return all
        .filter(({ name, pinnedAt }) => servers.includes(name) && pinnedAt !== null)
        .flatMap((server) =>
          offeredOf(server.name, server.account, pinnedOf(server)).filter(
            ({ reads }) => reads || server.changes !== 'off',
          ),
        );
    },
    async judge(tool, by) {
      const now = await current(tool, by.team);
      if (now === null || !(await mayUse(now.server, by))) return 'not_allowed';
      if (now.server.account !== 'person') return 'may';
      return accounts !== null && (await accounts.has(now.server, by.person)) ? 'may' : 'unlinked';
    },
    async call(tool, input, by, signal) {
      try {
        return await call(tool, input, by, signal);
      } catch (thrown) {
        // Nothing leaves before the database was asked, and nothing is asked of it after.
        log.warn({ team: by.team, server: tool.server, err: toError(thrown) }, 'a tool could not be called');
        return notDone('unreachable', 'it could not be looked up whether the tool may be used');
      }
    },
  };
}

function notDone(why: 'unlinked' | 'not_allowed' | 'unreachable' | 'refused', reason: string): CallOutcome {
  return { kind: 'not_done', why, reason };
}
