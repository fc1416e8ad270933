import type { webApi } from '@slack/bolt';
import type { Board, QuestionPlace } from '../../questions/ports.ts';
import { onlyWhile } from '../../send-guard.ts';
import type { Clients } from '../clients.ts';
import { threadMessages } from '../read/thread.ts';
import { outcomeOf } from './outcome.ts';

/** Metadata under which a question that we posted is found again. */
const EVENT_TYPE = 'skein_question';
/** Pages of a channel that are searched for it; 200 messages each. */
const MOST_PAGES = 25;

/** The port `Board` over Slack's Web API. */
export function createBoard(clients: Clients): Board {
  return {
    async post({ team, channel, threadTs }, text, id, allowed) {
      const client = clients.of(team);
      if (client === null)
        return { kind: 'gone', code: 'SLACK_PLACE_GONE', message: 'the app is not installed there' };
      try {
        const { ts } = await onlyWhile(allowed, () =>
          client.chat.postMessage({
            channel,
            ...(threadTs === null ? {} : { thread_ts: threadTs }),
            text,
            metadata: { event_type: EVENT_TYPE, event_payload: { question: id } },
            unfurl_links: false,
            unfurl_media: false,
          }),
        );
        if (ts === undefined) return { kind: 'unclear', code: 'SLACK_FAILED', message: 'Slack named no ts' };
        return { kind: 'done', ts };
      } catch (thrown) {
        return outcomeOf(thrown);
      }
    },

    async find(place, after, id) {
      const client = clients.of(place.team);
      if (client === null) return 'unknown';
      const oldest = (after.getTime() / 1000).toFixed(6);
      const { threadTs } = place;
      try {
        return threadTs === null
          ? await inChannel(client, place, oldest, id)
          : foundIn(await threadMessages(client, { ...place, threadTs }, oldest), id);
      } catch {
        return 'unknown';
      }
    },
  };
}

/** Slack gives the newest messages first. */
async function inChannel(
  client: webApi.WebClient,
  { channel }: QuestionPlace,
  oldest: string,
  id: string,
): Promise<string | null | 'unknown'> {
  let cursor: string | undefined;
  for (let page = 0; page < MOST_PAGES; page++) {
    const answer = await client.conversations.history({
      channel,
      oldest,
      include_all_metadata: true,
      limit: 200,
      ...(cursor === undefined ? {} : { cursor }),
    });
    const found = foundIn(answer.messages ?? [], id);
    if (found !== null) return found;
    cursor = answer.response_metadata?.next_cursor;
    if (cursor === undefined || cursor === '') return null;
  }
  return 'unknown';
}

interface Posted {
  readonly ts?: string | undefined;
  readonly metadata?: unknown;
}

/** 'unknown': the messages could not all be read. */
function foundIn(messages: readonly Posted[] | null, id: string): string | null | 'unknown' {
  if (messages === null) return 'unknown';
  return messages.find(({ metadata }) => markOf(metadata) === id)?.ts ?? null;
}

function markOf(metadata: unknown): unknown {
  const { event_type: type, event_payload: payload } = fields(metadata);
  return type === EVENT_TYPE ? fields(payload)['question'] : undefined;
}

function fields(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
