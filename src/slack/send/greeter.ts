import type { Log } from '../../log.ts';
import type { Host } from '../../welcome/ports.ts';
import type { Clients } from '../clients.ts';
import { errorWord, outcomeOf } from './outcome.ts';

/** Metadata under which a greeting is found again. */
const EVENT_TYPE = 'skein_greeting';
/** A greeting that was said is among the newest messages: tries follow each other within minutes. */
const NEWEST = 50;
/** Slack's words for an app without the pane for agents: it stays without until it is installed anew. */
const NO_PANE = new Set(['missing_scope', 'unknown_method', 'not_allowed_token_type', 'feature_not_enabled']);

/** The port `Host` over Slack's Web API. */
export function createHost(clients: Clients, log: Log): Host {
  const withoutPane = new Set<string>();
  return {
    async greeted(team, channel) {
      const client = clients.of(team);
      if (client === null) return true;
      try {
        const answer = await client.conversations.history({
          channel,
          limit: NEWEST,
          include_all_metadata: true,
        });
        return (answer.messages ?? []).some(({ metadata }) => metadata?.event_type === EVENT_TYPE);
      } catch (thrown) {
        return outcomeOf(thrown).kind === 'gone' ? true : 'unknown';
      }
    },

    async greet(team, channel, text) {
      const client = clients.of(team);
      if (client === null) return 'gone';
      try {
        await client.chat.postMessage({
          channel,
          text,
          metadata: { event_type: EVENT_TYPE, event_payload: { channel } },
          unfurl_links: false,
          unfurl_media: false,
        });
        return 'done';
      } catch (thrown) {
        const { kind } = outcomeOf(thrown);
        log.warn({ channel, word: errorWord(thrown) }, 'a greeting could not be said');
        return kind === 'gone' || kind === 'content_refused' ? 'gone' : 'failed';
      }
    },

    async prompts(team, channel, title, prompts) {
      const client = clients.of(team);
      if (client === null || withoutPane.has(team)) return false;
      const [first, ...rest] = prompts;
      if (first === undefined) return false;
      try {
        await client.assistant.threads.setSuggestedPrompts({
          channel_id: channel,
          title,
          prompts: [{ ...first }, ...rest.map((prompt) => ({ ...prompt }))],
        });
        return true;
      } catch (thrown) {
        const word = errorWord(thrown);
        if (word !== null && NO_PANE.has(word)) withoutPane.add(team);
        else log.warn({ word }, 'prompts could not be offered');
        return false;
      }
    },
  };
}
