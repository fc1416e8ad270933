import type { webApi } from '@slack/bolt';
import { LRUCache } from 'lru-cache';
import type { Clock } from '../../clock.ts';
import { toError } from '../../errors.ts';
import type { Installed, Vault } from '../../installations/tokens/vault.ts';
import type { Log } from '../../log.ts';
import type { Meter } from '../../operations/meter.ts';
import { createClient, type Installations } from '../clients.ts';
import { type Credentials, createCredentials } from '../credentials.ts';
import type { Identity } from '../identity.ts';
import { anyInstallation } from '../parse/installation.ts';
import type { Rotation } from './rotation.ts';

interface ManyOptions {
  readonly vault: Vault;
  readonly rotation: Rotation;
  readonly slackApiUrl: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly meter: Meter;
  /** The app was taken out, or its token died: told by the process that found out. */
  readonly onGone: (gone: { readonly id: string; readonly why: string }) => Promise<void>;
}

/** Any number of installations, each with a client of its own. */
interface ManyInstallations extends Installations {
  /** Reads what is stored. Rejects while the database is away. */
  start(): Promise<void>;
  /** Reads what other processes stored since; `id`: one that is known to have changed. Never rejects. */
  refresh(): Promise<void>;
  /** Asks Slack about every token that is not known to be dead: an event that said so may be lost. Never rejects. */
  checkAll(signal: AbortSignal): Promise<void>;
  /** The workspace's own key of the Claude API; null: it has none. */
  modelKey(id: string): string | null;
}

interface Entry {
  readonly installed: Installed;
  readonly identity: Identity;
  /** Null: its token is gone, dead, or can't be read. */
  readonly client: webApi.WebClient | null;
  readonly credentials: Credentials | null;
}

/** How long an id that nobody installed under is not looked for again: each look is a statement. */
const UNKNOWN_MS = 2000;
const MOST_UNKNOWN = 10_000;
/** `auth.test` may be called hundreds of times a minute (docs.slack.dev, its page). */
const BETWEEN_CHECKS_MS = 500;

export function createInstallations(options: ManyOptions): ManyInstallations {
  const { vault, rotation, slackApiUrl, clock, log, meter } = options;
  const entries = new Map<string, Entry>();
  const byBot = new Map<string, string>();
  const unknown = new LRUCache<string, true>({
    max: MOST_UNKNOWN,
    ttl: UNKNOWN_MS,
    perf: { now: () => clock.monotonic() },
  });

  const apply = (installed: Installed): Entry => {
    const before = entries.get(installed.id);
    const same = before !== undefined && before.installed.version === installed.version;
    const readable = before?.installed.token === installed.token;
    if (before !== undefined && before.installed.version > installed.version) return before;
    const entry: Entry =
      same && readable
        ? { ...before, installed }
        : { installed, identity: identityOf(installed), ...accessTo(installed) };
    entries.set(installed.id, entry);
    if (installed.botId !== '') byBot.set(installed.botId, installed.id);
    return entry;
  };

  function accessTo(installed: Installed): Pick<Entry, 'client' | 'credentials'> {
    const { id, token } = installed;
    if (token === null) return { client: null, credentials: null };
    const client: webApi.WebClient = createClient({ token, slackApiUrl, log, meter }, (word) =>
      newer(installed, word),
    );
    const credentials = createCredentials({
      ask: () => client.auth.test(),
      onDead: (word) => buried(installed, word),
      log: log.child({ team: id }),
    });
    return { client, credentials };
  }

  /** Slack refuses a token: another one may be there already, or can be had; else it is asked whether this one is dead. */
  async function newer(installed: Installed, word: string): Promise<webApi.WebClient | null> {
    try {
      const now = await reread(installed.id);
      if (now !== undefined && now.installed.version > installed.version) return now.client;
      if (word === 'token_expired' && installed.refreshToken !== null) {
        const fresh = await rotation.rotate(installed, true);
        // A token that ended is not the end of an installation, as long as another may be had.
        if (fresh === 'later') return null;
        if (fresh !== 'dead') return apply(fresh).client;
      }
    } catch (thrown) {
      log.warn({ team: installed.id, err: toError(thrown) }, 'a newer token could not be looked for');
      return null;
    }
    await entries.get(installed.id)?.credentials?.check(word);
    return null;
  }

  async function buried(installed: Installed, why: string): Promise<void> {
    const { id } = installed;
    try {
      if (why === 'token_expired' && installed.refreshToken !== null) {
        const fresh = await rotation.rotate(installed, true);
        if (fresh !== 'dead') return renewed(fresh === 'later' ? installed : fresh);
      }
      // Another token was stored meanwhile: what is said of this one is of no account.
      if (!(await vault.saveGone(installed, why))) return void (await reread(id));
      log.warn({ team: id, word: why }, 'the app is not installed there any more: its token is erased');
      entries.delete(id);
      await reread(id);
      await options.onGone({ id, why });
    } catch (thrown) {
      log.error({ team: id, err: toError(thrown) }, 'that an installation is gone could not be stored');
    }
  }

  /** As if nothing had been said of its token. */
  function renewed(installed: Installed): void {
    entries.delete(installed.id);
    apply(installed);
  }

  async function reread(id: string): Promise<Entry | undefined> {
    for (const one of await vault.find({ ids: [id], botIds: [] })) apply(one);
    return entries.get(id);
  }

  const refresh = async (): Promise<void> => {
    for (const one of await vault.changed()) apply(one);
  };

  const alive = () => [...entries.values()].filter(({ client }) => client !== null);

  return {
    start: refresh,
    refresh: () =>
      refresh().catch((thrown) =>
        log.warn({ err: toError(thrown) }, 'installations that changed could not be read'),
      ),
    of(id) {
      const entry = entries.get(id);
      return entry?.credentials?.dead() === null ? entry.client : null;
    },
    self: (id) => entries.get(id)?.identity ?? null,
    selfOf: anyInstallation({
      byId: (id) => entries.get(id)?.identity ?? null,
      byBot: (botId) => entries.get(byBot.get(botId) ?? '')?.identity ?? null,
      only: () => (entries.size === 1 ? ([...entries.values()][0]?.identity ?? null) : null),
    }),
    async know({ ids, botId }) {
      const key = [...ids, botId ?? ''].join(' ');
      if (botId !== null && byBot.has(botId)) return;
      if (ids.some((id) => entries.has(id)) || unknown.has(key)) return;
      const found = await vault.find({ ids, botIds: botId === null ? [] : [botId] });
      for (const one of found) apply(one);
      if (found.length === 0) unknown.set(key, true);
    },
    siblings(id) {
      const mine = entries.get(id)?.installed;
      const org = mine?.enterprise ?? null;
      if (mine === undefined || org === null) return { wide: false, others: [] };
      const others = [...entries.values()].flatMap(({ installed }) =>
        installed.id !== id && installed.enterprise === org
          ? [{ id: installed.id, wide: installed.wide }]
          : [],
      );
      return { wide: mine.wide, others };
    },
    async check(id, why) {
      // Whoever took the app out may have put it back already.
      const entry = await reread(id).catch(() => entries.get(id));
      await entry?.credentials?.check(why);
    },
    dead: () => null,
    identified: () => true,
    async checkAll(signal) {
      for (const { credentials } of alive()) {
        if (signal.aborted) return;
        await credentials?.check('', true);
        await clock.sleep(BETWEEN_CHECKS_MS, signal);
      }
    },
    modelKey: (id) => entries.get(id)?.installed.modelKey ?? null,
    count: () => alive().length,
  };
}

function identityOf({ id, botUserId, botId }: Installed): Identity {
  return { team: id, botUserId, botId };
}
