import type { IncomingReaction, IncomingStop } from '../incoming.ts';
import type { Database } from '../postgres/database.ts';
import { requestStop } from '../reply/store.ts';
import { repliesOfAsker, streamingReplies } from './store.ts';

/** Slack's name of 🛑. */
const STOP_SIGN = 'octagonal_sign';

/** Stops that come neither by a button nor by a word. Each resolves when the stop is stored; true if something stops. */
export interface Stops {
  /** 🛑 by the asker, on the question or on its answer; other reactions stop nothing. */
  byReaction(reaction: IncomingReaction): Promise<boolean>;
  /** Slack's own control under a native stream. */
  bySlack(stop: IncomingStop): Promise<boolean>;
}

export function createStopControls(database: Database): Stops {
  const stopAll = async (replies: readonly string[], by: string): Promise<boolean> => {
    let stopped = false;
    for (const reply of replies) stopped = (await requestStop(database.query, reply, by)) || stopped;
    return stopped;
  };
  return {
    async byReaction({ name, user, ...at }) {
      if (name !== STOP_SIGN) return false;
      return stopAll(await repliesOfAsker(database.query, { ...at, asker: user }), user);
    },
    async bySlack(stop) {
      return stopAll(await streamingReplies(database.query, stop), stop.user);
    },
  };
}
