import type { Clock } from '../../clock.ts';
import type { Seal } from '../../installations/tokens/seal.ts';
import type { Log } from '../../log.ts';
import type { Route } from '../../operations/http.ts';
import type { Database } from '../../postgres/database.ts';
import type { ProxyPlace } from '../../proxy.ts';
import type { ToolHosts } from '../../tool-hosts.ts';
import type { Connected } from '../connected.ts';
import { createMcpClient } from '../mcp/client.ts';
import { createOAuth } from '../mcp/oauth.ts';
import { createOutgoing } from '../mcp/outgoing.ts';
import type { FitImage } from '../mcp/results.ts';
import { type Accounts, createAccounts } from './accounts.ts';
import { createConnected, type Rank } from './connected.ts';
import { createLinks, type Identify, type Linked, type Links } from './links.ts';
import { createLinkPages } from './pages.ts';
import { createReach } from './reach.ts';
import { createRevoking } from './revoking.ts';
import { createSecrets } from './secrets.ts';
import { createToolServers, type ToolServers } from './servers.ts';
import { purgeLinks, replaceSealed, sealedRows } from './store.ts';

export interface ConnectedServersOptions {
  readonly database: Database;
  readonly hosts: ToolHosts;
  readonly proxy: ProxyPlace | null;
  /** Null: there is no key, so nothing secret is stored. */
  readonly seal: Seal | null;
  /** Where people reach this server; null: nobody said. */
  readonly publicUrl: string | null;
  readonly fitImage: FitImage;
  readonly rank: Rank;
  readonly identify: Identify;
  /** An account is there: the reply that waits for it goes on. */
  readonly onLinked: (linked: Linked) => Promise<void>;
  /** An account ended without its person's doing, who is to be told. Never rejects. */
  readonly onUnlinked: (gone: Linked) => Promise<void>;
  readonly newId: () => string;
  readonly clock: Clock;
  readonly log: Log;
}

/** All that a process does with connected servers. */
export interface ConnectedServers {
  readonly servers: ToolServers;
  readonly connected: Connected;
  /** Null: people can't have accounts here (`servers.able.personalAccounts` says why). */
  readonly accounts: Accounts | null;
  readonly links: Links | null;
  /** The pages of linking; null: there are none. */
  readonly route: Route | null;
  /** Drops links that are over, and seals with the first key what another one sealed; once over all processes is enough. */
  tend(): Promise<void>;
  close(): Promise<void>;
}

export function createConnectedServers(options: ConnectedServersOptions): ConnectedServers {
  const { database, seal, publicUrl, clock, log } = options;
  const outgoing = createOutgoing(options);
  const client = createMcpClient({ outgoing, fitImage: options.fitImage, clock, log });
  const secrets = seal === null ? null : createSecrets(seal, log);
  const oauth = publicUrl === null ? null : createOAuth({ outgoing, publicUrl });
  const personal =
    secrets === null || oauth === null || publicUrl === null ? null : { secrets, oauth, publicUrl };
  const revoking = personal === null ? null : createRevoking({ ...personal, clock, log });
  const shared = { ...options, client, outgoing, secrets, oauth, revoking };
  const accounts =
    personal === null || revoking === null ? null : createAccounts({ ...options, ...personal, revoking });
  const reach = createReach(secrets, accounts);
  const links =
    personal === null || accounts === null || revoking === null
      ? null
      : createLinks({ ...options, ...personal, accounts, revoking });
  return {
    servers: createToolServers({ ...shared, reach }),
    connected: createConnected({ ...shared, reach, accounts }),
    accounts,
    links,
    route: personal === null || links === null ? null : createLinkPages({ ...personal, links, log }),
    async tend() {
      await purgeLinks(database.query);
      if (secrets === null) return;
      for (const what of ['secret', 'oauth', 'tokens'] as const)
        for (const row of await sealedRows(database.query, what)) {
          const fresh = secrets.anew(what, row);
          if (fresh !== null) await replaceSealed(database.query, what, row, fresh);
        }
    },
    async close() {
      await client.close();
      await outgoing.close();
    },
  };
}
