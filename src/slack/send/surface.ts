import type { Surface } from '../../reply/ports.ts';
import { markOf, metadataOf, threadMessages } from '../read/thread.ts';
import { lookOfSegment } from './look.ts';
import type { Web } from './web.ts';

/** The port `Surface` over Slack's Web API. */
export function createSurface(web: Web): Surface {
  return {
    post: (place, content, mark, allowed) =>
      web.post(place, { ...lookOfSegment(content), metadata: metadataOf(mark) }, allowed),

    update: (place, ts, content, allowed) => web.update(place, ts, lookOfSegment(content), allowed),

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
