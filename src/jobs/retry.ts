import { backoff } from '../clock.ts';

/** A job that failed this often is given up: its thread is told and goes on with the next question. */
export const MOST_FAILURES = 5;

/**
 * A job that was begun this often without an end may be what kills its process, and is given up too. The number
 * is large because a process dies for many reasons that are not the job's: deploys, power, the machine.
 */
export const MOST_BEGINNINGS = 25;

/** How long a job waits before it is looked at again whether Slack takes our token, in milliseconds. */
export const NO_ACCESS_DELAY_MS = 60_000;

const BACKOFF = { first: 500, most: 30_000 };

/**
 * Waiting time in milliseconds before attempt `failed + 1`: doubling from half a second, at most half a
 * minute, less up to a quarter at random so that many failures at once do not come back at once.
 */
export function retryDelayMs(failed: number, random: number): number {
  return Math.round(backoff(BACKOFF, failed, random));
}

/**
 * Thrown by a handler that waits for something outside (money, a person, Slack): its lease and slot are given back, and
 * the job is begun again when it is due. Not a failure, and not counted as an attempt, so whoever throws it has an end of
 * its own; what comes later in the mailbox waits behind it.
 */
export class Later extends Error {
  /** Milliseconds from now; null: not before `wakeMailbox` (`jobs/store.ts`) is told. */
  readonly delayMs: number | null;

  constructor(delayMs: number | null, why: string) {
    super(why);
    this.name = 'Later';
    this.delayMs = delayMs;
  }
}
