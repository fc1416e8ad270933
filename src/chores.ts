import type { Spending } from './allowances/store.ts';
import { purgeReservations } from './budgets/store.ts';
import type { Clock } from './clock.ts';
import { purgeSeen } from './conversation/store.ts';
import type { Defaults } from './defaults.ts';
import { createRetention } from './erasure/retention.ts';
import { toError } from './errors.ts';
import { repairSpent } from './ledger/store.ts';
import type { Log } from './log.ts';
import type { Database } from './postgres/database.ts';
import { purgePending } from './questions/store.ts';
import { resumeForgotten } from './reply/forgotten.ts';
import type { Stops } from './reply/stops.ts';
import { EDITED_CHANNEL, outdatedAmong, STOP_CHANNEL, stopsAmong } from './reply/store.ts';
import { retentionLimits } from './settings/retention.ts';

/** A crowd comes at once: what others learned of the last one must be known before the next. */
const LEARN_EVERY_MS = 10_000;
const ALERT_EVERY_MS = 5000;
const PURGE_SPENDINGS_EVERY_MS = 60 * 1000;
const RESUME_EVERY_MS = 5000;
const PURGE_EVERY_MS = 60 * 60 * 1000;
/** Slack delivers again for at most a day ("delayed events"). */
const SEEN_DAYS = 7;
/** By then a question was asked or given up, unless giving it up failed too. */
const PENDING_DAYS = 1;
/** After the start: what waits for its answer comes first. */
const ERASE_AFTER_MS = 60 * 1000;
const ERASE_EVERY_MS = 60 * 60 * 1000;

export interface ChoresOptions {
  readonly database: Database;
  readonly defaults: Defaults;
  readonly spending: Spending;
  readonly clock: Clock;
  readonly log: Log;
  /** Learns from what other processes wrote. */
  readonly learn: () => Promise<void>;
  /** Tells of budgets that run short. */
  readonly alert: () => Promise<void>;
  /** Ends them. */
  readonly signal: AbortSignal;
}

/** What a process that works does now and then beside its work. A chore that fails is done the next time. */
export function startChores(options: ChoresOptions): void {
  const { database, defaults, spending, clock, log, learn, alert, signal } = options;
  const chore = (everyMs: number, undone: string, work: () => Promise<unknown>) => {
    const stop = clock.every(everyMs, () => {
      work().catch((err) => log.warn({ err: toError(err) }, undone));
    });
    signal.addEventListener('abort', stop, { once: true });
  };
  chore(PURGE_EVERY_MS, 'old delivery marks were not purged', () => purgeSeen(database.query, SEEN_DAYS));
  chore(PURGE_EVERY_MS, 'questions that nobody could ask were not purged', () =>
    purgePending(database.query, PENDING_DAYS),
  );
  chore(PURGE_EVERY_MS, 'what was held for calls that are over was not purged', () =>
    purgeReservations(database.query),
  );
  chore(PURGE_EVERY_MS, 'what was spent was not compared with the ledger', async () => {
    const wrong = await repairSpent(database, clock.now());
    if (wrong > 0) log.warn({ counters: wrong }, 'what was spent differed from the ledger and is repaired');
  });
  chore(ALERT_EVERY_MS, 'budgets that run short were not told of', alert);
  chore(LEARN_EVERY_MS, 'how long earlier replies took was not read', learn);
  chore(PURGE_SPENDINGS_EVERY_MS, 'old spendings were not purged', () => spending.purge());
  chore(RESUME_EVERY_MS, 'replies without an end were not looked for', async () => {
    const count = await resumeForgotten(database);
    if (count > 0) log.warn({ replies: count }, 'replies without an end get a new job');
  });
  const limits = () => retentionLimits(database.query, defaults);
  void eraseNowAndThen(createRetention({ database, limits, clock, log, signal }), options);
}

/** The first run may have years of words before it, so the next one waits for its end. */
async function eraseNowAndThen(
  erase: () => Promise<void>,
  { clock, log, signal }: ChoresOptions,
): Promise<void> {
  await clock.sleep(ERASE_AFTER_MS, signal);
  while (!signal.aborted) {
    await erase().catch((err) => log.warn({ err: toError(err) }, 'old words were not erased'));
    await clock.sleep(ERASE_EVERY_MS, signal);
  }
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
