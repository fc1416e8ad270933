import type { Clock } from '../clock.ts';
import { toError } from '../errors.ts';
import type { Log } from '../log.ts';
import { isConnectionLoss } from '../postgres/database.ts';

/**
 * What Slack told while the database was away. An event is not acknowledged then, so Slack delivers it again: nearly at
 * once, after a minute, after five. Nobody should wait a minute for an outage of two seconds, so it is also kept here
 * and tried until the database is back; whichever comes first counts, the other is a duplicate. A press is delivered
 * once only: it is kept here alone, and the person is told.
 */
export interface RetryWhileAway<T> {
  /** Resolves when `one` was carried out; rejects with the first failure, and goes on trying if the database is away. */
  carryOut(one: T): Promise<void>;
  /** How many wait for the database. */
  waiting(): number;
  /** Nothing is tried any more; what waits is given to `lost`. Resolves when that is through. */
  stop(): Promise<void>;
}

export interface RetryOptions<T> {
  /** Carries one out durably. Given again what it could not carry out before. */
  readonly work: (one: T) => Promise<void>;
  /** `one` could not be carried out now and is tried again. Must not reject. */
  readonly postponed: (one: T) => Promise<void>;
  /** `one` was not carried out and is not tried any more. Must not reject. */
  readonly lost: (one: T) => Promise<void>;
  readonly clock: Clock;
  readonly log: Log;
}

const RETRY_MS = 500;
/** More than this is left to Slack: memory is no queue. */
const MOST_WAITING = 1000;
/** Slack's last redelivery comes after about six minutes. */
const LONGEST_MS = 6 * 60_000;

export function retryWhileDatabaseAway<T>(options: RetryOptions<T>): RetryWhileAway<T> {
  const { work, clock, log } = options;
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
          log.warn({ err: toError(thrown) }, 'what waited for the database was not carried out');
          void options.lost(next.one);
        }
        // Stopping has emptied it meanwhile.
        if (backlog[0] === next) backlog.shift();
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
          void options.postponed(one);
        } else void options.lost(one);
        throw thrown;
      }
    },
    waiting: () => backlog.length,
    async stop() {
      stopping.abort();
      const left = backlog;
      backlog = [];
      await Promise.all(left.map(({ one }) => options.lost(one)));
    },
  };
}
