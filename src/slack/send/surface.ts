import type { Surface, WriteOutcome } from '../../reply/ports.ts';
import { onlyWhile } from '../../send-guard.ts';
import type { Clients } from '../clients.ts';
import { markOf, metadataOf, threadMessages } from '../read/thread.ts';
import { lookOfSegment } from './look.ts';
import { outcomeOf } from './outcome.ts';

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
          metadata: metadataOf(mark),
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

    async remove(place, ts, allowed) {
      const client = clients.of(place.team);
      if (client === null) return NOT_INSTALLED;
      return attempt(allowed, async () => {
        const answer = await client.chat.delete({ channel: place.channel, ts });
        return answer.ts ?? ts;
      });
    },

    async find(place, after, mark) {
      const client = clients.of(place.team);
      if (client === null) return 'unknown';
      try {
        const messages = await threadMessages(client, place, after);
        for (const message of messages ?? []) {
          const found = markOf(message);
          if (found?.reply === mark.reply && found.segment === mark.segment && message.ts !== undefined)
            return message.ts;
        }
        return messages === null ? 'unknown' : null;
      } catch {
        return 'unknown';
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
