import { Logger, type Runner, run } from 'graphile-worker';
import type pg from 'pg';
import type { Clock } from '../clock.ts';
import { toError } from '../errors.ts';
import type { Log } from '../log.ts';

/** Brings wake-ups: each time a mailbox gets work, some process is told at once. */
export interface Bell {
  stop(): Promise<void>;
}

const AGAIN_MS = 1000;
/** Its jobs take milliseconds; after an outage its own stop may wait for a connection that never comes. */
const STOP_WITHIN_MS = 1500;

/**
 * graphile-worker as the bell. Its jobs only say "look into this mailbox" and are done at once; order, leases
 * and retries are ours. It gives up after ten failures in a row (an outage of some twenty seconds), so it is
 * started again for as long as we run; what it misses meanwhile the sweep finds.
 */
export function hangBell(options: {
  pool: pg.Pool;
  clock: Clock;
  log: Log;
  ring: (mailbox: string) => Promise<void>;
}): Bell {
  const { pool, clock, log } = options;
  const stopping = new AbortController();
  let runner: Runner | null = null;
  const aborted = new Promise<void>((resolve) => {
    stopping.signal.addEventListener('abort', () => resolve(), { once: true });
  });

  const keepRunning = async () => {
    while (!stopping.signal.aborted) {
      try {
        runner = await run({
          pgPool: pool,
          concurrency: 4,
          pollInterval: 2000,
          noHandleSignals: true,
          logger: quietLogger(log),
          // Without batches it does not wait for a job's end to be written, and a connection that breaks
          // there is an unhandled rejection: the end of this process.
          preset: { worker: { completeJobBatchDelay: 0, failJobBatchDelay: 0 } },
          taskList: {
            drain: async (payload) => {
              if (typeof payload === 'object' && payload !== null && 'mailbox' in payload)
                await options.ring(String(payload.mailbox));
            },
          },
        });
        await Promise.race([runner.promise, aborted]);
      } catch (thrown) {
        if (!stopping.signal.aborted)
          log.warn({ err: toError(thrown) }, 'the queue’s bell failed and is hung up again');
      }
      if (stopping.signal.aborted) return;
      runner = null;
      await clock.sleep(AGAIN_MS, stopping.signal);
    }
  };
  const running = keepRunning();

  return {
    async stop() {
      stopping.abort();
      // It may just be starting: only now it is there to be stopped.
      await running;
      const last = runner;
      const over = new AbortController();
      const stopped = last
        ?.stop()
        .catch((thrown) => log.warn({ err: toError(thrown) }, 'the queue did not stop cleanly'));
      await Promise.race([stopped, clock.sleep(STOP_WITHIN_MS, over.signal)]);
      over.abort();
    },
  };
}

/** graphile-worker logs each of its steps at info; ours is the log that matters. */
function quietLogger(log: Log) {
  return new Logger(() => (level, message, meta) => {
    if (level === 'error' || level === 'warning') log.warn({ meta }, `queue: ${message}`);
    else log.debug({ meta }, `queue: ${message}`);
  });
}
