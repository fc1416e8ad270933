import type { Clock } from '../clock.ts';
import { toError } from '../errors.ts';
import type { Log } from '../log.ts';
import { isConnectionLoss } from '../postgres/database.ts';

/**
 * An event that came while the database was away is not acknowledged, so Slack delivers it again: nearly at once, after a
 * minute, after five. Nobody should wait a minute for an outage of two seconds, so it is also kept here and tried until the
 * database is back. Whichever comes first counts, the other is a duplicate. Nothing is promised by it: if this process
 * ends, Slack's redelivery is what counts.
 */
export interface RetryWhileAway<T> {
  /** Resolves when `one` was carried out; rejects with the first failure, and goes on trying if the database is away. */
  carryOut(one: T): Promise<void>;
  /** How many wait for the database. */
  waiting(): number;
  stop(): void;
}

const RETRY_MS = 500;
/** More than this is left to Slack: memory is no queue. */
const MOST_WAITING = 1000;
/** Slack's last redelivery comes after about six minutes. */
const LONGEST_MS = 6 * 60_000;

/** `work` carries one out durably, and is given again what it could not carry out before. */
export function retryWhileDatabaseAway<T>(
  work: (one: T) => Promise<void>,
  { clock, log }: { clock: Clock; log: Log },
): RetryWhileAway<T> {
  const stopping = new AbortController();
  let backlog: { one: T; since: number }[] = [];
  let trying = false;

  const tryAll = async () => {
    trying = true;
    while (backlog.length > 0 && !stopping.signal.aborted) {
      await clock.sleep(RETRY_MS, stopping.signal);
      while (backlog.length > 0 && !stopping.signal.aborted) {
        const next = backlog[0];
        if (next === undefined) break;
        try {
          await work(next.one);
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
    async carryOut(one) {
      try {
        await work(one);
      } catch (thrown) {
        if (isConnectionLoss(thrown) && backlog.length < MOST_WAITING && !stopping.signal.aborted) {
          backlog.push({ one, since: clock.monotonic() });
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
