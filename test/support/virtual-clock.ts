import type { Clock } from '../../src/clock.ts';

export interface VirtualClock extends Clock {
  /** Lets `ms` pass: every timer that falls into it runs at its own moment, and what it wakes runs on. */
  advance(ms: number): Promise<void>;
  /** Lets everything run on that waits for no timer. */
  settle(): Promise<void>;
  /** Timers that are waiting. */
  timers(): number;
}

interface Timer {
  readonly at: number;
  readonly call: () => void;
}

/** Time that only passes when a test says so. `random` gives the same number each time. */
export function createVirtualClock({ startAt = 1_000_000, random = 0.5 } = {}): VirtualClock {
  let time = startAt;
  const timers = new Set<Timer>();
  // A turn of the event loop runs all promises that are ready, however long their chains.
  const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

  const after = (ms: number, call: () => void): (() => void) => {
    const timer = { at: time + Math.max(0, ms), call };
    timers.add(timer);
    return () => timers.delete(timer);
  };
  const next = (until: number): Timer | null => {
    let first: Timer | null = null;
    for (const timer of timers)
      if (timer.at <= until && (first === null || timer.at < first.at)) first = timer;
    return first;
  };

  return {
    now: () => time,
    monotonic: () => time,
    sleep(ms, signal) {
      if (signal?.aborted) return Promise.resolve();
      return new Promise((resolve) => {
        const wake = () => {
          cancel();
          signal?.removeEventListener('abort', wake);
          resolve();
        };
        const cancel = after(ms, wake);
        signal?.addEventListener('abort', wake, { once: true });
      });
    },
    after,
    every(ms, call) {
      let cancel = () => {};
      const again = () => {
        cancel = after(ms, () => {
          again();
          call();
        });
      };
      again();
      return () => cancel();
    },
    random: () => random,
    async advance(ms) {
      const until = time + ms;
      await settle();
      for (let timer = next(until); timer !== null; timer = next(until)) {
        time = timer.at;
        timers.delete(timer);
        timer.call();
        await settle();
      }
      time = until;
    },
    settle,
    timers: () => timers.size,
  };
}
