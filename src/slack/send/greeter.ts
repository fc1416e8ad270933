import type { Log } from '../../log.ts';
import type { Greeter } from '../../welcome/ports.ts';
import { isFeatureOff } from './outcome.ts';
import type { Web } from './web.ts';

/** Metadata under which a greeting is found again. */
const EVENT_TYPE = 'skein_greeting';
/** A greeting that was said is among the newest messages: tries follow each other within minutes. */
const NEWEST = 50;

/** The port `Greeter` over Slack's Web API. */
export function createGreeter(web: Web, log: Log): Greeter {
  /** Workspaces whose installation lacks the pane for agents: it stays without until the app is installed anew. */
  const withoutPane = new Set<string>();
  return {
    async greeted(team, channel) {
      const read = await web.call(team, (client) =>
        client.conversations.history({ channel, limit: NEWEST, include_all_metadata: true }),
      );
      if (!read.ok) return read.refusal.kind === 'gone' ? true : 'unknown';
      return (read.answer.messages ?? []).some(({ metadata }) => metadata?.event_type === EVENT_TYPE);
    },

    async greet(team, channel, text) {
      const metadata = { event_type: EVENT_TYPE, event_payload: { channel } };
      const outcome = await web.post({ team, channel, threadTs: null }, { text, metadata });
      if (outcome.kind === 'done' || outcome.kind === 'unauthorised') return outcome.kind;
      const reason = outcome.kind === 'limited' ? outcome.kind : outcome.message;
      log.warn({ channel, reason }, 'a greeting could not be said');
      return outcome.kind === 'gone' || outcome.kind === 'content_refused' ? 'gone' : 'failed';
    },

    async prompts(team, channel, title, prompts) {
      const [first, ...rest] = prompts;
      if (withoutPane.has(team) || first === undefined) return false;
      const offered = await web.call(team, (client) =>
        client.assistant.threads.setSuggestedPrompts({
          channel_id: channel,
          title,
          prompts: [{ ...first }, ...rest.map((prompt) => ({ ...prompt }))],
        }),
      );
      if (!offered.ok && isFeatureOff(offered.thrown)) withoutPane.add(team);
      else if (!offered.ok) log.warn({ word: offered.word }, 'prompts could not be offered');
      return offered.ok;
    },
  };
}
