import { webApi } from '@slack/bolt';
import { LRUCache } from 'lru-cache';
import { type Clock, within } from '../../clock.ts';
import type { People } from '../../people/person.ts';
import type { Clients } from '../clients.ts';
import { errorWord } from '../send/outcome.ts';
import { cleanName } from '../text/names.ts';

/** Names of people and channels, from Slack, kept for a while. Never throws. Who is missing in a map is not known now. */
export interface Directory {
  users(team: string, ids: Iterable<string>): Promise<ReadonlyMap<string, string>>;
  /** `here`: the channel whose words need the names. Null: no name that may be told there. */
  channels(team: string, here: string, ids: Iterable<string>): Promise<ReadonlyMap<string, string | null>>;
  /** One of them; null: not known, or not to be told. */
  user(team: string, id: string): Promise<string | null>;
  channel(team: string, id: string, here: string): Promise<string | null>;
}

/** Names change rarely; a stale one for an hour harms nobody. */
const KEEP_MS = 60 * 60 * 1000;
const MOST_NAMES = 20_000;
/** Names are no reason to keep somebody waiting for longer; without them the message is read again next time. */
const LIMIT_MS = 5000;
/** Lookups at one time in one workspace. `users.info` is of tier 4: a hundred a minute, and bursts are refused. */
const MOST_AT_ONCE = 8;

interface Known {
  readonly name: string | null;
  /** Everybody in the workspace may know of it. */
  readonly open: boolean;
}

type Ask = (client: webApi.WebClient, id: string) => Promise<Known | undefined>;

export function createDirectory(clients: Clients, people: People, clock: Clock): Directory {
  const kept = new LRUCache<string, Known>({
    max: MOST_NAMES,
    ttl: KEEP_MS,
    perf: { now: () => clock.monotonic() },
  });
  const doors = new WeakMap<webApi.WebClient, Door>();

  const doorOf = (client: webApi.WebClient): Door => {
    const door = doors.get(client) ?? createDoor(client, clock);
    doors.set(client, door);
    return door;
  };

  /** What is known of each id, asked for where it is not kept. `method`: Slack's, which `ask` calls. */
  const lookUp = async (
    method: string,
    team: string,
    ids: Iterable<string>,
    ask: Ask,
  ): Promise<ReadonlyMap<string, Known>> => {
    const found = new Map<string, Known>();
    const missing: string[] = [];
    for (const id of new Set(ids)) {
      const known = kept.get(`${method} ${team} ${id}`);
      if (known === undefined) missing.push(id);
      else found.set(id, known);
    }
    const client = clients.of(team);
    if (missing.length === 0 || client === null) return found;
    const door = doorOf(client);
    const until = clock.monotonic() + LIMIT_MS;
    const all = Promise.all(
      missing.map(async (id) => {
        const known = await door.pass(method, until, () => ask(client, id));
        if (known === undefined) return;
        kept.set(`${method} ${team} ${id}`, known);
        found.set(id, known);
      }),
    );
    await within(clock, LIMIT_MS, all);
    // What comes later is kept for the next look-up.
    return new Map(found);
  };

  const users = async (team: string, ids: Iterable<string>) => {
    const found = await lookUp('users.info', team, ids, async (_client, id) => {
      // Whoever asks was looked at a moment ago, to see whether they may: one call serves both.
      const person = await people.of(team, id, KEEP_MS);
      return person === 'unreachable' || person.name === null ? undefined : { name: person.name, open: true };
    });
    return new Map([...found].flatMap(([id, { name }]) => (name === null ? [] : [[id, name] as const])));
  };

  const channels = async (team: string, here: string, ids: Iterable<string>) => {
    const found = await lookUp('conversations.info', team, ids, channelOf);
    return new Map(
      [...found].map(([id, { name, open }]) => [id, open || id === here ? name : null] as const),
    );
  };

  return {
    users,
    channels,
    user: async (team, id) => (await users(team, [id])).get(id) ?? null,
    channel: async (team, id, here) => (await channels(team, here, [id])).get(id) ?? null,
  };
}

async function channelOf(client: webApi.WebClient, id: string): Promise<Known | undefined> {
  try {
    const { channel } = await client.conversations.info({ channel: id });
    return { name: cleanName(channel?.name ?? '') || null, open: channel?.is_private === false };
  } catch (thrown) {
    // A channel that Slack hides from us has no name that we could tell.
    return errorWord(thrown) === 'channel_not_found' ? { name: null, open: false } : undefined;
  }
}

/** Where the look-ups of one workspace go through: some at a time, and none while Slack asks for a pause of the method. */
interface Door {
  /** Undefined also where there is no time left before `until` (monotonic milliseconds). Repeats `work` after a pause. */
  pass<T>(method: string, until: number, work: () => Promise<T | undefined>): Promise<T | undefined>;
}

function createDoor(client: webApi.WebClient, clock: Clock): Door {
  const closed = new Map<string, number>();
  const waiting: (() => void)[] = [];
  let inside = 0;
  // The SDK tells of each 429 here, whoever made the call (`WebClientEvent.RATE_LIMITED`, `WebClient.js`).
  client.on(webApi.WebClientEvent.RATE_LIMITED, (seconds: number, { url }: { readonly url: string }) => {
    closed.set(url.slice(url.lastIndexOf('/') + 1), clock.monotonic() + seconds * 1000);
  });

  const pausedMs = (method: string) => (closed.get(method) ?? 0) - clock.monotonic();

  return {
    async pass(method, until, work) {
      if (inside < MOST_AT_ONCE) inside += 1;
      else await new Promise<void>((resolve) => waiting.push(resolve));
      try {
        for (;;) {
          const pause = pausedMs(method);
          if (clock.monotonic() + Math.max(0, pause) >= until) return undefined;
          if (pause > 0) await clock.sleep(pause);
          const value = await work();
          if (value !== undefined || pausedMs(method) <= 0) return value;
        }
      } finally {
        const next = waiting.shift();
        if (next === undefined) inside -= 1;
        else next();
      }
    },
  };
}
