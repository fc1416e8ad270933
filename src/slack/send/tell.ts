import type { TellPerson } from '../../budgets/alerts.ts';
import type { Log } from '../../log.ts';
import type { Aside } from '../../reply/ports.ts';
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
