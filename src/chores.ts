import type pg from 'pg';
import type { Spending } from './allowances/store.ts';
import { purgeAlerts, purgeReservations } from './budgets/store.ts';
import type { Clock } from './clock.ts';
import { purgeSeen } from './conversation/store.ts';
import { purgeDrafts } from './conversation/summaries/store.ts';
import type { Defaults } from './defaults.ts';
import { createRetention } from './erasure/retention.ts';
import { dropAllUnused } from './erasure/store.ts';
import { toError } from './errors.ts';
import { purgeJobs, recountMailboxes } from './jobs/store.ts';
import { startTasks } from './jobs/tasks.ts';
import { repairSpent } from './ledger/store.ts';
import type { Log } from './log.ts';
import type { Database } from './postgres/database.ts';
import { purgePending } from './questions/store.ts';
import { purgeDeeds } from './record/store.ts';
import { sweepCalls } from './reply/cards/job.ts';
import { resumeForgotten } from './reply/forgotten.ts';
import { moveInstructions, purgePieces } from './reply/write/store.ts';
import { retentionLimits } from './settings/retention.ts';
import { purgeInstructions } from './settings/store.ts';
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
/** Three years: longer than an audit asks back. */
const DEED_DAYS = 3 * 365;
/** Longer than a form stays open beside somebody else's change. */
const CHANGE_DAYS = 30;

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
  /** What the tokens of workspaces need beside. */
  readonly more: readonly Chore[];
}

/** Something that is done now and then. What fails is done the next time. */
type Chore = {
  readonly name: string;
  readonly run: (signal: AbortSignal) => Promise<unknown>;
} & (
  | {
      /** In each process, so often, in milliseconds; not while the time before still runs. */
      readonly everyMs: number;
      /** What is logged when it fails. */
      readonly failed: string;
    }
  /** Once over all processes (UTC), as a task that every process may take. */
  | { readonly cron: string }
);

/** What a process that works does beside its work, until it is stopped. */
export function startChores(options: ChoresOptions): { stop(): Promise<void> } {
  const { pool, clock, log } = options;
  const chores = [...choresOf(options), ...options.more];
  const over = new AbortController();
  const stops = chores.flatMap((chore) => {
    if ('cron' in chore) return [];
    let running = false;
    const begin = () => {
      if (running) return;
      running = true;
      chore
        .run(over.signal)
        .catch((err) => log.warn({ err: toError(err) }, chore.failed))
        .finally(() => {
          running = false;
        });
    };
    return [clock.every(chore.everyMs, begin)];
  });
  const tasks = startTasks({
    pool,
    tasks: chores.flatMap((chore) => ('cron' in chore ? [chore] : [])),
    clock,
    log,
  });
  return {
    async stop() {
      over.abort();
      for (const stop of stops) stop();
      await tasks.stop();
    },
  };
}

/** What is done, and when. */
export function choresOf({
  database,
  defaults,
  spending,
  clock,
  log,
  learn,
  alert,
}: Omit<ChoresOptions, 'pool' | 'more'>): Chore[] {
  const { query } = database;
  return [
    {
      name: 'alert',
      everyMs: ALERT_EVERY_MS,
      run: alert,
      failed: 'budgets that run short were not told of',
    },
    {
      name: 'learn',
      everyMs: LEARN_EVERY_MS,
      run: learn,
      failed: 'how long earlier replies took was not read',
    },
    {
      name: 'resume_forgotten',
      everyMs: RESUME_EVERY_MS,
      run: async () => {
        const count = await resumeForgotten(database);
        if (count > 0) log.warn({ replies: count }, 'replies without an end get a new job');
      },
      failed: 'replies without an end were not looked for',
    },
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
    {
      name: 'sweep_calls',
      cron: '* * * * *',
      run: async () => {
        const count = await sweepCalls(database, clock.now());
        if (count > 0) log.info({ calls: count }, 'calls of answers that are over lapsed');
      },
    },
    { name: 'purge_seen', cron: '11 * * * *', run: () => purgeSeen(query, SEEN_DAYS) },
    { name: 'purge_pending_questions', cron: '12 * * * *', run: () => purgePending(query, PENDING_DAYS) },
    { name: 'purge_drafts', cron: '17 4 * * *', run: () => purgeDrafts(query) },
    { name: 'purge_pieces', cron: '15 * * * *', run: () => purgePieces(query) },
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
    { name: 'purge_deeds', cron: '15 4 * * *', run: () => purgeDeeds(query, DEED_DAYS) },
    { name: 'purge_instructions', cron: '18 4 * * *', run: () => purgeInstructions(query, CHANGE_DAYS) },
    {
      name: 'settle_instructions',
      cron: '19 * * * *',
      run: async (signal) => {
        await moveInstructions(query, signal);
        await dropAllUnused(database, signal);
      },
    },
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
