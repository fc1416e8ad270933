import type { webApi } from '@slack/bolt';
import type { Place, SegmentMark } from '../../reply/ports.ts';
import { kindOf } from '../error-words.ts';
import { errorWord } from '../send/outcome.ts';
import { eachPage } from '../send/web.ts';

/** Metadata under which our messages are found again. */
const EVENT_TYPE = 'skein_reply';
/** Pages of a thread that are searched for a message of ours; 200 messages each. */
const MOST_PAGES = 25;

/** The part of a message of a thread that says whose it is. */
export interface ThreadMessage {
  readonly ts?: string | undefined;
  readonly user?: string | undefined;
  readonly bot_id?: string | undefined;
  readonly metadata?: unknown;
}

export function metadataOf({ reply, segment }: SegmentMark) {
  return { event_type: EVENT_TYPE, event_payload: { reply, segment } };
}

/** The mark of one of our messages; null if it carries none. */
export function markOf({ metadata }: ThreadMessage): SegmentMark | null {
  const { event_type: type, event_payload: payload } = fields(metadata);
  const { reply, segment } = fields(payload);
  return type === EVENT_TYPE && typeof reply === 'string' ? { reply, segment: Number(segment) } : null;
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

function fields(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
