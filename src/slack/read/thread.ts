import type { webApi } from '@slack/bolt';
import type { CardMark } from '../../reply/cards/ports.ts';
import type { Place, SegmentMark } from '../../reply/ports.ts';
import { kindOf } from '../error-words.ts';
import { errorWord } from '../send/outcome.ts';
import { eachPage } from '../send/web.ts';

/** Metadata under which our messages are found again. */
const EVENT_TYPE = 'skein_reply';
/** Pages of a thread or channel that are searched for a message of ours; 200 messages each. */
const MOST_PAGES = 25;

/** The part of a message of a thread that says whose it is. */
export interface ThreadMessage {
  readonly ts?: string | undefined;
  readonly user?: string | undefined;
  readonly bot_id?: string | undefined;
  readonly metadata?: unknown;
}

/** What a message of an answer carries: which segment it is, or the card of which call. */
type Mark = SegmentMark | CardMark;

export function metadataOf(mark: Mark) {
  return { event_type: EVENT_TYPE, event_payload: { ...mark } };
}

/** The mark of one of our messages; null if it carries none. */
export function markOf({ metadata }: ThreadMessage): Mark | null {
  const { event_type: type, event_payload: payload } = fields(metadata);
  const { reply, segment, card } = fields(payload);
  if (type !== EVENT_TYPE || typeof reply !== 'string') return null;
  return typeof card === 'string' ? { reply, card } : { reply, segment: Number(segment) };
}

/** The ts of the message that carries the mark; null if none does. */
export function markedTs(messages: readonly ThreadMessage[], mark: Mark): string | null {
  const ours = messages.find((message) => {
    const found = markOf(message);
    if (message.ts === undefined || found?.reply !== mark.reply) return false;
    if ('card' in mark) return 'card' in found && found.card === mark.card;
    return 'segment' in found && found.segment === mark.segment;
  });
  return ours?.ts ?? null;
}

/**
 * The root of a thread and its messages later than `after`, with their metadata, oldest first; null if there are
 * too many. An app that Slack has not approved gets 15 messages a minute: what came before is not asked for.
 * Throws what the SDK throws.
 */
export async function threadMessages(
  client: webApi.WebClient,
  place: Place,
  after: string,
): Promise<readonly ThreadMessage[] | null> {
  const messages: ThreadMessage[] = [];
  try {
    const end = await eachPage(
      MOST_PAGES,
      (next) =>
        client.conversations.replies({
          channel: place.channel,
          ts: place.threadTs,
          oldest: after,
          include_all_metadata: true,
          limit: 200,
          ...next,
        }),
      (page) => {
        messages.push(...(page.messages ?? []));
        return false;
      },
    );
    return end === 'more' ? null : messages;
  } catch (thrown) {
    // A thread of which nothing is left (its question was deleted) holds no message of ours either.
    const word = errorWord(thrown);
    if (word !== null && kindOf(word) === 'message') return [];
    throw thrown;
  }
}

/**
 * The first of a channel's messages later than `oldest` that `of` finds in a page, by its ts; null if there is certainly none,
 * 'unknown' if there are too many. Slack gives the newest messages first. Throws what the SDK throws.
 */
export async function findInChannel(
  client: webApi.WebClient,
  channel: string,
  oldest: string,
  of: (messages: readonly ThreadMessage[]) => string | null,
): Promise<string | null | 'unknown'> {
  let found: string | null = null;
  const end = await eachPage(
    MOST_PAGES,
    (next) =>
      client.conversations.history({ channel, oldest, include_all_metadata: true, limit: 200, ...next }),
    ({ messages }) => {
      found = of(messages ?? []);
      return found !== null;
    },
  );
  return end === 'more' ? 'unknown' : found;
}

function fields(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
