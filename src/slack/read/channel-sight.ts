import type { Sees } from '../../installations/adopt.ts';
import type { Web } from '../send/web.ts';

/** The port `Sees` over `conversations.info`: Slack answers `channel_not_found` for what a token can't see. */
export function createSees(web: Web): Sees {
  return async (installation, channel) => {
    const seen = await web.call(installation, (client) => client.conversations.info({ channel }));
    if (seen.ok) return 'yes';
    return seen.refusal.kind === 'gone' ? 'no' : 'unknown';
  };
}
