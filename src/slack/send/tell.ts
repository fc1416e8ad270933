import type { TellPerson } from '../../budgets/alerts.ts';
import type { Log } from '../../log.ts';
import type { Aside } from '../../reply/ports.ts';
import type { Tell } from '../../shortcuts/ports.ts';
import type { Clients } from '../clients.ts';
import { errorWord, outcomeOf } from './outcome.ts';

/** The port `Tell` over Slack's Web API. */
export function createTell(clients: Clients, aside: Pick<Aside, 'whisper'>, log: Log): Tell {
  const tellPerson = createTellPerson(clients, log);
  return async ({ team, channel, threadTs }, user, line) => {
    if (channel !== null && (await aside.whisper({ team, channel, threadTs }, user, line))) return true;
    return tellPerson(team, user, line);
  };
}

/** The port `TellPerson` over Slack's Web API. */
export function createTellPerson(clients: Clients, log: Log): TellPerson {
  return async (team, user, line) => {
    const client = clients.of(team);
    try {
      const direct = await client?.conversations.open({ users: user });
      const id = direct?.channel?.id;
      if (id !== undefined)
        await client?.chat.postMessage({
          channel: id,
          text: line,
          unfurl_links: false,
          unfurl_media: false,
        });
      return true;
    } catch (err) {
      const { kind } = outcomeOf(err);
      log.warn({ kind, word: errorWord(err) }, 'a line for one person could not be shown');
      // What Slack refuses it will refuse again.
      return kind === 'gone' || kind === 'content_refused';
    }
  };
}
