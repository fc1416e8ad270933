import { LRUCache } from 'lru-cache';
import type { Log } from '../../log.ts';
import type { Windows } from '../../views/ports.ts';
import type { Clients } from '../clients.ts';
import { kindOf } from '../error-words.ts';
import { errorWord } from './outcome.ts';

/** A message's address never changes. */
const MOST_LINKS = 5000;

/** The port `Windows` over `views.*` and `chat.getPermalink`. */
export function createWindows(clients: Clients, log: Log): Windows {
  const links = new LRUCache<string, string>({ max: MOST_LINKS });
  const failed = (what: string, err: unknown) =>
    log.warn({ word: errorWord(err), ...(errorWord(err) === null ? { err } : {}) }, what);

  return {
    async open(team, triggerId, view) {
      try {
        const answer = await clients.of(team)?.views.open({ trigger_id: triggerId, view });
        const viewId = answer?.view?.id;
        return viewId === undefined ? { kind: 'failed' } : { kind: 'done', viewId };
      } catch (err) {
        failed('a modal could not be opened', err);
        const word = errorWord(err);
        return { kind: word !== null && kindOf(word) === 'trigger' ? 'expired' : 'failed' };
      }
    },

    async update(team, viewId, view) {
      try {
        await clients.of(team)?.views.update({ view_id: viewId, view });
      } catch (err) {
        failed('a modal could not be changed', err);
      }
    },

    async publish(team, user, view) {
      try {
        await clients.of(team)?.views.publish({ user_id: user, view });
      } catch (err) {
        failed('a Home tab could not be published', err);
      }
    },

    async permalink(team, channel, ts) {
      const key = `${team} ${channel} ${ts}`;
      const known = links.get(key);
      if (known !== undefined) return known;
      try {
        const answer = await clients.of(team)?.chat.getPermalink({ channel, message_ts: ts });
        if (answer?.permalink === undefined) return null;
        links.set(key, answer.permalink);
        return answer.permalink;
      } catch {
        // Gone, or not ours to see: the line stands without a link.
        return null;
      }
    },
  };
}
