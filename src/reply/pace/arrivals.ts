import type { Clock } from '../../clock.ts';

/**
 * When the text of one reply comes. A model sends it in pieces; a call that is made between two of them shows
 * everything older than one that is made right after a piece came, with the same number of calls.
 */
export interface Arrivals {
  /** A piece came. */
  note(): void;
  /** Resolves when the next piece comes, or when it takes longer than pieces usually do, or `signal` aborts. */
  next(signal: AbortSignal): Promise<void>;
}

/** A piece that takes longer than this is not waited for: what is there should be seen. */
const MOST_WAIT_MS = 80;
const PAUSE_MS = 2 * MOST_WAIT_MS;
/** How much of the usual distance of pieces each new one decides. */
const WEIGHT = 0.2;

export function createArrivals(clock: Clock): Arrivals {
  let last: number | null = null;
  /** Usual distance of two pieces in milliseconds; 0 until it is known. */
  let usual = 0;
  let waiting: (() => void) | null = null;
  return {
    note() {
      const now = clock.monotonic();
      const distance = last === null ? Number.POSITIVE_INFINITY : now - last;
      // A pause of the model says nothing about the pieces after it.
      if (distance <= PAUSE_MS) usual = usual === 0 ? distance : usual + WEIGHT * (distance - usual);
      last = now;
      waiting?.();
    },
    async next(signal) {
      if (last === null || usual === 0 || usual > MOST_WAIT_MS || signal.aborted) return;
      // Pieces come unevenly: twice the usual distance is still one that comes.
      const until = last + 2 * usual;
      const wait = Math.min(MOST_WAIT_MS, until - clock.monotonic());
      if (wait <= 0) return;
      await new Promise<void>((resolve) => {
        const end = () => {
          cancel();
          signal.removeEventListener('abort', end);
          waiting = null;
          resolve();
        };
        const cancel = clock.after(wait, end);
        signal.addEventListener('abort', end, { once: true });
        waiting = end;
      });
    },
  };
}
