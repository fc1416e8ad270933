import type { webApi } from '@slack/bolt';
import type { QuestionPlace, QuestionPoster } from '../../questions/ports.ts';
import { fieldsOf } from '../parse/fields.ts';
import { type ThreadMessage, threadMessages } from '../read/thread.ts';
import { eachPage, type Web } from './web.ts';

/** Metadata under which a question that we posted is found again. */
const EVENT_TYPE = 'skein_question';
/** Pages of a channel that are searched for it; 200 messages each. */
const MOST_PAGES = 25;

/** The port `QuestionPoster` over Slack's Web API. */
export function createQuestionPoster(web: Web): QuestionPoster {
  return {
    post: (place, text, id, allowed) =>
      web.post(
        place,
        { text, metadata: { event_type: EVENT_TYPE, event_payload: { question: id } } },
        allowed,
      ),

    async find(place, after, id) {
      const oldest = (after.getTime() / 1000).toFixed(6);
      const { threadTs } = place;
      const found = await web.call(place.team, async (client) => {
        if (threadTs === null) return inChannel(client, place, oldest, id);
        const messages = await threadMessages(client, { ...place, threadTs }, oldest);
        return messages === null ? 'unknown' : postOf(messages, id);
      });
      return found.ok ? found.answer : 'unknown';
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
  let found: string | null = null;
  const end = await eachPage(
    MOST_PAGES,
    (next) =>
      client.conversations.history({ channel, oldest, include_all_metadata: true, limit: 200, ...next }),
    ({ messages }) => {
      found = postOf(messages ?? [], id);
      return found !== null;
    },
  );
  return end === 'more' ? 'unknown' : found;
}

/** The ts of the message that carries the question's id. */
function postOf(messages: readonly Pick<ThreadMessage, 'ts' | 'metadata'>[], id: string): string | null {
  const post = messages.find(({ metadata }) => {
    const mark = fieldsOf(metadata);
    return mark?.['event_type'] === EVENT_TYPE && fieldsOf(mark['event_payload'])?.['question'] === id;
  });
  return post?.ts ?? null;
}
