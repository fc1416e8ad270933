import type { webApi } from '@slack/bolt';
import type { StreamOutcome, Streams } from '../../reply/ports.ts';
import type { Identity } from '../identity.ts';
import { markOf, metadataOf, threadMessages } from '../read/thread.ts';
import { lookOfSegment } from './look.ts';
import { streamOutcomeOf } from './outcome.ts';
import type { Web } from './web.ts';

/**
 * The port `Streams` over Slack's Web API. Text goes in chunks always: a stream that has had a chunk may refuse
 * `markdown_text` later.
 */
export function createStreams(web: Web, self: () => Identity | null): Streams {
  /** `known` is the ts of a message that exists; a new one must be named by Slack. */
  const attempt = async (
    team: string,
    known: string | null,
    allowed: () => boolean,
    call: (client: webApi.WebClient) => Promise<{ ts?: string }>,
  ): Promise<StreamOutcome> => {
    const called = await web.call(team, call, allowed);
    if (!called.ok) return streamOutcomeOf(called);
    const ts = called.answer.ts ?? known;
    if (ts === null) return { kind: 'unclear', code: 'SLACK_FAILED', message: 'Slack named no ts' };
    return { kind: 'done', ts };
  };

  return {
    start: (place, recipient, markdown, allowed) =>
      attempt(place.team, null, allowed, (client) =>
        client.chat.startStream({
          channel: place.channel,
          thread_ts: place.threadTs,
          // Needed in channels; reports differ about direct messages, where it does no harm.
          recipient_user_id: recipient.user,
          recipient_team_id: recipient.team,
          chunks: chunksOf(markdown),
        }),
      ),

    append: (place, ts, markdown, allowed) =>
      attempt(place.team, ts, allowed, (client) =>
        client.chat.appendStream({ channel: place.channel, ts, chunks: chunksOf(markdown) }),
      ),

    stop(place, ts, { markdown, notice, buttons }, mark, allowed) {
      const { blocks } = lookOfSegment({ markdown: '', notice, buttons });
      return attempt(place.team, ts, allowed, (client) =>
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
      const me = self();
      if (me === null) return 'unknown';
      const read = await web.call(place.team, (client) => threadMessages(client, place, after));
      if (!read.ok || read.answer === null) return 'unknown';
      const orphan = read.answer.findLast(
        (message) =>
          (message.user === me.botUserId || message.bot_id === me.botId) &&
          message.ts !== undefined &&
          isLater(message.ts, after) &&
          !known.has(message.ts) &&
          markOf(message) === null,
      );
      return orphan?.ts ?? null;
    },

    async status({ team, channel: channel_id, threadTs: thread_ts }, words, allowed) {
      const set = await web.call(
        team,
        (client) => client.assistant.threads.setStatus({ channel_id, thread_ts, status: words }),
        allowed,
      );
      return set.ok;
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
