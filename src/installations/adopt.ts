import type { Clock } from '../clock.ts';
import { toError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Database } from '../postgres/database.ts';
import { adoptPlace, noteUnseen, type Place, placesOfHosts } from './store.ts';

/** Whether our token sees a channel; 'unknown': Slack does not say now. Never throws. */
export type Sees = (installation: string, channel: string) => Promise<'yes' | 'no' | 'unknown'>;

interface AdoptOptions {
  readonly database: Database;
  /** Who we are. */
  readonly installation: string;
  readonly sees: Sees;
  readonly clock: Clock;
  readonly log: Log;
  /** Ends it; what is left is done after the next start. */
  readonly signal: AbortSignal;
}

/** `conversations.info` may be called 50 times a minute (Tier 3), and people's answers come first. */
const BETWEEN_MS = 2000;
const AGAIN_MS = 60_000;
const PLACES_AT_ONCE = 50;
/** Conversations moved in one transaction, so that nobody waits long for a lock. */
const MOST_CONVERSATIONS = 200;

/**
 * Earlier versions stored the channels of Slack Connect under the company that hosts them: Slack names it first in
 * an event. What they stored moves to the installation that saw it, channel by channel, each when Slack has said that
 * our token sees the channel; the rest stays. Runs in the background, in any number of processes, until nothing is
 * left. Never rejects.
 */
export async function adoptPlacesOfHosts(options: AdoptOptions): Promise<void> {
  const { clock, log, signal } = options;
  while (!signal.aborted) {
    const left = await adoptSome(options).catch((thrown) => {
      log.warn({ err: toError(thrown) }, 'what is stored under hosting companies could not be moved');
      return 'later' as const;
    });
    if (left === 'nothing') return;
    if (left === 'later') await clock.sleep(AGAIN_MS, signal);
  }
}

async function adoptSome(options: AdoptOptions): Promise<'nothing' | 'more' | 'later'> {
  const { database, installation, sees, clock, log, signal } = options;
  const places = await placesOfHosts(database.query, installation, PLACES_AT_ONCE);
  if (places.length === 0) return 'nothing';
  let done = 0;
  for (const place of places) {
    if (signal.aborted) return 'nothing';
    const seen = await sees(installation, place.channel);
    if (seen === 'no') await noteUnseen(database.query, place);
    const moved = seen === 'yes' && (await moveAll(database, place, installation));
    if (moved) log.info({ ...place, to: installation }, 'what is stored of a channel was moved to us');
    if (moved || seen === 'no') done += 1;
    await clock.sleep(BETWEEN_MS, signal);
  }
  return done > 0 ? 'more' : 'later';
}

/** False: an older process is working on some of it. */
async function moveAll(database: Database, place: Place, to: string): Promise<boolean> {
  for (;;) {
    const left = await database.transaction((tx) => adoptPlace(tx, place, to, MOST_CONVERSATIONS));
    if (left !== 'more') return left === 'done';
  }
}
