import type { webApi } from '@slack/bolt';
import type { Log } from '../../log.ts';
import type { EarlierMessage, Place, RawMessage, Reader } from '../../reply/ports.ts';
import type { Clients } from '../clients.ts';
import { fieldsOf, idOf, listOf, textOf } from '../parse/fields.ts';
import { errorWord } from '../send/outcome.ts';
import type { SlackContent } from '../text/content.ts';
import { mentionedChannelIds, mentionedUserIds } from '../text/mentions.ts';
import { cleanName } from '../text/names.ts';
import { toMarkdown } from '../text/to-markdown.ts';
import type { Directory } from './names.ts';

/** Who we are in a workspace. */
export interface Self {
  readonly botUserId: string;
  readonly botId: string;
}

export interface ReaderOptions {
  readonly clients: Clients;
  readonly directory: Directory;
  readonly self: (team: string) => Self | null;
  readonly log: Log;
}

const SOMEONE = 'someone';
/** Subtypes that are words of somebody; all others are Slack's own remarks about the channel. */
const SPOKEN = new Set(['', 'file_share', 'thread_broadcast', 'me_message', 'bot_message']);
const MOST_PAGES = 25;

/** The port `Reader`: Slack's payloads as Markdown with names, and threads as lists of messages. */
export function createReader({ clients, directory, self, log }: ReaderOptions): Reader {
  return {
    async read(team, messages) {
      const contents = messages.map(contentOf);
      const names = await namesFor(team, contents, messages);
      const botUserId = self(team)?.botUserId ?? '';
      return messages.map((message, at) => {
        const content = contents[at];
        const text = content === undefined ? '' : toMarkdown(content.content, names, { botUserId });
        const speakerName = message.speaker === null ? (content?.name ?? null) : names.user(message.speaker);
        return { text, speakerName };
      });
    },

    async name(team, user) {
      return (await directory.user(team, user)) ?? SOMEONE;
    },

    async earlier(place, before) {
      const client = clients.of(place.team);
      if (client === null) return null;
      try {
        return await readThread(client, place, before, self(place.team));
      } catch (err) {
        log.warn(
          { err, channel: place.channel, thread: place.threadTs, word: errorWord(err) },
          'an earlier thread could not be read',
        );
        return null;
      }
    },
  };

  async function namesFor(team: string, contents: readonly Content[], messages: readonly RawMessage[]) {
    const users = new Set(messages.flatMap(({ speaker }) => (speaker === null ? [] : [speaker])));
    for (const { content } of contents) for (const id of mentionedUserIds(content)) users.add(id);
    const channels = new Set(contents.flatMap(({ content }) => mentionedChannelIds(content)));
    const [userNames, channelNames] = await Promise.all([
      namesOf(users, (id) => directory.user(team, id)),
      namesOf(channels, (id) => directory.channel(team, id)),
    ]);
    return {
      user: (id: string) => userNames.get(id) ?? null,
      channel: (id: string) => channelNames.get(id) ?? null,
      usergroup: () => null,
    };
  }
}

async function namesOf(ids: Iterable<string>, ask: (id: string) => Promise<string | null>) {
  return new Map(await Promise.all([...ids].map(async (id) => [id, await ask(id)] as const)));
}

interface Content {
  readonly content: SlackContent;
  /** Name of a bot, which has no profile to ask for. */
  readonly name: string | null;
}

/** The stored JSON text of a message; anything that is not what we wrote reads as no words. */
function contentOf({ raw }: RawMessage): Content {
  let parsed: unknown = null;
  try {
    parsed = JSON.parse(raw);
  } catch {
    // Falls through to an empty message.
  }
  const fields = fieldsOf(parsed) ?? {};
  const files = listOf(fields['files']).map((file) => {
    const meta = fieldsOf(file) ?? {};
    return { name: textOf(meta['name']), mimetype: textOf(meta['mimetype']) };
  });
  return {
    content: {
      text: textOf(fields['text']) ?? '',
      blocks: listOf(fields['blocks']),
      attachments: listOf(fields['attachments']),
      files,
    },
    name: textOf(fields['name']),
  };
}

async function readThread(
  client: webApi.WebClient,
  place: Place,
  before: string,
  us: Self | null,
): Promise<readonly EarlierMessage[]> {
  const found = new Map<string, EarlierMessage>();
  let cursor: string | undefined;
  for (let page = 0; page < MOST_PAGES; page++) {
    const answer = await client.conversations.replies({
      channel: place.channel,
      ts: place.threadTs,
      latest: before,
      inclusive: false,
      limit: 200,
      ...(cursor === undefined ? {} : { cursor }),
    });
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

function earlierOf(untrusted: unknown, us: Self | null): EarlierMessage | null {
  const message = fieldsOf(untrusted);
  const slackTs = textOf(message?.['ts']);
  if (message === null || slackTs === null || !SPOKEN.has(textOf(message['subtype']) ?? '')) return null;
  const user = idOf(message['user']);
  const botId = idOf(message['bot_id']);
  const own = us !== null && (user === us.botUserId || botId === us.botId);
  const name = textOf(fieldsOf(message['bot_profile'])?.['name']) ?? textOf(message['username']);
  const raw = JSON.stringify({
    text: textOf(message['text']) ?? '',
    blocks: listOf(message['blocks']),
    attachments: listOf(message['attachments']),
    files: listOf(message['files']),
    ...(botId === null ? {} : { name: name === null ? 'a bot' : cleanName(name) }),
  });
  return { slackTs, role: own ? 'assistant' : 'user', speaker: botId === null && !own ? user : null, raw };
}
