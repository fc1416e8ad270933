/**
 * The only source of time, waiting and chance. Rules take these as arguments, so that a test can live
 * through an hour in a millisecond.
 */
export interface Clock {
  /** Wall-clock time in milliseconds since the epoch: for rows and logs, never for measuring. */
  now(): number;
  /** Monotonic milliseconds: for durations, leases and pacing. Never goes back. */
  monotonic(): number;
  /**
   * Wakes after `ms` milliseconds. An aborted signal wakes it early and does not reject; the listener is
   * removed either way, so that a long-lived signal gathers none.
   */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Calls back once after `ms`; the returned function cancels it. */
  after(ms: number, call: () => void): () => void;
  /** Calls back every `ms` until the returned function is called. Does not hold the process open. */
  every(ms: number, call: () => void): () => void;
  /** A number in [0, 1), for jitter. */
  random(): number;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep(ms, signal) {
    if (signal?.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = () => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', wake);
        resolve();
      };
      const timer = setTimeout(wake, ms);
      signal?.addEventListener('abort', wake, { once: true });
    });
  },
  after(ms, call) {
    const timer = setTimeout(call, ms);
    return () => clearTimeout(timer);
  },
  every(ms, call) {
    const timer = setInterval(call, ms);
    timer.unref();
    return () => clearInterval(timer);
  },
  random: () => Math.random(),
};

/**
 * Milliseconds to wait after `failures` failures in a row (1: the first one): `first`, then twice as long each time, `most`
 * at most. `chance` in [0, 1] takes up to `spread` of it off, so that many who failed together do not come back together.
 */
export function backoff(
  {
    first,
    most,
    spread = 1 / 4,
  }: { readonly first: number; readonly most: number; readonly spread?: number },
  failures: number,
  chance = 0,
): number {
  const full = Math.min(most, first * 2 ** Math.min(Math.max(failures - 1, 0), 30));
  return full * (1 - spread * chance);
}

/** What `within` gives in place of a result that did not come in time. */
export const LATE: unique symbol = Symbol('late');

/**
 * The result of `work`, or `LATE` once `ms` milliseconds have passed or `signal` has aborted. The work itself goes on; a failure of it that
 * comes later is dropped, so whoever must know of it listens to `work` too.
 */
export async function within<T>(
  clock: Pick<Clock, 'sleep'>,
  ms: number,
  work: Promise<T>,
  signal?: AbortSignal,
): Promise<T | typeof LATE> {
  const over = new AbortController();
  const ends = signal === undefined ? over.signal : AbortSignal.any([signal, over.signal]);
  const late = clock.sleep(ms, ends).then((): typeof LATE => LATE);
  return Promise.race([work, late]).finally(() => over.abort());
}

/** Does `work` with a signal that aborts once `ms` milliseconds have passed; not any more when the work is over. */
export async function limited<T>(
  clock: Pick<Clock, 'after'>,
  ms: number,
  work: (late: AbortSignal) => Promise<T>,
): Promise<T> {
  const late = new AbortController();
  const cancel = clock.after(ms, () => late.abort());
  return work(late.signal).finally(cancel);
}
