import type { Log } from '../log.ts';
import type { Aside } from '../reply/ports.ts';
import type { Clients } from './clients.ts';
import { errorWord } from './outcome.ts';

/** The port `Aside`: lines to one person beside replies. */
export function createAside(clients: Clients, log: Log): Aside {
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

    async ping({ team, channel, threadTs }, user, ts) {
      const client = clients.of(team);
      if (client === null) return false;
      try {
        const { permalink } = await client.chat.getPermalink({ channel, message_ts: ts });
        const link =
          permalink === undefined ? 'Your answer is ready.' : `<${permalink}|Your answer> is ready.`;
        await client.chat.postMessage({
          channel,
          thread_ts: threadTs,
          text: `<@${user}> ${link}`,
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
