import type { types, webApi } from '@slack/bolt';
import { LRUCache } from 'lru-cache';
import type { StreamOutcome, Streams } from '../../reply/ports.ts';
import type { Identity } from '../identity.ts';
import { markOf, metadataOf, threadMessages } from '../read/thread.ts';
import { lookOfSegment } from './look.ts';
import { streamOutcomeOf } from './outcome.ts';
import type { Web } from './web.ts';

const MOST_TEXT_ONLY = 10_000;
/**
 * What Slack says where a chunk may not be `blocks`. @slack/types 2.x has `BlocksChunk` since April 2026; an older guide of
 * Slack's allows blocks in `stopStream` alone, and a workspace may be behind.
 */
const NO_BLOCKS = new Set(['invalid_chunks', 'invalid_blocks', 'invalid_blocks_format', 'invalid_arguments']);

/**
 * The port `Streams` over Slack's Web API. Text goes in chunks always: a stream that has had a chunk may refuse
 * `markdown_text` later.
 */
export function createStreams(web: Web, self: (team: string) => Identity | null): Streams {
  /** Workspaces that refused buttons in a stream: they get text alone, until the process ends. */
  const textOnly = new LRUCache<string, true>({ max: MOST_TEXT_ONLY });

  /** `known` is the ts of a message that exists; a new one must be named by Slack. */
  const attempt = async (
    team: string,
    known: string | null,
    allowed: () => boolean,
    call: (client: webApi.WebClient) => Promise<{ ts?: string }>,
  ): Promise<StreamOutcome & { readonly word?: string | null }> => {
    const called = await web.call(team, call, allowed);
    if (!called.ok) return { ...streamOutcomeOf(called), word: called.word };
    const ts = called.answer.ts ?? known;
    if (ts === null) return { kind: 'unclear', code: 'SLACK_FAILED', message: 'Slack named no ts' };
    return { kind: 'done', ts };
  };

  return {
    async start(place, recipient, { markdown, buttons }, allowed) {
      const begin = (chunks: types.AnyChunk[]) =>
        attempt(place.team, null, allowed, (client) =>
          client.chat.startStream({
            channel: place.channel,
            thread_ts: place.threadTs,
            // Needed in channels; reports differ about direct messages, where it does no harm.
            recipient_user_id: recipient.user,
            recipient_team_id: recipient.team,
            chunks,
          }),
        );
      if (buttons.length > 0 && !textOnly.has(place.team)) {
        // In front: what Slack shows of a stream stands in the order in which it came.
        const { blocks } = lookOfSegment({ markdown: '', notice: null, buttons });
        const outcome = await begin([{ type: 'blocks', blocks }, ...chunksOf(markdown)]);
        if (outcome.kind === 'done') return { ...outcome, controls: true };
        if (!NO_BLOCKS.has(outcome.word ?? '')) return outcome;
        textOnly.set(place.team, true);
      }
      return begin(chunksOf(markdown));
    },

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
      const me = self(place.team);
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
