import type { Target } from '../mcp/connections.ts';
import type { Accounts } from './accounts.ts';
import type { Secrets } from './secrets.ts';
import type { StoredServer } from './store.ts';

type Reached =
  | { readonly target: Target }
  /** The person has no account there. */
  | 'unlinked'
  /** The authorization server can't be reached, or what is stored can't be read. */
  | 'later';

/** How a server is called in somebody's name. */
export interface Reach {
  /** `refused`: a token that the server did not take just now. Rejects while the database is away. */
  target(server: StoredServer, person: string, refused?: string): Promise<Reached>;
}

export function createReach(secrets: Secrets | null, accounts: Accounts | null): Reach {
  return {
    async target(server, person, refused) {
      const { id, url, account, version } = server;
      if (account === 'none') return { target: { key: `${id} ${version}`, url, token: null } };
      if (account === 'workspace') {
        const token = secrets?.token(server) ?? null;
        return token === null ? 'later' : { target: { key: `${id} ${version} workspace`, url, token } };
      }
      if (accounts === null) return 'later';
      const got = await accounts.tokenFor(server, person, refused);
      // A session was begun in one person's name, and is never used in another's.
      return typeof got === 'string'
        ? got
        : { target: { key: `${id} ${version} person ${person}`, url, token: got.token } };
    },
  };
}
