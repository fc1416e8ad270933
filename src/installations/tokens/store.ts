import { getTableColumns, inArray, or, sql } from 'drizzle-orm';
import type { Queryable } from '../../postgres/database.ts';
import { installations } from '../tables.ts';

/** Told with an id, or with '' for any, when an installation's row changed. */
export const INSTALLATIONS_CHANNEL = 'skein_installations';

/** An installation as it is stored: secrets are sealed. */
export type StoredInstallation = typeof installations.$inferSelect & {
  readonly gone: boolean;
  /** Some process exchanges its token now. */
  readonly rotating: boolean;
};

const COLUMNS = {
  ...getTableColumns(installations),
  gone: sql<boolean>`${installations.goneAt} is not null`,
  rotating: sql<boolean>`coalesce(${installations.rotatingUntil} > now(), false)`,
};

/** Those with one of these ids or of these bots; a few rows at most. */
export async function findInstallations(
  db: Queryable,
  { ids, botIds }: { readonly ids: readonly string[]; readonly botIds: readonly string[] },
): Promise<StoredInstallation[]> {
  return db
    .select(COLUMNS)
    .from(installations)
    .where(or(inArray(installations.id, [...ids]), inArray(installations.botId, [...botIds])));
}

/** All that changed at or after `since` (the database's clock), and the moment to ask from the next time. */
export async function changedSince(
  db: Queryable,
  since: string | null,
): Promise<{ readonly changed: StoredInstallation[]; readonly until: string }> {
  // A transaction may commit after a later one did: what is a little older is read again, which changes nothing.
  const { rows: moments } = await db.execute<{ at: string }>(
    sql`select (now() - interval '15 seconds')::text as at`,
  );
  const from = since ?? '-infinity';
  const { botUserId, changedAt } = installations;
  const changed = await db
    .select(COLUMNS)
    .from(installations)
    .where(sql`${botUserId} is not null and ${changedAt} >= ${from}::timestamptz`);
  return { changed, until: moments[0]?.at ?? from };
}

/** What an installation brings with it; secrets sealed. */
export interface NewInstallation {
  readonly id: string;
  readonly name: string | null;
  readonly enterprise: string | null;
  readonly wide: boolean;
  readonly botUserId: string;
  readonly botId: string;
  readonly appId: string | null;
  readonly scopes: string;
  readonly botToken: string;
  readonly refreshToken: string | null;
  readonly expiresAt: Date | null;
  readonly installedBy: string | null;
}

/** Stores an installation, for the first time or once more: the newest token is the one that counts. */
export async function saveInstallation(db: Queryable, one: NewInstallation): Promise<void> {
  await db.execute(sql`
    insert into skein.installations as i
      (id, name, enterprise, wide, bot_user_id, bot_id, app_id, scopes, bot_token, refresh_token, expires_at,
       installed_by, installed_at, version)
    values (${one.id}, ${one.name}, ${one.enterprise}, ${one.wide}, ${one.botUserId}, ${one.botId}, ${one.appId},
      ${one.scopes}, ${one.botToken}, ${one.refreshToken}, ${one.expiresAt}, ${one.installedBy}, now(), 1)
    on conflict (id) do update set
      name = coalesce(excluded.name, i.name), enterprise = excluded.enterprise, wide = excluded.wide,
      bot_user_id = excluded.bot_user_id, bot_id = excluded.bot_id, app_id = excluded.app_id,
      scopes = excluded.scopes, bot_token = excluded.bot_token, refresh_token = excluded.refresh_token,
      expires_at = excluded.expires_at, installed_by = coalesce(excluded.installed_by, i.installed_by),
      installed_at = now(), gone_at = null, gone_why = null, erased_at = null, rotating_until = null,
      version = i.version + 1, changed_at = now()`);
  await tell(db, one.id);
}

/** True: this process exchanges the token of version `version` now, and nobody else does for `seconds`. */
export async function beginRotation(
  db: Queryable,
  { id, version }: { readonly id: string; readonly version: number },
  seconds: number,
): Promise<boolean> {
  const { rows } = await db.execute(sql`
    update skein.installations set rotating_until = now() + make_interval(secs => ${seconds})
    where id = ${id} and version = ${version} and gone_at is null
      and (rotating_until is null or rotating_until < now())
    returning 1`);
  return rows.length > 0;
}

/** False: another token was stored meanwhile, which is newer. */
export async function saveRotated(
  db: Queryable,
  { id, version }: { readonly id: string; readonly version: number },
  fresh: { readonly botToken: string; readonly refreshToken: string; readonly expiresAt: Date },
): Promise<boolean> {
  const { rows } = await db.execute(sql`
    update skein.installations set
      bot_token = ${fresh.botToken}, refresh_token = ${fresh.refreshToken}, expires_at = ${fresh.expiresAt},
      rotating_until = null, version = version + 1, changed_at = now()
    where id = ${id} and version = ${version} returning 1`);
  await tell(db, id);
  return rows.length > 0;
}

export async function endRotation(db: Queryable, id: string): Promise<void> {
  await db.execute(sql`update skein.installations set rotating_until = null where id = ${id}`);
}

/** Ids of installations whose token ends within `seconds`. */
export async function expiring(db: Queryable, seconds: number): Promise<string[]> {
  const { rows } = await db.execute<{ id: string }>(sql`
    select id from skein.installations
    where gone_at is null and refresh_token is not null
      and expires_at < now() + make_interval(secs => ${seconds})
    order by expires_at`);
  return rows.map(({ id }) => id);
}

/**
 * The token of version `version` is dead: it is dropped at once, with the refresh token. False: another one was stored
 * meanwhile. Who it was and since when stays, until all of it is erased.
 */
export async function saveGone(
  db: Queryable,
  { id, version, why }: { readonly id: string; readonly version: number; readonly why: string },
): Promise<boolean> {
  const { rows } = await db.execute(sql`
    update skein.installations set
      gone_at = now(), gone_why = ${why}, bot_token = null, refresh_token = null, expires_at = null,
      rotating_until = null, version = version + 1, changed_at = now()
    where id = ${id} and version = ${version} and gone_at is null returning 1`);
  await tell(db, id);
  return rows.length > 0;
}

/** Sets or takes away a workspace's own key of the Claude API; `key` is sealed. */
export async function saveModelKey(
  db: Queryable,
  { id, key, by }: { readonly id: string; readonly key: string | null; readonly by: string },
): Promise<void> {
  await db.execute(sql`
    update skein.installations set model_key = ${key}, model_key_by = ${by}, model_key_at = now(), changed_at = now()
    where id = ${id}`);
  await tell(db, id);
}

/** Since when an installation has a key of its own; null: it has none. */
export async function modelKeySince(db: Queryable, id: string): Promise<Date | null> {
  const { rows } = await db.execute<{ at: string | Date }>(sql`
    select model_key_at as at from skein.installations where id = ${id} and model_key is not null`);
  return rows[0] === undefined ? null : new Date(rows[0].at);
}

/** Replaces what is sealed, unless any of it was changed since it was read. */
export async function saveResealed(
  db: Queryable,
  before: StoredInstallation,
  after: Pick<StoredInstallation, 'botToken' | 'refreshToken' | 'modelKey'>,
): Promise<void> {
  await db.execute(sql`
    update skein.installations set
      bot_token = ${after.botToken}, refresh_token = ${after.refreshToken}, model_key = ${after.modelKey},
      changed_at = now()
    where id = ${before.id} and bot_token is not distinct from ${before.botToken}
      and refresh_token is not distinct from ${before.refreshToken}
      and model_key is not distinct from ${before.modelKey}`);
}

/** True the first time. */
export async function takeState(db: Queryable, hash: string): Promise<boolean> {
  const { rows } = await db.execute(sql`
    insert into skein.used_states (hash) values (${hash}) on conflict do nothing returning 1`);
  return rows.length > 0;
}

export async function purgeStates(db: Queryable): Promise<void> {
  await db.execute(sql`delete from skein.used_states where at < now() - interval '1 day'`);
}

async function tell(db: Queryable, id: string): Promise<void> {
  await db.execute(sql`select pg_notify(${INSTALLATIONS_CHANNEL}, ${id})`);
}
