import type { Harm, Trouble } from '../bots.ts';
import type { Evidence } from './evidence.ts';

const HARMS: ReadonlySet<string> = new Set<Harm>(['killed', 'frozen', 'asked to stop', 'database', 'ended']);

/** Whether a trouble may cost a process its leases or what it has in memory; else it merely hinders it. */
export const isHarm = (what: Trouble['what']) => HARMS.has(what);

/** A process that is found dead by another had no sign of life for this long before. */
const SILENT_MS = 2_500;
/** On a machine whose timers are late by this, nobody can say that a process was well. */
const LATE_MS = 1_000;

/** Whether a process may have lost its leases between two moments, or was near that. */
export function wasHarmed(
  { troubles, deaths, lateAround }: Evidence,
  who: string,
  from: number,
  to: number,
): boolean {
  if (lateAround(from) > LATE_MS || lateAround(to) > LATE_MS) return true;
  const near = { from: from - SILENT_MS, to: to + SILENT_MS };
  return (
    troubles.some((one) => isHarm(one.what) && one.who === who && one.from < near.to && one.to > near.from) ||
    deaths.some((death) => death.who === who && death.at > near.from && death.at < near.to)
  );
}

/** An acknowledged press is carried out within this time, on a machine that is busy with deaths of others. */
export const CARRIED_OUT_WITHIN_MS = 6_000;
/** A process that is asked to stop, or dies, is there no more after this. */
const LEAVES_WITHIN_MS = 3_000;
/** A connection that is merely cut is made again, and the press tried again. */
const CUT_MS = 500;

/**
 * Whether a press at this moment may have been lost by design: it is acknowledged before it is stored, and whoever
 * had it may have died, stood still or been without a database for long.
 */
export function wasDisturbed(
  { troubles, lateAround }: Pick<Evidence, 'troubles' | 'lateAround'>,
  at: number,
): boolean {
  if (lateAround(at) > CARRIED_OUT_WITHIN_MS / 3) return true;
  return troubles.some(({ what, from, to }) => {
    const lasts = what === 'frozen' || what === 'database' || !isHarm(what);
    if (what !== 'frozen' && lasts && to - from < CUT_MS) return false;
    const over = lasts ? to : from + LEAVES_WITHIN_MS;
    return over > at - 1_000 && from < at + CARRIED_OUT_WITHIN_MS;
  });
}
