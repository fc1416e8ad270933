import type { webApi } from '@slack/bolt';
import { backoff, type Clock } from '../clock.ts';
import { SkeinError } from '../errors.ts';
import type { Log } from '../log.ts';
import { mayPass } from './error-words.ts';
import { errorWord } from './send/outcome.ts';

/** Who we are: what `auth.test` says about the bot token. */
export interface Identity {
  /**
   * The installation, by which everything is stored: the workspace, or the organisation (`E…`) where the app was
   * installed for all of its workspaces (`is_enterprise_install`).
   */
  readonly team: string;
  readonly botUserId: string;
  readonly botId: string;
}

const BACKOFF = { first: 500, most: 15_000 };

/**
 * Asks Slack who the token belongs to, for as long as Slack can't be reached. Rejects with SLACK_AUTH_FAILED
 * when Slack refuses the token, and with the signal's reason when that aborts.
 */
export async function identify(
  client: webApi.WebClient,
  { clock, log, signal }: { clock: Clock; log: Log; signal: AbortSignal },
): Promise<Identity> {
  for (let failures = 1; ; failures++) {
    signal.throwIfAborted();
    try {
      const answer = await client.auth.test();
      const { user_id: botUserId, bot_id: botId } = answer;
      const team = answer.is_enterprise_install === true ? answer.enterprise_id : answer.team_id;
      if (team === undefined || botUserId === undefined) throw new Error('auth.test named no team or user');
      return { team, botUserId, botId: botId ?? '' };
    } catch (err) {
      const word = errorWord(err);
      if (word !== null && !mayPass(word))
        throw new SkeinError('SLACK_AUTH_FAILED', `Slack refuses SLACK_BOT_TOKEN: ${word}`, {
          facts: { word },
        });
      const waitMs = backoff(BACKOFF, failures);
      log.warn({ code: 'SLACK_UNREACHABLE', err, waitMs }, 'Slack cannot be reached; trying again');
      await clock.sleep(waitMs, signal);
    }
  }
}
