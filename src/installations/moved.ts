import { LRUCache } from 'lru-cache';
import { type Clock, LATE, within } from '../clock.ts';
import { toError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Database } from '../postgres/database.ts';
import type { Sees } from './adopt.ts';
import { moveChannel, movePeople, storedUnder } from './store.ts';

/** An installation of the same organisation. */
export interface Sibling {
  readonly id: string;
  /** For all workspaces of the organisation. */
  readonly wide: boolean;
}

interface MovesOptions {
  readonly database: Database;
  /** Others of the organisation that an installation belongs to, also those that are gone; none where nobody knows of one. */
  readonly siblings: (installation: string) => {
    readonly wide: boolean;
    readonly others: readonly Sibling[];
  };
  readonly sees: Sees;
  /** Recorded for admins. Never rejects. */
  readonly note: (moved: {
    readonly to: string;
    readonly from: string;
    readonly channel: string | null;
  }) => Promise<void>;
  readonly clock: Clock;
  readonly log: Log;
}

const MOST_KNOWN = 20_000;
/** What Slack did not say is asked for again after this. */
const AGAIN_MS = 60_000;
/** A delivery waits so long at most: Slack has its acknowledgement within three seconds. */
const WAIT_MS = 1200;
/** Conversations moved in one transaction, so that nobody waits long for a lock. */
const MOST_CONVERSATIONS = 200;

/**
 * Whether what is stored of a channel lies under another installation of the same organisation, and moves to the one that a
 * delivery names. A channel keeps its id when it moves between workspaces of an organisation. Two cases:
 *
 * - the organisation installed the app for all of its workspaces, and a workspace had it before: its channels are the
 *   organisation's now ("the organization-wide bot user token for workspaces where your app had already been installed",
 *   docs.slack.dev, enterprise/migrating-to-organization-wide-deployment), with their part of the ledger and, once, what
 *   people had set for themselves;
 * - both workspaces installed it: the channel has moved if the token of the one does not see it any more. What was spent
 *   stays with whom it was spent by.
 *
 * Resolves when the settings are there, or soon; never rejects. Asked once for each channel and process.
 */
export function createMoves(options: MovesOptions): (installation: string, channel: string) => Promise<void> {
  const { database, siblings, clock, log } = options;
  const known = new LRUCache<string, Promise<void>>({
    max: MOST_KNOWN,
    perf: { now: () => clock.monotonic() },
  });

  return async (to, channel) => {
    const { wide, others } = siblings(to);
    // A direct message is with one bot user, and moves nowhere.
    if (others.length === 0 || channel.startsWith('D')) return;
    const key = `${to} ${channel}`;
    const before = known.get(key);
    const look = before ?? settle(key, { to, wide, others, channel });
    if (before === undefined) known.set(key, look);
    if ((await within(clock, WAIT_MS, look)) === LATE)
      log.info({ team: to, channel }, 'a channel is looked for in other workspaces of its organisation');
  };

  interface Arrival {
    readonly to: string;
    readonly wide: boolean;
    readonly others: readonly Sibling[];
    readonly channel: string;
  }

  async function settle(key: string, arrival: Arrival): Promise<void> {
    try {
      if (await settled(arrival)) return;
    } catch (thrown) {
      const { to: team, channel } = arrival;
      log.warn({ err: toError(thrown), team, channel }, 'a channel that moved could not be looked after');
    }
    const asked = known.get(key);
    if (asked !== undefined) known.set(key, asked, { ttl: AGAIN_MS });
  }

  /** False: Slack did not say, or somebody works on it. */
  async function settled({ to, wide, others, channel }: Arrival): Promise<boolean> {
    const ids = others.filter((one) => !one.wide).map(({ id }) => id);
    let all = true;
    for (const from of await storedUnder(database.query, ids, channel)) {
      const seen = wide ? 'no' : await options.sees(from, channel);
      if (seen === 'unknown') all = false;
      if (seen !== 'no') continue;
      if (!(await move(from, { to, channel, wide }))) all = false;
      log.info({ from, to, channel }, 'what is stored of a channel moved within its organisation');
      await options.note({ to, from, channel });
      if (wide && (await database.transaction((tx) => movePeople(tx, from, to)))) {
        log.warn(
          { from, to },
          'a workspace is served by its organisation: its own settings and key stay behind',
        );
        await options.note({ to, from, channel: null });
      }
    }
    return all;
  }

  /** The settings with the first of the conversations. False: somebody is working on some of them. */
  async function move(
    from: string,
    { to, channel, wide }: { readonly to: string; readonly channel: string; readonly wide: boolean },
  ): Promise<boolean> {
    for (;;) {
      const left = await database.transaction((tx) =>
        moveChannel(tx, { team: from, channel }, to, { most: MOST_CONVERSATIONS, ledger: wide }),
      );
      if (left !== 'more') return left === 'done';
    }
  }
}
