import type { TellPerson } from '../../budgets/alerts.ts';
import type { Log } from '../../log.ts';
import type { Aside } from '../../reply/ports.ts';
import type { TellLink } from '../../reply/tools/linking.ts';
import type { Tell } from '../../shortcuts/ports.ts';
import type { Web } from './web.ts';

/** The port `Tell` over Slack's Web API. */
export function createTell(web: Web, aside: Pick<Aside, 'whisper'>, log: Log): Tell {
  const tellPerson = createTellPerson(web, log);
  return async ({ team, channel, threadTs }, user, line) => {
    if (channel !== null && (await aside.whisper({ team, channel, threadTs }, user, line))) return true;
    return tellPerson(team, user, line);
  };
}

/** The port `TellPerson` over Slack's Web API. */
export function createTellPerson(web: Web, log: Log): TellPerson {
  return async (team, user, line) => {
    const direct = await web.direct(team, user);
    const outcome = direct.ok
      ? await web.post({ team, channel: direct.answer, threadTs: null }, { text: line })
      : direct.refusal;
    if (outcome.kind === 'done') return true;
    log.warn({ kind: outcome.kind }, 'a line for one person could not be shown');
    // What Slack refuses it will refuse again.
    return outcome.kind === 'gone' || outcome.kind === 'content_refused';
  };
}

/** Its press is delivered to us as well, and leads to nothing: the browser has the address. */
const LINK_ACTION = 'reply_call_link';

/** The port `TellLink` over Slack's Web API: a private line in the thread, or a direct message where that is not shown. */
export function createTellLink(web: Web, log: Log): TellLink {
  return async (at, user, line, { label, url }) => {
    const message = {
      text: line,
      blocks: [
        { type: 'section' as const, text: { type: 'mrkdwn' as const, text: line } },
        {
          type: 'actions' as const,
          elements: [
            {
              type: 'button' as const,
              action_id: LINK_ACTION,
              text: { type: 'plain_text' as const, text: label },
              url,
            },
          ],
        },
      ],
    };
    const shown = await web.ephemeral(at, user, message);
    if (shown.kind === 'done') return true;
    const direct = await web.direct(at.team, user);
    const outcome = direct.ok
      ? await web.post({ team: at.team, channel: direct.answer, threadTs: null }, message)
      : direct.refusal;
    if (outcome.kind !== 'done') log.warn({ kind: outcome.kind }, 'a link for one person could not be shown');
    return outcome.kind === 'done';
  };
}
