import { readFileSync } from 'node:fs';
import type { Clock } from '../src/clock.ts';

/** Above this many running programs on average, figures say more about the neighbours than about us. */
export const QUIET_LOAD = 1;
const LOOK_EVERY_MS = 5000;

/** Programs that ran or waited to run, on average over the last minute; null where the system does not say. */
export function loadNow(): number | null {
  try {
    const load = Number(readFileSync('/proc/loadavg', 'utf8').split(' ')[0]);
    return Number.isFinite(load) ? load : null;
  } catch {
    return null;
  }
}

/** Waits up to `limitMs` for a quiet machine; the load at the end of the wait. */
export async function waitForQuiet(clock: Clock, limitMs: number): Promise<number | null> {
  const until = clock.monotonic() + limitMs;
  for (;;) {
    const load = loadNow();
    if (load === null || load < QUIET_LOAD || clock.monotonic() >= until) return load;
    await clock.sleep(LOOK_EVERY_MS);
  }
}
