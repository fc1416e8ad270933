import type { QuestionPoster } from '../../questions/ports.ts';
import { fieldsOf } from '../parse/fields.ts';
import { findInChannel, type ThreadMessage, threadMessages } from '../read/thread.ts';
import type { Web } from './web.ts';

/** Metadata under which a question that we posted is found again. */
const EVENT_TYPE = 'skein_question';

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
        if (threadTs === null)
          return findInChannel(client, place.channel, oldest, (messages) => postOf(messages, id));
        const messages = await threadMessages(client, { ...place, threadTs }, oldest);
        return messages === null ? 'unknown' : postOf(messages, id);
      });
      return found.ok ? found.answer : 'unknown';
    },
  };
}

/** The ts of the message that carries the question's id. */
function postOf(messages: readonly ThreadMessage[], id: string): string | null {
  const post = messages.find(({ metadata }) => {
    const mark = fieldsOf(metadata);
    return mark?.['event_type'] === EVENT_TYPE && fieldsOf(mark['event_payload'])?.['question'] === id;
  });
  return post?.ts ?? null;
}
