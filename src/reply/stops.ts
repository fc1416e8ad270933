import { toError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Database } from '../postgres/database.ts';
import { EDITED_CHANNEL, outdatedAmong, STOP_CHANNEL, stopsAmong } from './store.ts';

/** The replies that this process writes, so that what people do about one reaches its writer. */
export interface Stops {
  /** `anew`: the question says something else now. */
  register(reply: string, writer: { stop: () => void; anew: () => void }): () => void;
  /** Stops the reply if it is written here. */
  stop(reply: string): void;
  /** Begins the reply anew if it is written here. */
  anew(reply: string): void;
  /** The replies that are written here now. */
  running(): string[];
}

export function createStops(): Stops {
  const running = new Map<string, { stop: () => void; anew: () => void }>();
  return {
    register(reply, writer) {
      running.set(reply, writer);
      return () => {
        if (running.get(reply) === writer) running.delete(reply);
      };
    },
    stop: (reply) => running.get(reply)?.stop(),
    anew: (reply) => running.get(reply)?.anew(),
    running: () => [...running.keys()],
  };
}

/**
 * What people tell the process that writes a reply, whichever process heard them: by channel of Postgres. An
 * empty id says that the live connection had a gap: what was told in it is read instead.
 */
export function hearPeople({
  database,
  stops,
  log,
}: {
  database: Database;
  stops: Stops;
  log: Log;
}): Record<string, (reply: string) => void> {
  const missed = (what: string, read: typeof stopsAmong, tell: (reply: string) => void): void => {
    read(database.query, stops.running())
      .then((ids) => {
        for (const id of ids) tell(id);
      })
      .catch((err) => log.warn({ err: toError(err) }, `${what} that were missed could not be read`));
  };
  return {
    [STOP_CHANNEL]: (reply) => (reply === '' ? missed('stops', stopsAmong, stops.stop) : stops.stop(reply)),
    [EDITED_CHANNEL]: (reply) =>
      reply === '' ? missed('edits', outdatedAmong, stops.anew) : stops.anew(reply),
  };
}
