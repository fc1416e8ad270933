import type { Log } from '../../log.ts';
import type { Aside } from '../../reply/ports.ts';
import { answerReadyPing } from '../../words/asides.ts';
import type { Clients } from '../clients.ts';
import { errorWord } from './outcome.ts';

/** Slack's words for an app without the pane for agents: asked once, not for every conversation. */
const NO_TITLES = new Set([
  'missing_scope',
  'unknown_method',
  'not_allowed_token_type',
  'method_not_supported_for_channel_type',
]);

/** The port `Aside`: lines to one person beside replies. */
export function createAside(clients: Clients, log: Log): Aside {
  const untitled = new Set<string>();
  return {
    async whisper({ team, channel, threadTs }, user, text) {
      const client = clients.of(team);
      if (client === null) return false;
      try {
        const thread = threadTs === null ? {} : { thread_ts: threadTs };
        await client.chat.postEphemeral({ channel, user, text, ...thread });
        return true;
      } catch (err) {
        log.warn({ channel, word: errorWord(err) }, 'a private line could not be shown');
        return false;
      }
    },

    async title({ team, channel, threadTs }, title) {
      const client = clients.of(team);
      if (client === null || untitled.has(team)) return false;
      try {
        await client.assistant.threads.setTitle({ channel_id: channel, thread_ts: threadTs, title });
        return true;
      } catch (err) {
        const word = errorWord(err);
        if (word !== null && NO_TITLES.has(word)) untitled.add(team);
        else log.warn({ channel, word }, 'a conversation could not be given its title');
        return false;
      }
    },

    async ping({ team, channel, threadTs }, user, ts) {
      const client = clients.of(team);
      if (client === null) return false;
      try {
        const { permalink } = await client.chat.getPermalink({ channel, message_ts: ts });
        await client.chat.postMessage({
          channel,
          thread_ts: threadTs,
          text: `<@${user}> ${answerReadyPing(permalink ?? null)}`,
          unfurl_links: false,
          unfurl_media: false,
        });
        return true;
      } catch (err) {
        log.warn({ channel, word: errorWord(err) }, 'a ping could not be sent');
        return false;
      }
    },
  };
}
