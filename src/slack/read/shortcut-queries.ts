import type { Log } from '../../log.ts';
import type { Reader } from '../../reply/ports.ts';
import type { Asking } from '../../shortcuts/ports.ts';
import type { Clients } from '../clients.ts';
import { kindOf } from '../error-words.ts';
import { errorWord } from '../send/outcome.ts';
import { encodeEntities } from '../text/markup.ts';
import { earlierOf } from './messages.ts';

/** Later than every message. */
const END_OF_TIME = '9999999999.999999';
/** Characters of a message that go along with a question about it. */
const MOST_MESSAGE = 6000;
/** Somebody waits before a form while a thread is read. */
const THREAD_MS = 2000;

/** The port `Asking` over Slack's Web API. */
export function createAsking(clients: Clients, reader: Reader, log: Log): Asking {
  return {
    async message(team, channel, ts) {
      try {
        const answer = await clients.of(team)?.conversations.replies({
          channel,
          ts,
          // Slack may take the ts of a reply for its thread: then root and message are all that is asked for.
          oldest: ts,
          latest: ts,
          inclusive: true,
          limit: 2,
        });
        if (answer === undefined) return 'unreadable';
        const found = (answer.messages ?? []).find((message) => message.ts === ts);
        const said = earlierOf(found, null);
        if (found === undefined) return 'gone';
        const [words] = said === null ? [] : await reader.read({ team, channel }, [said]);
        const text = encodeEntities((words?.text ?? found.text ?? '').slice(0, MOST_MESSAGE));
        return { threadTs: found.thread_ts ?? ts, text };
      } catch (err) {
        const word = errorWord(err);
        return word !== null && kindOf(word) === 'message' ? 'gone' : 'unreadable';
      }
    },

    async thread(team, channel, threadTs) {
      const said = await reader.earlier({ team, channel, threadTs }, END_OF_TIME, { mostMs: THREAD_MS });
      if (said === null) return '';
      const words = await reader.read({ team, channel }, said);
      return words.map(({ speakerName, text }) => `[${speakerName ?? 'Skein'}]: ${text}`).join('\n');
    },

    async direct(team, user) {
      try {
        const answer = await clients.of(team)?.conversations.open({ users: user });
        return answer?.channel?.id ?? null;
      } catch (err) {
        log.warn({ word: errorWord(err) }, 'a direct message could not be opened');
        return null;
      }
    },

    async link(team, channel, ts) {
      try {
        const answer = await clients.of(team)?.chat.getPermalink({ channel, message_ts: ts });
        return answer?.permalink ?? null;
      } catch {
        return null;
      }
    },
  };
}
