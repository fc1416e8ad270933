import type { Clock } from '../../clock.ts';
import type { People } from '../../people/person.ts';
import type { Clients } from '../clients.ts';
import { cleanName } from '../text/names.ts';

/** Names of people and channels, from Slack, kept for a while. Never throws: what is not known is null. */
export interface Directory {
  user(team: string, id: string): Promise<string | null>;
  channel(team: string, id: string): Promise<string | null>;
}

/** Names change rarely; a stale one for an hour harms nobody. */
const KEEP_MS = 60 * 60 * 1000;
/** What Slack could not tell is asked for again after this. */
const KEEP_FAILURE_MS = 60 * 1000;
const MOST_NAMES = 20_000;
/** A name is no reason to keep somebody waiting for an answer. */
const LIMIT_MS = 3000;

export function createDirectory(clients: Clients, people: People, clock: Clock): Directory {
  const known = new Map<string, { name: Promise<string | null>; until: number }>();

  const remember = (key: string, ask: () => Promise<string | null>): Promise<string | null> => {
    const now = clock.monotonic();
    const found = known.get(key);
    if (found !== undefined && found.until > now) return found.name;
    const entry = { name: Promise.resolve<string | null>(null), until: now + KEEP_MS };
    const soon = () => {
      entry.until = clock.monotonic() + KEEP_FAILURE_MS;
    };
    entry.name = within(ask(), clock).then(
      (name) => {
        if (name === null) soon();
        return name;
      },
      () => {
        soon();
        return null;
      },
    );
    known.delete(key);
    known.set(key, entry);
    // The oldest goes first: a Map keeps the order in which entries came.
    for (const oldest of known.keys()) {
      if (known.size <= MOST_NAMES) break;
      known.delete(oldest);
    }
    return entry.name;
  };

  return {
    user: (team, id) =>
      remember(`user ${team} ${id}`, async () => {
        // Whoever asks was looked at a moment ago, to see whether they may: one call serves both.
        const person = await people.of(team, id, KEEP_MS);
        return person === 'unreachable' ? null : person.name;
      }),
    channel: (team, id) =>
      remember(`channel ${team} ${id}`, async () => {
        const answer = await clients.of(team)?.conversations.info({ channel: id });
        const name = answer?.channel?.name;
        return name === undefined ? null : cleanName(name) || null;
      }),
  };
}

async function within<T>(work: Promise<T>, clock: Clock): Promise<T | null> {
  const over = new AbortController();
  const late = clock.sleep(LIMIT_MS, over.signal).then(() => null);
  return Promise.race([work, late]).finally(() => over.abort());
}
