import type { StreamOutcome, Streams } from '../../reply/ports.ts';
import { onlyWhile } from '../../send-guard.ts';
import type { Clients } from '../clients.ts';
import type { Identity } from '../identity.ts';
import { markOf, metadataOf, threadMessages } from '../read/thread.ts';
import { lookOfSegment } from './look.ts';
import { streamOutcomeOf } from './outcome.ts';

const NOT_INSTALLED: StreamOutcome = {
  kind: 'refused',
  everywhere: false,
  message: 'the app is not installed in this workspace',
};

/**
 * The port `Streams` over Slack's Web API. Text goes in chunks always: a stream that has had a chunk may refuse
 * `markdown_text` later.
 */
export function createStreams(clients: Clients, self: () => Identity | null): Streams {
  return {
    async start(place, recipient, markdown, allowed) {
      const client = clients.of(place.team);
      if (client === null) return NOT_INSTALLED;
      return attempt(allowed, null, () =>
        client.chat.startStream({
          channel: place.channel,
          thread_ts: place.threadTs,
          // Needed in channels; reports differ about direct messages, where it does no harm.
          recipient_user_id: recipient.user,
          recipient_team_id: recipient.team,
          chunks: chunksOf(markdown),
        }),
      );
    },

    async append(place, ts, markdown, allowed) {
      const client = clients.of(place.team);
      if (client === null) return NOT_INSTALLED;
      return attempt(allowed, ts, () =>
        client.chat.appendStream({ channel: place.channel, ts, chunks: chunksOf(markdown) }),
      );
    },

    async stop(place, ts, { markdown, notice, buttons }, mark, allowed) {
      const client = clients.of(place.team);
      if (client === null) return NOT_INSTALLED;
      const { blocks } = lookOfSegment({ markdown: '', notice, buttons });
      return attempt(allowed, ts, () =>
        client.chat.stopStream({
          channel: place.channel,
          ts,
          ...(markdown === '' ? {} : { chunks: chunksOf(markdown) }),
          ...(blocks.length === 0 ? {} : { blocks }),
          metadata: metadataOf(mark),
        }),
      );
    },

    async findOrphan(place, after, known) {
      const client = clients.of(place.team);
      const me = self();
      if (client === null || me === null) return 'unknown';
      try {
        const messages = await threadMessages(client, place, after);
        if (messages === null) return 'unknown';
        const orphan = messages.findLast(
          (message) =>
            (message.user === me.botUserId || message.bot_id === me.botId) &&
            message.ts !== undefined &&
            isLater(message.ts, after) &&
            !known.has(message.ts) &&
            markOf(message) === null,
        );
        return orphan?.ts ?? null;
      } catch {
        return 'unknown';
      }
    },

    async status(place, words, allowed) {
      const client = clients.of(place.team);
      if (client === null) return false;
      const { channel: channel_id, threadTs: thread_ts } = place;
      return onlyWhile(allowed, () =>
        client.assistant.threads.setStatus({ channel_id, thread_ts, status: words }),
      ).then(
        () => true,
        () => false,
      );
    },
  };
}

function chunksOf(text: string): { type: 'markdown_text'; text: string }[] {
  return [{ type: 'markdown_text', text }];
}

/** Slack's timestamps have as many digits behind the point always, so that they sort as text of equal length. */
function isLater(ts: string, after: string): boolean {
  return ts.length === after.length ? ts > after : ts.length > after.length;
}

/** `known` is the ts of a message that exists; a new one must be named by Slack. */
async function attempt(
  allowed: () => boolean,
  known: string | null,
  call: () => Promise<{ ts?: string }>,
): Promise<StreamOutcome> {
  try {
    const ts = (await onlyWhile(allowed, call)).ts ?? known;
    if (ts === null) return { kind: 'unclear', code: 'SLACK_FAILED', message: 'Slack named no ts' };
    return { kind: 'done', ts };
  } catch (thrown) {
    return streamOutcomeOf(thrown);
  }
}
