import type { Clock } from '../clock.ts';
import { SkeinError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Address } from './address.ts';
import { migrate } from './migrate.ts';
import { requireSessions } from './sessions.ts';

/** Waiting time after each failed try, in milliseconds; the last one stays. */
const WAIT_MS = [250, 500, 1000, 2000, 5000] as const;

/**
 * Migrates as soon as the database can be reached, over the way that sessions need (`requireSessions`). Rejects with what `migrate` rejects with for any other reason, and
 * with the signal's reason when that aborts.
 */
export async function migrateWhenThere(
  direct: Address,
  { clock, log, signal }: { clock: Clock; log: Log; signal: AbortSignal },
): Promise<void> {
  for (let failures = 0; ; failures++) {
    signal.throwIfAborted();
    try {
      await requireSessions(direct, clock);
      return await migrate(direct.url, direct.ca);
    } catch (thrown) {
      if (!(thrown instanceof SkeinError) || thrown.code !== 'DATABASE_UNREACHABLE') throw thrown;
      const waitMs = WAIT_MS[Math.min(failures, WAIT_MS.length - 1)] ?? 5000;
      log.warn({ err: thrown, waitMs }, 'the database is away; trying again');
      await clock.sleep(waitMs, signal);
    }
  }
}
