import type { Clock } from '../clock.ts';
import { toError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Database } from '../postgres/database.ts';
import { adoptPlacesOfHosts, type Sees } from './adopt.ts';
import { noteGone, noteInstallation } from './store.ts';

interface TrackOptions {
  readonly database: Database;
  /** Null until Slack has said whose token it is. */
  readonly identity: () => { readonly team: string; readonly botUserId: string } | null;
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/** What the database knows of our own installation. Nothing rejects: answers do not wait for it. */
interface TrackedInstallation {
  /** Slack takes our token. */
  here(): Promise<void>;
  /** It does not any more. */
  gone(): Promise<void>;
  /** Moves to us what was stored under the names of companies that host our channels, in the background. */
  adopt(sees: Sees): Promise<void>;
}

export function trackInstallation(options: TrackOptions): TrackedInstallation {
  const { database, log } = options;
  const note = async (what: (team: string, botUserId: string) => Promise<void>): Promise<void> => {
    const us = options.identity();
    if (us === null) return;
    await what(us.team, us.botUserId).catch((thrown) =>
      log.warn({ err: toError(thrown) }, 'the state of our installation could not be stored'),
    );
  };
  return {
    here: () => note((team, botUserId) => noteInstallation(database.query, team, botUserId)),
    gone: () => note((team) => noteGone(database.query, team)),
    adopt: (sees) => note((installation) => adoptPlacesOfHosts({ ...options, installation, sees })),
  };
}
