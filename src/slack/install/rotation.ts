import type { webApi } from '@slack/bolt';
import { z } from 'zod';
import type { Clock } from '../../clock.ts';
import { toError } from '../../errors.ts';
import type { FreshToken, Installed, Vault } from '../../installations/tokens/vault.ts';
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
/** Slack's answer takes a second; a process that died over it is not waited for longer. */
const LEASE_SECONDS = 30;
const LOOK_EVERY_MS = 250;

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
  const running = new Map<string, Promise<Rotated>>();

  return {
    async rotate(installed, now = false) {
      const { id, refreshToken, expiresAt } = installed;
      if (refreshToken === null) return 'dead';
      if (!now && expiresAt !== null && expiresAt - clock.now() > ROTATE_BEFORE_SECONDS * 1000)
        return installed;
      const work =
        running.get(id) ?? exchange(installed, refreshToken).finally(() => void running.delete(id));
      running.set(id, work);
      return work;
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
      await keep(installed, fresh);
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

  /** A refresh token works once: what Slack gave for it is not lost to a moment without the database. */
  async function keep(installed: Installed, fresh: FreshToken): Promise<void> {
    const until = clock.monotonic() + LEASE_SECONDS * 1000;
    for (;;) {
      try {
        await vault.saveRotated(installed, fresh);
        return;
      } catch (thrown) {
        if (clock.monotonic() >= until) throw thrown;
        log.warn({ team: installed.id, err: toError(thrown) }, 'a new token is stored again in a moment');
        await clock.sleep(1000);
      }
    }
  }

  async function stored(id: string): Promise<Installed | null> {
    return (await vault.find({ ids: [id], botIds: [] }))[0] ?? null;
  }

  /** What another process stored, or null if it stores nothing in the time that it has. */
  async function afterOther({ id, version }: Installed): Promise<Rotated> {
    const until = clock.monotonic() + LEASE_SECONDS * 1000;
    while (clock.monotonic() < until) {
      const found = await stored(id);
      if (found === null) return 'dead';
      if (found.version > version) return found;
      if (!found.rotating) return 'later';
      await clock.sleep(LOOK_EVERY_MS);
    }
    return 'later';
  }
}
