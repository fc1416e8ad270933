import type { SegmentContent, Surface, WriteOutcome } from '../../reply/ports.ts';
import { markOf, metadataOf, threadMessages } from '../read/thread.ts';
import { lookOfSegment, type SlackLook } from './look.ts';
import type { RefusedForms } from './refused-forms.ts';
import type { Web } from './web.ts';

/** The port `Surface` over Slack's Web API. */
export function createSurface(web: Web, refused: RefusedForms): Surface {
  const write = async (
    team: string,
    content: SegmentContent,
    send: (look: Omit<SlackLook, 'forms'>) => Promise<WriteOutcome>,
  ): Promise<WriteOutcome> => {
    const { forms, ...look } = lookOfSegment(content, refused.of(team));
    const outcome = await send(look);
    if (outcome.kind !== 'content_refused' || forms.length === 0) return outcome;
    refused.note(team, forms);
    return { ...outcome, formed: true };
  };

  return {
    post: (place, content, mark, allowed) =>
      write(place.team, content, (look) => web.post(place, { ...look, metadata: metadataOf(mark) }, allowed)),

    update: (place, ts, content, allowed) =>
      write(place.team, content, (look) => web.update(place, ts, look, allowed)),

    remove: (place, ts, allowed) => web.remove(place, ts, allowed),

    async find(place, after, mark) {
      const read = await web.call(place.team, (client) => threadMessages(client, place, after));
      if (!read.ok || read.answer === null) return 'unknown';
      const ours = read.answer.find((message) => {
        const found = markOf(message);
        return found?.reply === mark.reply && found.segment === mark.segment && message.ts !== undefined;
      });
      return ours?.ts ?? null;
    },
  };
}
