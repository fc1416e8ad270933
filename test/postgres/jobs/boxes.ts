import { randomUUID } from 'node:crypto';
import { onTestFinished } from 'vitest';
import { type Clock, systemClock } from '../../../src/clock.ts';
import { enqueue, type Job } from '../../../src/jobs/store.ts';
import { type Lease, startWorker, type Worker, type WorkerOptions } from '../../../src/jobs/worker.ts';
import { createLog, type Log } from '../../../src/log.ts';
import { type Database, openDatabase } from '../../../src/postgres/database.ts';
import { createTestDatabase } from '../../support/database.ts';

export const quiet: Log = createLog('error', { write: () => {} });

/** A database of the running test's own, and what works on it; all of it is ended after the test. */
export async function openBoxes() {
  const { url, drop } = await createTestDatabase();
  const workers: Worker[] = [];
  const databases: Database[] = [];
  const open = (max = 10) => {
    const database = openDatabase({ url, max, clock: systemClock, log: quiet });
    databases.push(database);
    return database;
  };
  const database = open();
  onTestFinished(async ({ task }) => {
    await Promise.all(workers.map((worker) => worker.stop(0)));
    await Promise.all(databases.map((one) => one.close()));
    if (task.result?.state === 'fail') console.error(`The database of this test is kept: ${url}`);
    else await drop();
  });
  return {
    url,
    database,
    open,
    /** Puts a job in and returns its lease, if `owner` takes it at once. */
    put: (
      mailbox: string,
      place: string,
      owner: string | null = null,
      cause: string = randomUUID(),
      team = 'T1',
    ) =>
      database.transaction((tx) =>
        enqueue(tx, { mailbox, team, place, cause, name: 'test', subject: place }, owner),
      ),
    /** Another process's worth of worker; its handler notes what it begins. */
    async work(
      handle: (job: Job, lease: Lease) => Promise<void>,
      more: Partial<Pick<WorkerOptions, 'giveUp' | 'concurrency' | 'fair' | 'listen'>> & {
        clock?: Clock;
        log?: Log;
      } = {},
    ) {
      const worker = await startWorker({
        fair: false,
        database: open(),
        direct: { url },
        clock: systemClock,
        log: quiet,
        concurrency: 10,
        giveUp: async () => {},
        handle,
        ...more,
      });
      workers.push(worker);
      return worker;
    },
    /** Registers a worker that does nothing, as a process that died without a trace leaves it. */
    async ghost({ lockKey = 42, ago = '1 hour' } = {}) {
      const id = randomUUID();
      await database.pool.query(
        'insert into skein.workers (id, lock_key, seen_at) values ($1, $2, now() - $3::interval)',
        [id, lockKey, ago],
      );
      return id;
    },
    async box(mailbox: string) {
      const { rows } = await database.pool.query<{
        pending: number;
        lease_owner: string | null;
        lease_epoch: string;
        next_at: Date | null;
      }>('select pending, lease_owner, lease_epoch, next_at from skein.mailboxes where key = $1', [mailbox]);
      const row = rows[0];
      if (row === undefined) throw new Error(`no mailbox ${mailbox}`);
      return { ...row, lease_epoch: Number(row.lease_epoch) };
    },
    /** Sessions that wait for a lock. */
    async blocked() {
      const { rows } = await database.pool.query(
        "select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
      );
      return rows.length;
    },
  };
}

/** Waits until `fact` holds; looks often and gives up late, so that a busy machine changes nothing. */
export async function until(fact: () => boolean | Promise<boolean>, what = 'the fact'): Promise<void> {
  const limit = systemClock.monotonic() + 60_000;
  while (!(await fact())) {
    if (systemClock.monotonic() > limit) throw new Error(`${what} did not come`);
    await systemClock.sleep(5);
  }
}

/** A promise with its handle outside. */
export function gate(): { readonly opened: Promise<void>; open(): void } {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}
