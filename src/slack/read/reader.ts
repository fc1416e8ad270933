import type { webApi } from '@slack/bolt';
import type { Clock } from '../../clock.ts';
import type { Log } from '../../log.ts';
import type { EarlierMessage, Place, RawMessage, Reader } from '../../reply/ports.ts';
import { SOMEONE } from '../../words/reply.ts';
import type { Clients } from '../clients.ts';
import { errorWord } from '../send/outcome.ts';
import type { Names } from '../text/content.ts';
import { mentionedChannelIds, mentionedUserIds } from '../text/mentions.ts';
import { toMarkdown } from '../text/to-markdown.ts';
import { type Content, contentOf, earlierOf } from './messages.ts';
import type { Directory } from './names.ts';
import { patientCalls } from './patience.ts';

/** Who we are in a workspace. */
export interface Self {
  readonly botUserId: string;
  readonly botId: string;
}

interface ReaderOptions {
  readonly clients: Clients;
  readonly directory: Directory;
  readonly self: (team: string) => Self | null;
  readonly clock: Clock;
  readonly log: Log;
}

const MOST_PAGES = 25;

/** The port `Reader`: Slack's payloads as Markdown with names, and threads as lists of messages. */
export function createReader({ clients, directory, self, clock, log }: ReaderOptions): Reader {
  return {
    async read({ team, channel }, messages) {
      const contents = messages.map(contentOf);
      const [users, channels] = await Promise.all([
        directory.users(team, usersIn(contents, messages)),
        directory.channels(
          team,
          channel,
          new Set(contents.flatMap(({ content }) => mentionedChannelIds(content))),
        ),
      ]);
      const botUserId = self(team)?.botUserId ?? '';
      return messages.map((message, at) => {
        const content = contents[at] ?? contentOf(message);
        let complete = true;
        const missed = () => {
          complete = false;
          return null;
        };
        const names: Names = {
          user: (id) => users.get(id) ?? missed(),
          channel: (id) => (channels.has(id) ? (channels.get(id) ?? null) : missed()),
          // Slack tells their names in the tokens of the text alone.
          usergroup: () => null,
        };
        const text = toMarkdown(content.content, names, { botUserId });
        const speakerName = message.speaker === null ? content.name : names.user(message.speaker);
        return { text, speakerName, complete };
      });
    },

    async name(team, user) {
      return (await directory.users(team, [user])).get(user) ?? SOMEONE;
    },

    async again(place, ts, patience) {
      const client = clients.of(place.team);
      if (client === null) return null;
      const { channel, threadTs } = place;
      try {
        // The root comes with every page of its thread.
        const answer = await patientCalls(
          clock,
          patience,
        )(() =>
          client.conversations.replies({
            channel,
            ts: threadTs,
            oldest: ts,
            latest: ts,
            inclusive: true,
            limit: 2,
          }),
        );
        const found = (answer.messages ?? []).find((message) => message.ts === ts);
        return earlierOf(found, self(place.team))?.raw ?? null;
      } catch (err) {
        log.info({ channel, word: errorWord(err) }, 'a message could not be read once more');
        return null;
      }
    },

    async earlier(place, before, patience) {
      const client = clients.of(place.team);
      if (client === null) return null;
      try {
        return await readThread(client, place, before, self(place.team), patientCalls(clock, patience));
      } catch (err) {
        const word = errorWord(err);
        // Nothing of the thread is left but the message that we were asked in.
        if (word === 'thread_not_found') return [];
        log.warn(
          { err, channel: place.channel, thread: place.threadTs, word },
          'an earlier thread could not be read',
        );
        return null;
      }
    },
  };
}

/** Everybody whose name is needed: who speaks, and who is spoken of. */
function usersIn(contents: readonly Content[], messages: readonly RawMessage[]): ReadonlySet<string> {
  return new Set([
    ...messages.flatMap(({ speaker }) => (speaker === null ? [] : [speaker])),
    ...contents.flatMap(({ content }) => mentionedUserIds(content)),
  ]);
}

async function readThread(
  client: webApi.WebClient,
  place: Place,
  before: string,
  us: Self | null,
  call: ReturnType<typeof patientCalls>,
): Promise<readonly EarlierMessage[]> {
  const found = new Map<string, EarlierMessage>();
  let cursor: string | undefined;
  for (let page = 0; page < MOST_PAGES; page++) {
    const from = cursor === undefined ? {} : { cursor };
    const answer = await call(() =>
      client.conversations.replies({
        channel: place.channel,
        ts: place.threadTs,
        latest: before,
        inclusive: false,
        limit: 200,
        ...from,
      }),
    );
    for (const message of answer.messages ?? []) {
      const earlier = earlierOf(message, us);
      // The root comes with each page, and `latest` is not kept to in threads everywhere.
      if (earlier !== null && earlier.slackTs < before) found.set(earlier.slackTs, earlier);
    }
    cursor = answer.response_metadata?.next_cursor;
    if (cursor === undefined || cursor === '') break;
  }
  return [...found.values()].sort((a, b) => (a.slackTs < b.slackTs ? -1 : 1));
}
