import type { Clock } from '../../clock.ts';
import { toError } from '../../errors.ts';
import { LEASE_SECONDS, sharing, storedByOther, storeSurely } from '../../installations/tokens/exchange.ts';
import type { Log } from '../../log.ts';
import type { Database } from '../../postgres/database.ts';
import type { FreshTokens, OAuth } from '../mcp/oauth.ts';
import type { Revoking } from './revoking.ts';
import type { Secrets } from './secrets.ts';
import {
  accountOf,
  beginRefresh,
  deleteAccount,
  deleteAccountsOf,
  endRefresh,
  linkedAt,
  type StoredAccount,
  type StoredServer,
  saveAccount,
  saveRefreshed,
  serversOf,
} from './store.ts';

type Token = { readonly token: string } | 'unlinked' | 'later';

/** People's own accounts at connected servers. */
export interface Accounts {
  /** Whether the person has an account there. */
  has(server: StoredServer, person: string): Promise<boolean>;
  /**
   * The token to call with, exchanged for a new one shortly before its end, once over all processes. `refused`: the server
   * did not take this one, so another is had. 'unlinked': there is no account, or not any more; 'later': the authorization
   * server can't be reached. Rejects while the database is away.
   */
  tokenFor(server: StoredServer, person: string, refused?: string): Promise<Token>;
  /** False: the server is gone. */
  link(server: StoredServer, person: string, fresh: FreshTokens): Promise<boolean>;
  /** Drops the account, and has its tokens revoked afterwards. False: there was none. */
  unlink(server: StoredServer, person: string): Promise<boolean>;
  /** The same for all accounts of a person in a workspace, and their links; how many accounts that were. */
  forget(team: string, person: string): Promise<number>;
  /** Names of the servers at which the person has an account. */
  linkedAt(team: string, person: string): Promise<readonly string[]>;
}

/** Exchanged so long before its end. */
const BEFORE_MS = 60_000;

export function createAccounts({
  database,
  secrets,
  oauth,
  revoking,
  onUnlinked,
  clock,
  log,
}: {
  readonly database: Database;
  readonly secrets: Secrets;
  readonly oauth: OAuth;
  readonly revoking: Revoking;
  /** An account ended without its person's doing: the authorization server refused it. Never rejects. */
  readonly onUnlinked: (gone: {
    readonly team: string;
    readonly person: string;
    readonly server: string;
  }) => Promise<void>;
  readonly clock: Clock;
  readonly log: Log;
}): Accounts {
  const db = database.query;
  /** All who meet the same token that ends share one exchange. */
  const once = sharing<Token>();

  const endsAt = ({ seconds }: FreshTokens) =>
    seconds === null ? null : new Date(clock.now() + seconds * 1000);

  async function ended(server: StoredServer, account: StoredAccount): Promise<'unlinked'> {
    const { person, version } = account;
    if ((await deleteAccount(db, { server: server.id, person, version })) === null) return 'unlinked';
    log.warn({ team: server.team, server: server.name }, 'an account of a person ended');
    await onUnlinked({ team: server.team, person, server: server.name });
    return 'unlinked';
  }

  async function refresh(server: StoredServer, account: StoredAccount): Promise<Token> {
    const of = secrets.provider(server);
    const old = secrets.tokens(account);
    if (of === null || old === null) return 'later';
    if (old.refresh === null) return ended(server, account);
    if (!(await beginRefresh(db, account, LEASE_SECONDS))) return afterOther(server, account);
    try {
      const fresh = await oauth.refresh(of, old);
      if (fresh === 'over') return await ended(server, account);
      if (!(await keep(account, fresh)) && (await accountOf(db, server.id, account.person)) === null) {
        // It was unlinked meanwhile, and what came now is of no use to anybody.
        revoking.tokens(server, of, fresh.tokens);
        return 'unlinked';
      }
      return { token: fresh.tokens.access };
    } catch (thrown) {
      log.warn(
        { team: server.team, server: server.name, err: toError(thrown) },
        'a token of an account could not be exchanged',
      );
      await endRefresh(db, account);
      const alive = account.expiresAt === null || account.expiresAt.getTime() > clock.now();
      return alive ? { token: old.access } : 'later';
    }
  }

  /** False: the account is another. */
  async function keep(account: StoredAccount, fresh: FreshTokens): Promise<boolean> {
    const stored = { tokens: secrets.sealTokens(account, fresh.tokens), expiresAt: endsAt(fresh) };
    return storeSurely(clock, () => saveRefreshed(db, account, stored));
  }

  const afterOther = (server: StoredServer, { person, version }: StoredAccount): Promise<Token> =>
    storedByOther<Token>(clock, async () => {
      const now = await accountOf(db, server.id, person);
      if (now === null) return 'unlinked';
      if (now.version <= version) return now.refreshing ? null : 'later';
      const read = secrets.tokens(now);
      return read === null ? 'later' : { token: read.access };
    });

  return {
    has: async (server, person) => (await accountOf(db, server.id, person)) !== null,
    async tokenFor(server, person, refused) {
      const account = await accountOf(db, server.id, person);
      if (account === null) return 'unlinked';
      const read = secrets.tokens(account);
      if (read === null) return 'unlinked';
      const ends = account.expiresAt?.getTime() ?? Number.POSITIVE_INFINITY;
      if (read.access !== refused && ends - clock.now() > BEFORE_MS) return { token: read.access };
      const key = `${server.id} ${person} ${account.version}`;
      const got = await once(key, () => refresh(server, account));
      // What was refused and can't be exchanged is no account.
      if (typeof got === 'object' && got.token === refused) return 'later';
      return got;
    },
    link: (server, person, fresh) =>
      saveAccount(db, {
        server: server.id,
        team: server.team,
        person,
        tokens: secrets.sealTokens({ server: server.id, person }, fresh.tokens),
        expiresAt: endsAt(fresh),
      }),
    async unlink(server, person) {
      const gone = await deleteAccount(db, { server: server.id, person });
      if (gone !== null) revoking.accounts(server, [gone]);
      return gone !== null;
    },
    async forget(team, person) {
      const gone = await deleteAccountsOf(db, team, person);
      if (gone.length > 0)
        for (const server of await serversOf(db, team))
          revoking.accounts(
            server,
            gone.filter((account) => account.server === server.id),
          );
      return gone.length;
    },
    linkedAt: (team, person) => linkedAt(db, team, person),
  };
}
