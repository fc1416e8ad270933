import type { Log } from '../../log.ts';
import type { Database } from '../../postgres/database.ts';
import type { Seal } from './seal.ts';
import {
  beginRotation,
  changedSince,
  endRotation,
  findInstallations,
  type NewInstallation,
  type StoredInstallation,
  saveGone,
  saveInstallation,
  saveModelKey,
  saveResealed,
  saveRotated,
} from './store.ts';

/** An installation with what is secret of it. */
export interface Installed {
  /** `T…`, or `E…` of an organisation that installed the app for all of its workspaces. */
  readonly id: string;
  readonly name: string | null;
  readonly enterprise: string | null;
  readonly wide: boolean;
  readonly botUserId: string;
  readonly botId: string;
  readonly scopes: readonly string[];
  /** Null: it is gone, or what is stored can't be read with our keys. */
  readonly token: string | null;
  readonly refreshToken: string | null;
  /** Milliseconds since the epoch; null: it lives until it is revoked. */
  readonly expiresAt: number | null;
  /** The workspace's own key of the Claude API. */
  readonly modelKey: string | null;
  readonly version: number;
  readonly gone: boolean;
  /** Some process exchanges its token now. */
  readonly rotating: boolean;
}

/** A token that Slack gave in exchange for another. */
export interface FreshToken {
  readonly token: string;
  readonly refreshToken: string;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

type Version = Pick<Installed, 'id' | 'version'>;

/** Installations as they are stored, with their secrets in the clear: nothing else opens or seals them. */
export interface Vault {
  find(asked: { readonly ids: readonly string[]; readonly botIds: readonly string[] }): Promise<Installed[]>;
  /** What changed since the last call; all of them at the first. */
  changed(): Promise<Installed[]>;
  save(one: NewInstallation): Promise<void>;
  /** True: this process exchanges the token, and nobody else does for `seconds`. */
  beginRotation(of: Version, seconds: number): Promise<boolean>;
  /** False: another token was stored meanwhile. */
  saveRotated(of: Version, fresh: FreshToken): Promise<boolean>;
  endRotation(id: string): Promise<void>;
  saveGone(of: Version, why: string): Promise<boolean>;
  saveModelKey(of: { readonly id: string; readonly by: string }, key: string | null): Promise<void>;
  /** Seals with the first key what another one sealed. Returns how many installations that were. */
  reseal(): Promise<number>;
}

export function createVault({
  database,
  seal,
  log,
}: {
  readonly database: Database;
  readonly seal: Seal;
  readonly log: Log;
}): Vault {
  const db = database.query;
  let since: string | null = null;
  /** Told once each: `id version`. */
  const unreadable = new Set<string>();

  const sealed = (id: string, what: Secret, text: string | null): string | null =>
    text === null ? null : seal.seal(text, placeOf(id, what));

  const opened = ({ id, version }: StoredInstallation, what: Secret, text: string | null): string | null => {
    if (text === null) return null;
    const read = seal.open(text, placeOf(id, what));
    if (read.ok) return read.text;
    const key = `${id} ${version} ${what}`;
    if (!unreadable.has(key)) {
      unreadable.add(key);
      log.error(
        { code: 'TOKEN_UNREADABLE', team: id, what, why: read.why },
        'a stored secret cannot be read',
      );
    }
    return null;
  };

  const toInstalled = (row: StoredInstallation): Installed => ({
    id: row.id,
    name: row.name,
    enterprise: row.enterprise,
    wide: row.wide,
    botUserId: row.botUserId ?? '',
    botId: row.botId ?? '',
    scopes: (row.scopes ?? '').split(',').filter((scope) => scope !== ''),
    token: row.gone ? null : opened(row, 'bot_token', row.botToken),
    refreshToken: opened(row, 'refresh_token', row.refreshToken),
    expiresAt: row.expiresAt?.getTime() ?? null,
    modelKey: opened(row, 'model_key', row.modelKey),
    version: row.version,
    gone: row.gone,
    rotating: row.rotating,
  });

  return {
    find: async (asked) => (await findInstallations(db, asked)).map(toInstalled),
    async changed() {
      const { changed, until } = await changedSince(db, since);
      since = until;
      return changed.map(toInstalled);
    },
    save: (one) =>
      saveInstallation(db, {
        ...one,
        botToken: seal.seal(one.botToken, placeOf(one.id, 'bot_token')),
        refreshToken: sealed(one.id, 'refresh_token', one.refreshToken),
      }),
    beginRotation: (of, seconds) => beginRotation(db, of, seconds),
    saveRotated: (of, fresh) =>
      saveRotated(db, of, {
        botToken: seal.seal(fresh.token, placeOf(of.id, 'bot_token')),
        refreshToken: seal.seal(fresh.refreshToken, placeOf(of.id, 'refresh_token')),
        expiresAt: new Date(fresh.expiresAt),
      }),
    endRotation: (id) => endRotation(db, id),
    saveGone: (of, why) => saveGone(db, { ...of, why }),
    saveModelKey: ({ id, by }, key) => saveModelKey(db, { id, by, key: sealed(id, 'model_key', key) }),
    async reseal() {
      let count = 0;
      const { changed } = await changedSince(db, null);
      for (const row of changed) {
        const all = [row.botToken, row.refreshToken, row.modelKey];
        if (all.every((text) => text === null || seal.current(text))) continue;
        const again = (what: Secret, text: string | null) => {
          const plain = opened(row, what, text);
          // What can't be read stays: its key may come back.
          return plain === null ? text : sealed(row.id, what, plain);
        };
        await saveResealed(db, row, {
          botToken: again('bot_token', row.botToken),
          refreshToken: again('refresh_token', row.refreshToken),
          modelKey: again('model_key', row.modelKey),
        });
        count += 1;
      }
      return count;
    },
  };
}

type Secret = 'bot_token' | 'refresh_token' | 'model_key';

/** What a secret is bound to: moved to another row or column it opens nothing. */
function placeOf(id: string, what: Secret): string {
  return `skein.installations ${id} ${what}`;
}
