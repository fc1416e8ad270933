import type { webApi } from '@slack/bolt';
import type { Clock } from '../clock.ts';
import { SkeinError } from '../errors.ts';
import type { Log } from '../log.ts';
import { errorWord } from './send/outcome.ts';

/** Who we are: what `auth.test` says about the bot token. */
export interface Identity {
  readonly team: string;
  readonly botUserId: string;
  readonly botId: string;
}

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 15_000;

/** Slack's words for a token that will not become good by waiting. */
const REFUSED = new Set([
  'invalid_auth',
  'not_authed',
  'account_inactive',
  'token_revoked',
  'token_expired',
  'not_allowed_token_type',
  'team_disabled',
  'org_login_required',
]);

/**
 * Asks Slack who the token belongs to, for as long as Slack can't be reached. Rejects with SLACK_AUTH_FAILED
 * when Slack refuses the token, and with the signal's reason when that aborts.
 */
export async function identify(
  client: webApi.WebClient,
  { clock, log, signal }: { clock: Clock; log: Log; signal: AbortSignal },
): Promise<Identity> {
  for (let failures = 0; ; failures++) {
    signal.throwIfAborted();
    try {
      const answer = await client.auth.test();
      const { team_id: team, user_id: botUserId, bot_id: botId } = answer;
      if (team === undefined || botUserId === undefined) throw new Error('auth.test named no team or user');
      return { team, botUserId, botId: botId ?? '' };
    } catch (err) {
      const word = errorWord(err);
      if (word !== null && REFUSED.has(word))
        throw new SkeinError('SLACK_AUTH_FAILED', `Slack refuses SLACK_BOT_TOKEN: ${word}`, {
          facts: { word },
        });
      const waitMs = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(failures, 8));
      log.warn({ code: 'SLACK_UNREACHABLE', err, waitMs }, 'Slack cannot be reached; trying again');
      await clock.sleep(waitMs, signal);
    }
  }
}
