import { createHash, randomBytes } from 'node:crypto';
import { toError } from '../../errors.ts';
import type { Log } from '../../log.ts';
import type { Database } from '../../postgres/database.ts';
import type { LinkProblem, LinkWhom, ServerProblem } from '../../words/tool-servers.ts';
import type { OAuth } from '../mcp/oauth.ts';
import { NotSent } from '../mcp/outgoing.ts';
import type { Accounts } from './accounts.ts';
import type { Revoking } from './revoking.ts';
import type { Secrets } from './secrets.ts';
import {
  confirmLink,
  insertLink,
  linkOf,
  type StoredLink,
  type StoredServer,
  serverById,
  serverNamed,
  takeLink,
} from './store.ts';

/** Where a link leads. */
export const LINK_PATH = '/tools/link';

/** A person's way to an account of their own, in steps of a browser. Each rejects while the database is away. */
export interface Links {
  /**
   * A private link for this person alone, that works once and for ten minutes; the earlier ones to the same server end. To be
   * shown to nobody else.
   */
  create(at: {
    team: string;
    name: string;
    person: string;
  }): Promise<{ readonly url: string } | ServerProblem>;
  /** Whom a link is about, while it works. */
  whom(token: string): Promise<LinkWhom | LinkProblem>;
  /** The person confirmed in a browser that keeps `browser`: where it goes on. */
  confirm(
    token: string,
    browser: string,
  ): Promise<{ readonly url: string; readonly whom: LinkWhom } | LinkProblem>;
  /** The browser is back from the authorization server. */
  back(
    token: string,
    browser: string,
    answer: { readonly code: string | null; readonly issuer: string | null; readonly error: string | null },
  ): Promise<{ readonly whom: LinkWhom } | LinkProblem>;
}

/** What people see of somebody: a display name, and the workspace's name where it is known. Never rejects. */
export type Identify = (
  team: string,
  person: string,
) => Promise<{ readonly person: string; readonly workspace: string | null }>;

export interface Linked {
  readonly team: string;
  readonly person: string;
  /** The name of the server. */
  readonly server: string;
}

export const freshToken = (): string => randomBytes(32).toString('base64url');
const hashOf = (token: string) => createHash('sha256').update(token).digest('base64url');

export function createLinks({
  database,
  secrets,
  oauth,
  accounts,
  revoking,
  publicUrl,
  identify,
  onLinked,
  log,
}: {
  readonly database: Database;
  readonly secrets: Secrets;
  readonly oauth: OAuth;
  readonly accounts: Accounts;
  readonly revoking: Pick<Revoking, 'tokens'>;
  readonly publicUrl: string;
  readonly identify: Identify;
  /** The account is there: whatever waits for it goes on. */
  readonly onLinked: (linked: Linked) => Promise<void>;
  readonly log: Log;
}): Links {
  const db = database.query;

  async function whomOf({ team, person }: StoredLink, server: StoredServer): Promise<LinkWhom> {
    return { ...(await identify(team, person)), server: server.name, host: new URL(server.url).host };
  }

  async function linkAndServer(token: string) {
    const link = await linkOf(db, hashOf(token));
    if (link === null) return 'not_here' as const;
    const server = await serverById(db, link.server);
    return server === null ? ('gone' as const) : { link, server };
  }

  return {
    async create({ team, name, person }) {
      const server = await serverNamed(db, team, name);
      if (server === null) return 'gone';
      if (server.account !== 'person' || server.oauth === null) return 'not_personal';
      const token = freshToken();
      await insertLink(db, { state: hashOf(token), server: server.id, team, person });
      return { url: `${publicUrl}${LINK_PATH}?state=${token}` };
    },

    async whom(token) {
      const found = await linkAndServer(token);
      return typeof found === 'string' ? found : whomOf(found.link, found.server);
    },

    async confirm(token, browser) {
      const found = await linkAndServer(token);
      if (typeof found === 'string') return found;
      const { link, server } = found;
      const of = secrets.provider(server);
      if (of === null) return 'refused';
      const begun = await oauth.begin(of, token);
      const state = link.state;
      const verifier = secrets.sealVerifier(state, begun.verifier);
      if (!(await confirmLink(db, { state, browser: hashOf(browser), verifier }))) return 'not_here';
      return { url: begun.url, whom: await whomOf(link, server) };
    },

    async back(token, browser, { code, issuer, error }) {
      const known = await linkOf(db, hashOf(token));
      if (known === null) return 'not_here';
      // Whoever sends somebody else to the authorization server has not that person's browser.
      const link = browser === '' ? null : await takeLink(db, hashOf(token), hashOf(browser));
      if (link === null) return 'other_browser';
      const server = await serverById(db, link.server);
      if (server === null) return 'gone';
      if (code === null) return error === 'access_denied' ? 'cancelled' : 'refused';
      const [of, verifier] = [secrets.provider(server), secrets.verifier(link)];
      if (of === null || verifier === null) return 'refused';
      const { team, person } = link;
      try {
        const fresh = await oauth.redeem(of, { code, issuer, verifier });
        if (!(await accounts.link(server, person, fresh))) {
          revoking.tokens(server, of, fresh.tokens);
          return 'gone';
        }
      } catch (thrown) {
        log.warn({ team, server: server.name, err: toError(thrown) }, 'an account could not be linked');
        return thrown instanceof NotSent ? 'unreachable' : 'refused';
      }
      log.info({ team, server: server.name }, 'a person linked an account');
      await onLinked({ team, person, server: server.name });
      return { whom: await whomOf(link, server) };
    },
  };
}
