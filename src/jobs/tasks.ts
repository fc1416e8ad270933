import { Logger, parseCronItems, type Runner, run } from 'graphile-worker';
import type pg from 'pg';
import { type Clock, within } from '../clock.ts';
import { toError } from '../errors.ts';
import type { Log } from '../log.ts';

/** Periodic or long work that is done once, by any one of the processes. */
export interface Task {
  /** Names it in the queue's tables, for ever. */
  readonly name: string;
  /** When, as a crontab's five fields (UTC). */
  readonly cron: string;
  /** May be aborted; throws to be tried again with a growing pause. */
  readonly run: (signal: AbortSignal) => Promise<unknown>;
}

interface Tasks {
  /** Aborts what runs and waits for it, at most `STOP_WITHIN_MS`. */
  stop(): Promise<void>;
}

const AGAIN_MS = 1000;
/** After an outage its own stop may wait for a connection that never comes. */
const STOP_WITHIN_MS = 1500;
/** A time that passed while no process ran is made up for by the next start, if it is not older than this. */
const MADE_UP_MS = 60 * 60 * 1000;
const MOST_TRIES = 5;

/**
 * Runs tasks through graphile-worker: of all processes one adds the job of a time, and one does it. The queue gives up
 * after ten failures in a row (an outage of some twenty seconds), so it is started again for as long as we run.
 */
export function startTasks(options: {
  /** Connections to the server itself: the queue listens. One is kept, and each running task may take others. */
  pool: pg.Pool;
  tasks: readonly Task[];
  clock: Clock;
  log: Log;
}): Tasks {
  const { pool, tasks, clock, log } = options;
  const stopping = new AbortController();
  let runner: Runner | null = null;
  const aborted = new Promise<void>((resolve) => {
    stopping.signal.addEventListener('abort', () => resolve(), { once: true });
  });
  const perform = async ({ name, run: work }: Task) => {
    try {
      await work(stopping.signal);
    } catch (thrown) {
      if (!stopping.signal.aborted) log.warn({ err: toError(thrown), task: name }, 'a task failed');
      throw thrown;
    }
  };
  const taskList = Object.fromEntries(tasks.map((task) => [task.name, () => perform(task)]));

  const keepRunning = async () => {
    while (!stopping.signal.aborted) {
      try {
        runner = await run({
          pgPool: pool,
          concurrency: 2,
          pollInterval: 5000,
          noHandleSignals: true,
          logger: quietLogger(log),
          // Without batches it does not wait for a job's end to be written, and a connection that breaks
          // there is an unhandled rejection: the end of this process.
          preset: { worker: { completeJobBatchDelay: 0, failJobBatchDelay: 0 } },
          // `drain` was the bell of programs before migration 0015.
          taskList: { ...taskList, drain: async () => {} },
          parsedCronItems: parseCronItems(
            tasks.map(({ name, cron }) => ({
              task: name,
              match: cron,
              identifier: name,
              // One job of a name waits at a time, so that a queue of missed hours is one.
              options: { backfillPeriod: MADE_UP_MS, maxAttempts: MOST_TRIES, jobKey: name },
            })),
          ),
        });
        await Promise.race([runner.promise, aborted]);
      } catch (thrown) {
        if (!stopping.signal.aborted)
          log.warn({ err: toError(thrown) }, 'the queue of tasks failed and is started again');
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
      const stopped = running
        .then(() => runner?.stop())
        .catch((thrown) => log.warn({ err: toError(thrown) }, 'the queue of tasks did not stop cleanly'));
      await within(clock, STOP_WITHIN_MS, stopped);
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
