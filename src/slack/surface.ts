import type { webApi } from '@slack/bolt';
import type { Place, SegmentMark, Surface, WriteOutcome } from '../reply/ports.ts';
import type { Clients } from './clients.ts';
import { onlyWhile } from './guards/last-look.ts';
import { lookOfSegment } from './look.ts';
import { errorWord, outcomeOf } from './outcome.ts';

/** Metadata under which our messages are found again. */
const EVENT_TYPE = 'skein_reply';
/** Pages of a thread that are searched for a message of ours; 200 messages each. */
const MOST_PAGES = 25;

/** Slack's words for "there is no such thread": unlike a failure, that is an answer. */
const NOTHING_THERE = new Set(['thread_not_found', 'message_not_found']);

const NOT_INSTALLED: WriteOutcome = {
  kind: 'gone',
  code: 'SLACK_PLACE_GONE',
  message: 'the app is not installed in this workspace',
};

/** The port `Surface` over Slack's Web API. One call for each write, never repeated here. */
export function createSurface(clients: Clients): Surface {
  return {
    async post(place, content, mark, allowed) {
      const client = clients.of(place.team);
      if (client === null) return NOT_INSTALLED;
      return attempt(allowed, async () => {
        const { ts } = await client.chat.postMessage({
          channel: place.channel,
          thread_ts: place.threadTs,
          ...lookOfSegment(content),
          metadata: { event_type: EVENT_TYPE, event_payload: { reply: mark.reply, segment: mark.segment } },
          // A link that the model wrote must not make Slack fetch it: its address can carry data away.
          unfurl_links: false,
          unfurl_media: false,
        });
        return ts;
      });
    },

    async update(place, ts, content, allowed) {
      const client = clients.of(place.team);
      if (client === null) return NOT_INSTALLED;
      return attempt(allowed, async () => {
        const answer = await client.chat.update({ channel: place.channel, ts, ...lookOfSegment(content) });
        return answer.ts ?? ts;
      });
    },

    async find(place, mark) {
      const client = clients.of(place.team);
      if (client === null) return 'unknown';
      try {
        return await search(client, place, mark);
      } catch (thrown) {
        // A thread of which nothing is left (its question was deleted) holds no message of ours either.
        return NOTHING_THERE.has(errorWord(thrown) ?? '') ? null : 'unknown';
      }
    },
  };
}

async function attempt(
  allowed: () => boolean,
  call: () => Promise<string | undefined>,
): Promise<WriteOutcome> {
  try {
    const ts = await onlyWhile(allowed, call);
    // A success without a ts is no success we can build on: it is looked for by its mark.
    if (ts === undefined) return { kind: 'unclear', code: 'SLACK_FAILED', message: 'Slack named no ts' };
    return { kind: 'done', ts };
  } catch (thrown) {
    return outcomeOf(thrown);
  }
}

async function search(
  client: webApi.WebClient,
  place: Place,
  mark: SegmentMark,
): Promise<string | null | 'unknown'> {
  let cursor: string | undefined;
  for (let page = 0; page < MOST_PAGES; page++) {
    const answer = await client.conversations.replies({
      channel: place.channel,
      ts: place.threadTs,
      include_all_metadata: true,
      limit: 200,
      ...(cursor === undefined ? {} : { cursor }),
    });
    for (const message of answer.messages ?? []) {
      const { metadata } = message as {
        metadata?: { event_type?: unknown; event_payload?: Record<string, unknown> };
      };
      const payload = metadata?.event_payload;
      if (metadata?.event_type !== EVENT_TYPE || payload === undefined) continue;
      if (
        payload['reply'] === mark.reply &&
        Number(payload['segment']) === mark.segment &&
        message.ts !== undefined
      )
        return message.ts;
    }
    cursor = answer.response_metadata?.next_cursor;
    if (cursor === undefined || cursor === '') return null;
  }
  return 'unknown';
}
