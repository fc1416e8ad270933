import { type Clock, limited } from '../../clock.ts';
import { toError } from '../../errors.ts';
import type { Log } from '../../log.ts';
import type { OAuth, Provider, Tokens } from '../mcp/oauth.ts';
import type { Secrets } from './secrets.ts';
import type { StoredAccount, StoredServer } from './store.ts';

/**
 * Tells authorization servers that tokens are not needed any more (RFC 7009), as far as that goes: what is unlinked or removed
 * is so already, and nobody waits for it. A token that could not be revoked ends by itself, and is stored nowhere.
 */
export interface Revoking {
  /** Tokens of accounts at a server that is, or was, connected. Never throws. */
  accounts(server: StoredServer, accounts: readonly StoredAccount[]): void;
  /** Tokens that came and were not stored. Never throws. */
  tokens(server: Pick<StoredServer, 'team' | 'name'>, of: Provider, old: Tokens): void;
}

/** Somebody else's machine: so many calls to it at once, each and all together within so many milliseconds. */
const MOST_AT_ONCE = 4;
const LIMIT_MS = 10_000;
const WHOLE_LIMIT_MS = 120_000;

export function createRevoking({
  oauth,
  secrets,
  clock,
  log,
}: {
  readonly oauth: Pick<OAuth, 'revoke'>;
  readonly secrets: Pick<Secrets, 'provider' | 'tokens'>;
  readonly clock: Clock;
  readonly log: Log;
}): Revoking {
  async function all({ team, name }: Pick<StoredServer, 'team' | 'name'>, of: Provider, old: Tokens[]) {
    const until = clock.monotonic() + WHOLE_LIMIT_MS;
    let failed = 0;
    const work = async () => {
      for (let one = old.pop(); one !== undefined; one = old.pop()) {
        if (clock.monotonic() >= until) {
          failed += 1;
          continue;
        }
        const tokens = one;
        if (!(await limited(clock, LIMIT_MS, (late) => oauth.revoke(of, tokens, late)))) failed += 1;
      }
    };
    await Promise.all(Array.from({ length: MOST_AT_ONCE }, work));
    if (failed > 0)
      log.warn({ team, server: name, count: failed }, 'tokens of accounts could not be revoked');
  }

  const start = (server: Pick<StoredServer, 'team' | 'name'>, of: Provider | null, old: Tokens[]) => {
    if (of === null || old.length === 0) return;
    all(server, of, old).catch((thrown) =>
      log.warn({ team: server.team, err: toError(thrown) }, 'tokens of accounts could not be revoked'),
    );
  };

  return {
    accounts(server, accounts) {
      const old = accounts.flatMap((account) => secrets.tokens(account) ?? []);
      start(server, old.length === 0 ? null : secrets.provider(server), old);
    },
    tokens: (server, of, old) => start(server, of, [old]),
  };
}
