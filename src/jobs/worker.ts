import { type Clock, within } from '../clock.ts';
import { toError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Address } from '../postgres/address.ts';
import { type Database, isConnectionLoss } from '../postgres/database.ts';
import { whileAway } from '../postgres/while-away.ts';
import { appear, FROZEN_MS, GRACE_MS } from './presence.ts';
import { Later, MOST_BEGINNINGS, MOST_FAILURES, retryDelayMs } from './retry.ts';
import { createSlots } from './slots.ts';
import {
  BELL_CHANNEL,
  beginJob,
  finishJob,
  freeDeadWorkers,
  type Job,
  type LeaseToken,
  leasesOf,
  releaseLease,
  takeLease,
  takeWaiting,
} from './store.ts';

/** What a handler may rely on while it works. */
export interface Lease {
  readonly token: LeaseToken;
  /** Aborts when the lease is lost or the process must let go of its work. */
  readonly signal: AbortSignal;
  /** False while another process may have taken over: the last look before each outside effect. */
  held(): boolean;
  /** True while the database is down, so that nothing can be stored and nobody else can take over. */
  offline(): boolean;
  /** Waits out a doubt (a connection that is being made again); false if the lease is lost or aborted. */
  confirm(): Promise<boolean>;
}

export interface Handlers {
  /** Does the job; returning means done, `Later` that it waits for something, anything else thrown that it failed. */
  readonly handle: (job: Job, lease: Lease) => Promise<void>;
  /** Called once a job has failed too often; after it the mailbox goes on with its next job. */
  readonly giveUp: (job: Job, lease: Lease, error: Error) => Promise<void>;
}

export interface WorkerOptions extends Handlers {
  readonly database: Database;
  /** Where the live connection goes: to the server itself, as it listens and holds a lock. */
  readonly direct: Address;
  readonly clock: Clock;
  readonly log: Log;
  /** Mailboxes worked on at the same time. */
  readonly concurrency: number;
  /** More than one workspace is served: none of them takes the slots that others may need. */
  readonly fair: boolean;
  /** Leases of a dead process were freed. */
  readonly onFreed?: (leases: number) => void;
  /** Further channels to listen on over the live connection; '' is told after a gap. */
  readonly listen?: Readonly<Record<string, (payload: string) => void>>;
}

export interface Worker {
  /** Our id if a job of a workspace may be begun here at once, for the fast path of `enqueue`; null: others come first. */
  claimant(team: string): string | null;
  /**
   * Starts a mailbox whose lease was taken by `enqueue` in a transaction that has been committed; with `first`, the
   * job that was begun with it.
   */
  begin(lease: LeaseToken, first?: Job): void;
  /** Mailboxes being worked on now. */
  active(): number;
  alive(): boolean;
  /**
   * Takes no new work, waits up to `graceMs` for what runs, then aborts it and gives its leases back, so
   * that another process goes on at once.
   */
  stop(graceMs: number): Promise<void>;
}

/** How often missed wake-ups, due retries, dead workers and forgotten leases are looked for. */
const SWEEP_MS = 1000;
/** How long aborted work may take to let go before its lease is given back over its head. */
const ABORT_GRACE_MS = 5000;
const DATABASE_RETRY_MS = 500;

interface Work {
  readonly token: LeaseToken;
  readonly stop: AbortController;
  done: Promise<void>;
}

/**
 * Works on mailboxes under leases. Each time a mailbox gets work, every process hears the bell on its live connection,
 * and whoever has a free slot takes it. What nobody could take waits in the order in which it came, fairly between
 * workspaces, for the next slot; the sweep finds what was missed.
 */
export async function startWorker(options: WorkerOptions): Promise<Worker> {
  const { database, clock, log, concurrency } = options;
  const running = new Map<string, Work>();
  const slots = createSlots(concurrency, options.fair);
  let stopping = false;

  const free = () => !stopping && slots.free() > 0;
  const presence = await appear({
    ...options.direct,
    clock,
    log,
    listen: { ...options.listen, [BELL_CHANNEL]: (told) => void ring(told) },
    onLost: (owner) => {
      for (const { token, stop } of running.values())
        if (token.owner === owner) stop.abort(new Error('the lease is lost'));
    },
  });

  const begin = (token: LeaseToken, first?: Job) => {
    const stop = new AbortController();
    const lease: Lease = {
      token,
      signal: stop.signal,
      held: () => !stop.signal.aborted && presence.stands(token.owner),
      offline: () => !stop.signal.aborted && presence.offline(token.owner),
      async confirm() {
        await presence.standing(token.owner, stop.signal);
        return lease.held();
      },
    };
    const work: Work = { token, stop, done: Promise.resolve() };
    running.set(token.mailbox, work);
    slots.take(token.team);
    work.done = drain(lease, first)
      .catch((thrown) =>
        log.error({ err: toError(thrown), mailbox: token.mailbox }, 'a mailbox could not be worked on'),
      )
      .finally(() => {
        running.delete(token.mailbox);
        slots.give(token.team);
        if (slots.behind()) void fill();
      });
  };

  /** Statements about a lease are tried again while the database is away: until it is lost, it is ours to end. */
  const persistently = <T>(lease: Lease, work: () => Promise<T>): Promise<T> =>
    whileAway(clock, work, { pauseMs: DATABASE_RETRY_MS, goesOn: () => !lost(lease) });
  /** Aborted by `onLost` rather than by a shutdown. */
  const lost = ({ signal }: Lease) => signal.aborted && !stopping;

  const drain = async (lease: Lease, first?: Job) => {
    const { token } = lease;
    const release = (how: Parameters<typeof releaseLease>[2] = {}) =>
      persistently(lease, () => releaseLease(database.query, token, how));
    for (let begun = first; ; begun = undefined) {
      const job = begun ?? (await persistently(lease, () => beginJob(database.query, token)));
      if (job === null) return;
      const error = await attempt(job, lease);
      if (lost(lease)) return;
      const facts = { mailbox: job.mailbox, seq: job.seq, attempt: job.attempt, failures: job.failures };
      if (error !== null && stopping) return release({ uncount: job.seq });
      if (error instanceof Later) {
        log.debug({ ...facts, why: error.message, delayMs: error.delayMs }, 'a job waits');
        return release({ delayMs: error.delayMs, uncount: job.seq });
      }
      if (error !== null && isConnectionLoss(error)) {
        log.warn({ ...facts, err: error }, 'a job waits for the database');
        return release({ delayMs: DATABASE_RETRY_MS, uncount: job.seq });
      }
      if (error !== null && job.failures + 1 < MOST_FAILURES && job.attempt <= MOST_BEGINNINGS) {
        const delayMs = retryDelayMs(job.failures + 1, clock.random());
        log.warn({ ...facts, err: error, delayMs }, 'a job failed and is tried again');
        return release({ delayMs, failed: job.seq });
      }
      if (error !== null) {
        log.error({ ...facts, err: error }, 'a job was given up');
        await options.giveUp(job, lease, error).catch((thrown) => {
          if (lost(lease)) throw thrown;
          log.error({ ...facts, err: toError(thrown) }, 'giving up a job failed too');
        });
      }
      const left = await persistently(lease, () => finishJob(database.query, token, job.seq));
      if (left !== 'more') return;
      // The next question of this thread waits its turn behind those who have none of their own yet.
      if (stopping || slots.behind()) return release();
    }
  };

  const attempt = async (job: Job, lease: Lease): Promise<Error | null> => {
    // Attempts are counted before the work, so a job that kills its process is given up as well.
    if (job.attempt > MOST_BEGINNINGS) return new Error(`begun ${job.attempt - 1} times without an end`);
    try {
      await options.handle(job, lease);
      return null;
    } catch (thrown) {
      return toError(thrown);
    }
  };

  /** Hears of one mailbox that got work; '' after a gap in which any may have. */
  const ring = async (told: string) => {
    const owner = presence.owner();
    const blank = told.indexOf(' ');
    const [team, mailbox] = [told.slice(0, blank), told.slice(blank + 1)];
    if (owner === null || stopping || running.has(mailbox)) return;
    // Whoever came before it waits as well, so that all of them are looked at together.
    if (told === '' || !slots.mayOvertake(team)) {
      slots.fellBehind();
      return fill();
    }
    try {
      const token = await takeLease(database.query, mailbox, owner);
      if (token === null) return;
      // Others of the workspace may have begun while this lease was being taken.
      if (!stopping && slots.mayTake(token.team) && !running.has(mailbox)) begin(token);
      else await releaseLease(database.query, token);
    } catch (thrown) {
      log.debug({ err: toError(thrown), mailbox }, 'a wake-up was missed; the sweep finds it');
    }
  };

  /** Takes waiting mailboxes for the free slots. One at a time; who comes meanwhile makes it look once more. */
  let filling = false;
  let again = false;
  /** A stop waits for what is being taken: its leases are given back. */
  let filled: Promise<void> = Promise.resolve();
  const fill = (): Promise<void> => {
    again = true;
    if (!filling) filled = takeAll();
    return filled;
  };
  const takeAll = async (): Promise<void> => {
    filling = true;
    try {
      while (again && free()) {
        const owner = presence.owner();
        if (owner === null) return;
        again = false;
        const most = slots.free();
        const { fair, running: shares } = slots;
        const tokens = await takeWaiting(database.query, owner, { most, fair, running: shares() });
        for (const token of tokens)
          if (free() && !running.has(token.mailbox)) begin(token);
          else await releaseLease(database.query, token);
        if (tokens.length < most) slots.caughtUp();
        else slots.fellBehind();
      }
    } catch (thrown) {
      log.warn({ err: toError(thrown) }, 'waiting work could not be taken; it is tried again');
    } finally {
      filling = false;
    }
  };

  /** Leases in our name that nobody here works on, as of the last sweep: seen twice, they are forgotten ones. */
  let suspects = new Map<string, number>();
  const releaseForgotten = async (owner: string) => {
    const idle = (await leasesOf(database.query, owner)).filter(
      ({ mailbox, epoch }) => running.get(mailbox)?.token.epoch !== epoch,
    );
    for (const token of idle) {
      if (suspects.get(token.mailbox) !== token.epoch) continue;
      log.warn({ mailbox: token.mailbox }, 'a lease that nobody works on is given back');
      await releaseLease(database.query, token);
    }
    suspects = new Map(idle.map(({ mailbox, epoch }) => [mailbox, epoch]));
  };

  let sweeping = false;
  const sweep = async () => {
    const owner = presence.owner();
    if (sweeping || stopping || owner === null) return;
    sweeping = true;
    try {
      const judge = presence.judge();
      const freed = judge === null ? 0 : await freeDeadWorkers(database.query, judge, GRACE_MS, FROZEN_MS);
      if (freed > 0) options.onFreed?.(freed);
      if (freed > 0) log.warn({ leases: freed }, 'leases of a dead process were freed');
      await releaseForgotten(owner);
      await fill();
    } catch (thrown) {
      log.warn({ err: toError(thrown) }, 'the sweep failed and is tried again');
    } finally {
      sweeping = false;
    }
  };

  const stopSweeping = clock.every(SWEEP_MS, () => void sweep());
  void sweep();

  return {
    claimant: (team) => (!stopping && slots.mayOvertake(team) ? presence.owner() : null),
    begin: (token, first) => {
      // A slot may have gone, or the lease with the connection, between the transaction and this call.
      if (free() && !running.has(token.mailbox) && presence.stands(token.owner)) begin(token, first);
      else void releaseLease(database.query, token, { uncount: first?.seq ?? null }).catch(() => {});
    },
    active: () => running.size,
    alive: () => presence.owner() !== null,
    async stop(graceMs) {
      stopping = true;
      stopSweeping();
      await settled(graceMs);
      for (const work of running.values()) work.stop.abort(new Error('shutting down'));
      await settled(ABORT_GRACE_MS);
      await presence.stop();
    },
  };

  async function settled(ms: number): Promise<void> {
    await within(clock, ms, Promise.allSettled([filled, ...[...running.values()].map((work) => work.done)]));
  }
}
