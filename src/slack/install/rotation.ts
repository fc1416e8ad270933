import type { webApi } from '@slack/bolt';
import { z } from 'zod';
import type { Clock } from '../../clock.ts';
import { toError } from '../../errors.ts';
import { LEASE_SECONDS, sharing, storedByOther, storeSurely } from '../../installations/tokens/exchange.ts';
import type { Installed, Vault } from '../../installations/tokens/vault.ts';
import type { Log } from '../../log.ts';
import { errorWord } from '../send/outcome.ts';

/** Exchanges tokens that live for twelve hours, where the app's manifest has rotation switched on. */
export interface Rotation {
  /**
   * The installation with a token that was stored before anybody uses it. Once over all processes: who comes second waits
   * for what the first one stores. `now`: whatever is left of the old one. 'later': Slack gave none now. 'dead': it never
   * will for this refresh token. Rejects while the database is away.
   */
  rotate(installed: Installed, now?: boolean): Promise<Rotated>;
}

type Rotated = Installed | 'later' | 'dead';

/** Errors of `oauth.v2.access` and of every method (docs.slack.dev) that no further try mends; all else may be ours or pass. */
const NEVER = new Set(['invalid_refresh_token', 'token_revoked', 'account_inactive']);

/** As `@slack/oauth` does it (`EXPIRY_WINDOW` in install-provider.js): two hours before it ends. */
export const ROTATE_BEFORE_SECONDS = 7200;

/**
 * Slack's answer: at the top for a bot (news of a refresh; `OAuthV2Access` of @slack/web-api names the same fields).
 * `expires_in` is in seconds.
 */
const answer = z.object({
  access_token: z.string().min(1),
  refresh_token: z.string().min(1),
  expires_in: z.number().positive(),
});

export function createRotation({
  vault,
  client,
  clientId,
  clientSecret,
  clock,
  log,
}: {
  readonly vault: Vault;
  /** Without a token. */
  readonly client: webApi.WebClient;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly clock: Clock;
  readonly log: Log;
}): Rotation {
  /** All who meet the same dead token at once share one exchange. */
  const once = sharing<Rotated>();

  return {
    async rotate(installed, now = false) {
      const { id, refreshToken, expiresAt } = installed;
      if (refreshToken === null) return 'dead';
      if (!now && expiresAt !== null && expiresAt - clock.now() > ROTATE_BEFORE_SECONDS * 1000)
        return installed;
      return once(id, () => exchange(installed, refreshToken));
    },
  };

  async function exchange(installed: Installed, refreshToken: string): Promise<Rotated> {
    const { id } = installed;
    if (!(await vault.beginRotation(installed, LEASE_SECONDS))) return afterOther(installed);
    try {
      const read = answer.parse(
        await client.oauth.v2.access({
          client_id: clientId,
          client_secret: clientSecret,
          grant_type: 'refresh_token',
          refresh_token: refreshToken,
        }),
      );
      const fresh = {
        token: read.access_token,
        refreshToken: read.refresh_token,
        expiresAt: clock.now() + read.expires_in * 1000,
      };
      await storeSurely(
        clock,
        () => vault.saveRotated(installed, fresh),
        (thrown) => log.warn({ team: id, err: toError(thrown) }, 'a new token is stored again in a moment'),
      );
      log.info({ team: id }, 'a token was exchanged for a new one');
    } catch (thrown) {
      log.error(
        { code: 'TOKEN_NOT_ROTATED', team: id, word: errorWord(thrown), err: toError(thrown) },
        'a token could not be exchanged; it is tried again while the old one lives',
      );
      await vault.endRotation(id);
      return NEVER.has(errorWord(thrown) ?? '') ? 'dead' : 'later';
    }
    return (await stored(id)) ?? 'dead';
  }

  async function stored(id: string): Promise<Installed | null> {
    return (await vault.find({ ids: [id], botIds: [] }))[0] ?? null;
  }

  function afterOther({ id, version }: Installed): Promise<Rotated> {
    return storedByOther<Rotated>(clock, async () => {
      const found = await stored(id);
      if (found === null) return 'dead';
      if (found.version > version) return found;
      return found.rotating ? null : 'later';
    });
  }
}
