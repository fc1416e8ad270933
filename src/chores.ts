import type pg from 'pg';
import type { Spending } from './allowances/store.ts';
import { purgeAlerts, purgeReservations } from './budgets/store.ts';
import type { Clock } from './clock.ts';
import { purgeSeen } from './conversation/store.ts';
import type { Defaults } from './defaults.ts';
import { createRetention } from './erasure/retention.ts';
import { toError } from './errors.ts';
import { purgeJobs, recountMailboxes } from './jobs/store.ts';
import { startTasks, type Task } from './jobs/tasks.ts';
import { repairSpent } from './ledger/store.ts';
import type { Log } from './log.ts';
import type { Database } from './postgres/database.ts';
import { purgePending } from './questions/store.ts';
import { resumeForgotten } from './reply/forgotten.ts';
import type { Stops } from './reply/stops.ts';
import { EDITED_CHANNEL, outdatedAmong, STOP_CHANNEL, stopsAmong } from './reply/store.ts';
import { retentionLimits } from './settings/retention.ts';
import { GREET } from './welcome/greeting.ts';

/** A crowd comes at once: what others learned of the last one must be known before the next. */
const LEARN_EVERY_MS = 10_000;
const ALERT_EVERY_MS = 5000;
const RESUME_EVERY_MS = 5000;
/** Slack delivers again for at most a day ("delayed events"). */
const SEEN_DAYS = 7;
/** By then a question was asked or given up, unless giving it up failed too. */
const PENDING_DAYS = 1;
/** Nobody asks after the job of an answer that is older; `seen` has forgotten its cause by then as well. */
const JOB_DAYS = 30;
/** A period that is over tells nobody anything; the longest is a month. */
const ALERT_DAYS = 100;

export interface ChoresOptions {
  readonly database: Database;
  /** Connections for the queue of tasks, to the server itself. */
  readonly pool: pg.Pool;
  readonly defaults: Defaults;
  readonly spending: Spending;
  readonly clock: Clock;
  readonly log: Log;
  /** Learns from what other processes wrote. */
  readonly learn: () => Promise<void>;
  /** Tells of budgets that run short. */
  readonly alert: () => Promise<void>;
  /** Further tasks, once over all processes. */
  readonly more: readonly Task[];
}

/**
 * What a process that works does now and then beside its work: some things each for itself, the rest as tasks, once
 * over all processes. What fails is done the next time.
 */
export function startChores(options: ChoresOptions): { stop(): Promise<void> } {
  const { database, pool, clock, log, learn, alert } = options;
  const stops = [
    every(clock, ALERT_EVERY_MS, alert, (err) =>
      log.warn({ err }, 'budgets that run short were not told of'),
    ),
    every(clock, LEARN_EVERY_MS, learn, (err) =>
      log.warn({ err }, 'how long earlier replies took was not read'),
    ),
    every(
      clock,
      RESUME_EVERY_MS,
      async () => {
        const count = await resumeForgotten(database);
        if (count > 0) log.warn({ replies: count }, 'replies without an end get a new job');
      },
      (err) => log.warn({ err }, 'replies without an end were not looked for'),
    ),
  ];
  const tasks = startTasks({ pool, tasks: [...tasksOf(options), ...options.more], clock, log });
  return {
    async stop() {
      for (const stop of stops) stop();
      await tasks.stop();
    },
  };
}

/** What is done once over all processes, and when. */
export function tasksOf({
  database,
  defaults,
  spending,
  clock,
  log,
}: Pick<ChoresOptions, 'database' | 'defaults' | 'spending' | 'clock' | 'log'>): Task[] {
  const { query } = database;
  return [
    { name: 'purge_spendings', cron: '* * * * *', run: () => spending.purge() },
    {
      name: 'recount_mailboxes',
      cron: '*/5 * * * *',
      run: async () => {
        const count = await recountMailboxes(database);
        if (count > 0)
          log.error({ mailboxes: count }, 'mailboxes that did not know their jobs were counted again');
      },
    },
    { name: 'purge_seen', cron: '11 * * * *', run: () => purgeSeen(query, SEEN_DAYS) },
    { name: 'purge_pending_questions', cron: '12 * * * *', run: () => purgePending(query, PENDING_DAYS) },
    { name: 'purge_reservations', cron: '13 * * * *', run: () => purgeReservations(query) },
    {
      name: 'repair_spent',
      cron: '21 * * * *',
      run: async () => {
        const wrong = await repairSpent(database, clock.now());
        if (wrong > 0)
          log.warn({ counters: wrong }, 'what was spent differed from the ledger and is repaired');
      },
    },
    { name: 'purge_alerts', cron: '14 4 * * *', run: () => purgeAlerts(query, ALERT_DAYS) },
    // A channel is greeted once, however long ago that was.
    { name: 'purge_jobs', cron: '16 * * * *', run: (signal) => purgeJobs(query, JOB_DAYS, [GREET], signal) },
    {
      name: 'erase_old_words',
      cron: '31 * * * *',
      run: (signal) =>
        createRetention({ database, limits: () => retentionLimits(query, defaults), clock, log, signal })(),
    },
  ];
}

/** Calls `work` every `ms`, unless the call before still runs. */
function every(
  clock: Clock,
  ms: number,
  work: () => Promise<unknown>,
  failed: (err: Error) => void,
): () => void {
  let running = false;
  return clock.every(ms, () => {
    if (running) return;
    running = true;
    work()
      .catch((err) => failed(toError(err)))
      .finally(() => {
        running = false;
      });
  });
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
