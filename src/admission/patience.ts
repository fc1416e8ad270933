import type { Clock } from '../clock.ts';
import { toError } from '../errors.ts';
import type { Log } from '../log.ts';
import { isConnectionLoss } from '../postgres/database.ts';
import type { Incoming } from './incoming.ts';

/**
 * An event that came while the database was away is not acknowledged, so Slack delivers it again: nearly at
 * once, after a minute, after five. Nobody should wait a minute for an outage of two seconds, so it is also
 * kept here and tried until the database is back. Whichever comes first is the question, the other a
 * duplicate. Nothing is promised by it: if this process ends, Slack's redelivery is what counts.
 */
export interface Patience<Result> {
  receive(incoming: Incoming): Promise<Result>;
  /** Incoming that wait for the database. */
  waiting(): number;
  stop(): void;
}

const RETRY_MS = 500;
/** More than this is left to Slack: memory is no queue. */
const MOST_WAITING = 1000;
/** Slack's last redelivery comes after about six minutes. */
const LONGEST_MS = 6 * 60_000;

export function withPatience<Result>(
  receive: (incoming: Incoming) => Promise<Result>,
  { clock, log }: { clock: Clock; log: Log },
): Patience<Result> {
  const stopping = new AbortController();
  let backlog: { incoming: Incoming; since: number }[] = [];
  let trying = false;

  const tryAll = async () => {
    trying = true;
    while (backlog.length > 0 && !stopping.signal.aborted) {
      await clock.sleep(RETRY_MS, stopping.signal);
      while (backlog.length > 0 && !stopping.signal.aborted) {
        const next = backlog[0];
        if (next === undefined) break;
        try {
          await receive(next.incoming);
        } catch (thrown) {
          const late = clock.monotonic() - next.since > LONGEST_MS;
          if (isConnectionLoss(thrown) && !late) break;
          log.warn(
            { err: toError(thrown) },
            'an event that waited for the database was left to its redelivery',
          );
        }
        backlog.shift();
      }
    }
    trying = false;
  };

  return {
    async receive(incoming) {
      try {
        return await receive(incoming);
      } catch (thrown) {
        if (isConnectionLoss(thrown) && backlog.length < MOST_WAITING && !stopping.signal.aborted) {
          backlog.push({ incoming, since: clock.monotonic() });
          if (!trying) void tryAll();
        }
        throw thrown;
      }
    },
    waiting: () => backlog.length,
    stop() {
      stopping.abort();
      backlog = [];
    },
  };
}
