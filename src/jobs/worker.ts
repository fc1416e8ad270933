import { Logger, type Runner, run } from 'graphile-worker';
import type { Clock } from '../clock.ts';
import { toError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Database } from '../postgres/database.ts';
import { appear, FROZEN_MS, GRACE_MS, type Presence } from './presence.ts';
import { giveUpAfter, retryDelayMs } from './retry.ts';
import {
  beginJob,
  finishJob,
  freeDeadWorkers,
  type Job,
  type LeaseToken,
  releaseLease,
  takeLease,
  waitingMailboxes,
} from './store.ts';

/** What a handler may rely on while it works. */
export interface Lease {
  readonly token: LeaseToken;
  /** Aborts when the lease is lost or the process must let go of its work. */
  readonly signal: AbortSignal;
  /** False once another process may have taken over: check before each outside effect. */
  held(): boolean;
}

export interface Handlers {
  /** Does the job; returning means done, throwing means try again later. */
  readonly handle: (job: Job, lease: Lease) => Promise<void>;
  /** Called once a job has failed too often; after it the mailbox goes on with its next job. */
  readonly giveUp: (job: Job, lease: Lease, error: Error) => Promise<void>;
}

export interface WorkerOptions extends Handlers {
  readonly database: Database;
  readonly databaseUrl: string;
  readonly clock: Clock;
  readonly log: Log;
  /** Mailboxes worked on at the same time. */
  readonly concurrency: number;
  /** Further channels to listen on over the live connection. */
  readonly listen?: Readonly<Record<string, (payload: string) => void>>;
}

export interface Worker {
  /** Our id if a job may be begun here at once, for the fast path of `enqueue`; null: no free slot. */
  claimant(): string | null;
  /** Starts a mailbox whose lease was taken by `enqueue` in a transaction that has been committed. */
  begin(lease: LeaseToken): void;
  /** Mailboxes being worked on now. */
  active(): number;
  alive(): boolean;
  /**
   * Takes no new work, waits up to `graceMs` for what runs, then aborts it and gives its leases back, so
   * that another process goes on at once.
   */
  stop(graceMs: number): Promise<void>;
}

/** How often missed wake-ups, due retries and dead workers are looked for. */
const SWEEP_MS = 1000;
/** How long aborted work may take to let go before its lease is given back over its head. */
const ABORT_GRACE_MS = 5000;

/** The queue's bell: its library brings the wake-ups, our mailboxes hold order, leases and retries. */
export async function startWorker(options: WorkerOptions): Promise<Worker> {
  const { database, clock, log, concurrency } = options;
  const running = new Map<string, { stop: AbortController; owner: string; done: Promise<void> }>();
  let stopping = false;

  const free = () => !stopping && running.size < concurrency;
  const presence: Presence = await appear({
    url: options.databaseUrl,
    clock,
    log,
    listen: options.listen ?? {},
    onLost: (owner) => {
      for (const work of running.values()) if (work.owner === owner) work.stop.abort(new Error('lease lost'));
    },
  });

  const begin = (token: LeaseToken) => {
    const stop = new AbortController();
    const lease: Lease = {
      token,
      signal: stop.signal,
      held: () => !stop.signal.aborted && presence.owner() === token.owner,
    };
    const done = drain(lease)
      .catch((thrown) =>
        log.error({ err: toError(thrown), mailbox: token.mailbox }, 'a mailbox could not be worked on'),
      )
      .finally(() => {
        running.delete(token.mailbox);
        if (free()) void sweep();
      });
    running.set(token.mailbox, { stop, owner: token.owner, done });
  };

  const drain = async (lease: Lease) => {
    for (;;) {
      const job = await beginJob(database.query, lease.token);
      if (job === null) return;
      const error = await attempt(job, lease);
      if (presence.owner() !== lease.token.owner) return;
      if (error !== null && stopping) return releaseLease(database.query, lease.token, { uncount: job.seq });
      if (error !== null && job.attempt < giveUpAfter) {
        const delayMs = retryDelayMs(job.attempt, clock.random());
        log.warn(
          { err: error, mailbox: job.mailbox, seq: job.seq, attempt: job.attempt, delayMs },
          'a job failed and is tried again',
        );
        return releaseLease(database.query, lease.token, { delayMs });
      }
      if (error !== null) {
        log.error(
          { err: error, mailbox: job.mailbox, seq: job.seq, attempt: job.attempt },
          'a job was given up',
        );
        await options.giveUp(job, lease, error);
      }
      if ((await finishJob(database.query, lease.token, job.seq)) !== 'more') return;
      if (stopping) return releaseLease(database.query, lease.token);
    }
  };

  const attempt = async (job: Job, lease: Lease): Promise<Error | null> => {
    // Attempts are counted before the work, so a job that kills its process is given up as well.
    if (job.attempt > giveUpAfter) return new Error(`begun ${job.attempt - 1} times without an end`);
    try {
      await options.handle(job, lease);
      return null;
    } catch (thrown) {
      return toError(thrown);
    }
  };

  const ring = async (mailbox: string) => {
    const owner = presence.owner();
    // Without a free slot the mailbox stays as it is; the sweep comes for it when one is free.
    if (owner === null || !free() || running.has(mailbox)) return;
    const token = await takeLease(database.query, mailbox, owner);
    if (token === null) return;
    if (free() && !running.has(mailbox)) begin(token);
    else await releaseLease(database.query, token);
  };

  let sweeping = false;
  const sweep = async () => {
    if (sweeping || stopping) return;
    sweeping = true;
    try {
      const freed = await freeDeadWorkers(database.query, GRACE_MS, FROZEN_MS);
      if (freed > 0) log.warn({ leases: freed }, 'leases of a dead process were freed');
      if (free())
        for (const mailbox of await waitingMailboxes(database.query, concurrency - running.size))
          await ring(mailbox);
    } catch (thrown) {
      log.warn({ err: toError(thrown) }, 'the sweep failed and is tried again');
    } finally {
      sweeping = false;
    }
  };

  const runner: Runner = await run({
    pgPool: database.pool,
    concurrency: 4,
    pollInterval: 2000,
    noHandleSignals: true,
    logger: quietLogger(log),
    taskList: {
      drain: async (payload) => {
        if (typeof payload === 'object' && payload !== null && 'mailbox' in payload)
          await ring(String(payload.mailbox));
      },
    },
  }).catch(async (thrown) => {
    await presence.stop();
    throw thrown;
  });
  const stopSweeping = clock.every(SWEEP_MS, () => void sweep());
  void sweep();

  return {
    claimant: () => (free() ? presence.owner() : null),
    begin: (token) => {
      // A slot may have gone, or the lease with the connection, between the transaction and this call.
      if (free() && !running.has(token.mailbox) && presence.owner() === token.owner) begin(token);
      else void releaseLease(database.query, token).catch(() => {});
    },
    active: () => running.size,
    alive: () => presence.alive(),
    async stop(graceMs) {
      stopping = true;
      stopSweeping();
      await runner
        .stop()
        .catch((thrown) => log.warn({ err: toError(thrown) }, 'the queue did not stop cleanly'));
      await settled(graceMs);
      for (const work of running.values()) work.stop.abort(new Error('shutting down'));
      await settled(ABORT_GRACE_MS);
      await presence.stop();
    },
  };

  async function settled(ms: number): Promise<void> {
    const over = new AbortController();
    const all = Promise.allSettled([...running.values()].map((work) => work.done));
    await Promise.race([all, clock.sleep(ms, over.signal)]);
    over.abort();
  }
}

/** graphile-worker logs each of its steps at info; ours is the log that matters. */
function quietLogger(log: Log) {
  return new Logger(() => (level, message, meta) => {
    if (level === 'error') log.error({ meta }, `queue: ${message}`);
    else if (level === 'warning') log.warn({ meta }, `queue: ${message}`);
    else log.debug({ meta }, `queue: ${message}`);
  });
}
