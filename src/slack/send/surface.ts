import { LRUCache } from 'lru-cache';
import type { SegmentContent, Surface, WriteOutcome } from '../../reply/ports.ts';
import { markOf, metadataOf, threadMessages } from '../read/thread.ts';
import type { Form } from './forms.ts';
import { lookOfSegment, type SlackLook } from './look.ts';
import type { Web } from './web.ts';

/** Slack brings new blocks to one workspace after the other: what is refused today is tried again after this. */
const REFUSED_MS = 60 * 60_000;
const MOST_WORKSPACES = 10_000;

/** The port `Surface` over Slack's Web API. */
export function createSurface(web: Web): Surface {
  /** By workspace: the forms that it refused. All that were in a refused message, as Slack does not say which it minds. */
  const refused = new LRUCache<string, ReadonlySet<Form>>({ max: MOST_WORKSPACES, ttl: REFUSED_MS });

  const write = async (
    team: string,
    content: SegmentContent,
    send: (look: Omit<SlackLook, 'forms'>) => Promise<WriteOutcome>,
  ): Promise<WriteOutcome> => {
    const { forms, ...look } = lookOfSegment(content, refused.get(team));
    const outcome = await send(look);
    if (outcome.kind !== 'content_refused' || forms.length === 0) return outcome;
    refused.set(team, new Set([...(refused.get(team) ?? []), ...forms]));
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
