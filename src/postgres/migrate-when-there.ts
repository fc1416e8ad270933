import { backoff, type Clock } from '../clock.ts';
import { SkeinError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Address } from './address.ts';
import { migrate } from './migrate.ts';
import { requireSessions } from './sessions.ts';

const BACKOFF = { first: 250, most: 5000 };

/**
 * Migrates as soon as the database can be reached, over the way that sessions need (`requireSessions`). Rejects with what `migrate` rejects with for any other reason, and
 * with the signal's reason when that aborts.
 */
export async function migrateWhenThere(
  direct: Address,
  { clock, log, signal }: { clock: Clock; log: Log; signal: AbortSignal },
): Promise<void> {
  for (let failures = 1; ; failures++) {
    signal.throwIfAborted();
    try {
      await requireSessions(direct, clock);
      return await migrate(direct.url, direct.ca);
    } catch (thrown) {
      if (!(thrown instanceof SkeinError) || thrown.code !== 'DATABASE_UNREACHABLE') throw thrown;
      const waitMs = backoff(BACKOFF, failures);
      log.warn({ err: thrown, waitMs }, 'the database is away; trying again');
      await clock.sleep(waitMs, signal);
    }
  }
}
