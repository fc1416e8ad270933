import type { Clock } from '../clock.ts';
import { toError } from '../errors.ts';
import type { Log } from '../log.ts';
import { whileAway } from '../postgres/while-away.ts';

const RETRY_MS = 1000;

/** Runs work that stores something of a reply; again each second while the database is away, as long as the lease may stand. */
export type Persistently = <T>(work: () => Promise<T>) => Promise<T>;

/** `signal` aborts when the lease is lost; the failure that came then is thrown. */
export function persistentlyUntil(
  signal: AbortSignal,
  { clock, log }: { clock: Clock; log: Log },
): Persistently {
  const goesOn = (err: unknown) => {
    if (signal.aborted) return false;
    log.warn({ err: toError(err) }, 'the database is away; the answer is kept and stored when it is back');
    return true;
  };
  return (work) => whileAway(clock, work, { pauseMs: RETRY_MS, signal, goesOn });
}

/**
 * Work that the end of a reply can do without, if it must: again each second while the database is away, and not after
 * `mostMs`. What is too much for the database would be tried for ever.
 */
export async function forAWhile<T>(
  work: () => Promise<T>,
  { clock, signal, mostMs }: { clock: Clock; signal: AbortSignal; mostMs: number },
): Promise<T> {
  const until = clock.monotonic() + mostMs;
  const goesOn = () => !signal.aborted && clock.monotonic() + RETRY_MS <= until;
  return whileAway(clock, work, { pauseMs: RETRY_MS, signal, goesOn });
}
