import type { Clock } from '../clock.ts';

/**
 * Answers that a process prepares at once. With more, all of a crowd would make each step together, and the first request
 * would leave hardly before the last.
 */
const TOGETHER = 12;
/** Whoever takes longer waits for something outside without having said so, and holds up nobody. */
const MOST_MS = 250;

/** Waits for one's turn to be prepared, in the order of asking; what it resolves with ends the turn, once or more often. */
export type Beginnings = () => Promise<() => void>;

export function createBeginnings(clock: Clock): Beginnings {
  let free = TOGETHER;
  const waiting: (() => void)[] = [];
  const pass = () => {
    const next = waiting.shift();
    if (next === undefined) free += 1;
    else next();
  };
  return async () => {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    let over = false;
    const end = () => {
      if (over) return;
      over = true;
      forget();
      pass();
    };
    const forget = clock.after(MOST_MS, end);
    return end;
  };
}
