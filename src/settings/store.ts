import { type SQL, sql } from 'drizzle-orm';
import { BATCH, inBatches } from '../postgres/batches.ts';
import type { Database, Queryable } from '../postgres/database.ts';
import { type KeyName, SCOPES, type Scope } from './keys.ts';
import type { Setting } from './resolve.ts';

/** A scope of one workspace. `scopeId`: the channel or person; for a workspace its team again. */
export interface Target {
  readonly team: string;
  readonly scope: Scope;
  readonly scopeId: string;
}

/** `value` in stored form (`normalise`); null takes the setting away, so that a wider scope decides. */
export interface Change {
  readonly key: KeyName;
  readonly value: string | null;
}

/** One change as it was made. */
export interface Changed {
  readonly key: string;
  readonly from: string | null;
  readonly to: string | null;
  readonly by: string;
  readonly at: Date;
}

type ChangeOutcome =
  /** `changed`: only what differs from before. `version`: the scope's new one. */
  | { readonly kind: 'done'; readonly version: number; readonly changed: readonly Changed[] }
  /** The scope was changed since `expected`; nothing was written. `since`: those changes, oldest first. */
  | { readonly kind: 'conflict'; readonly version: number; readonly since: readonly Changed[] };

/**
 * Everything set at the scopes of one place: its workspace, its channel, the person. Null: there is no channel, or
 * nobody whose settings count.
 */
export async function readSettings(
  db: Queryable,
  { team, channel, person }: { team: string; channel: string | null; person: string | null },
): Promise<Setting[]> {
  const { rows } = await db.execute<SettingRow>(sql`
    select scope, key, value, set_by as by, set_at as at from skein.settings
    where team = ${team} and (scope, scope_id) in
      (('workspace', ${team}), ('channel', ${channel}), ('person', ${person}))`);
  return rows.flatMap(settingOf);
}

/** A condition of a statement, for whoever does not write statements. */
export type Condition = SQL;

/** As a condition of a statement: `keys` are set at a place as they were when `read` was read there (`readSettings`). */
export function stillSet(
  { team, channel, person }: { team: string; channel: string; person: string },
  keys: readonly KeyName[],
  read: readonly Setting[],
): Condition {
  const known = read
    .filter(({ key }) => keys.some((one) => one === key))
    .map(({ scope, key, value }) => `${scope} ${key} ${value}`)
    .sort();
  return sql`array(
    select s.scope || ' ' || s.key || ' ' || s.value from skein.settings s
    where s.team = ${team} and s.key = any(${sql.param([...keys])}::text[]) and (s.scope, s.scope_id) in
      (('workspace', ${team}), ('channel', ${channel}), ('person', ${person}))
    order by s.scope collate "C", s.key collate "C") = ${sql.param(known)}::text[]`;
}

/** Where a key is set, in all workspaces. */
export async function readOfKey(db: Queryable, key: KeyName): Promise<(Target & { value: string })[]> {
  const { rows } = await db.execute<Omit<Target, 'scope'> & { scope: string; value: string }>(sql`
    select team, scope, scope_id as "scopeId", value from skein.settings
    where key = ${key} order by team, scope, scope_id`);
  return rows.flatMap((row) => {
    const scope = SCOPES.find((one) => one === row.scope);
    return scope === undefined ? [] : [{ ...row, scope }];
  });
}

/** People of a workspace who have set a key for themselves to a value in stored form. */
export async function peopleWith(
  db: Queryable,
  team: string,
  { key, value }: { readonly key: KeyName; readonly value: string },
): Promise<string[]> {
  const { rows } = await db.execute<{ person: string }>(sql`
    select scope_id as person from skein.settings
    where team = ${team} and scope = 'person' and key = ${key} and value = ${value} order by scope_id`);
  return rows.map(({ person }) => person);
}

/** What is set at one scope, and its version for a later compare-and-set (0: never changed). */
export async function readScope(
  db: Queryable,
  { team, scope, scopeId }: Target,
): Promise<{ readonly settings: readonly Setting[]; readonly version: number }> {
  const { rows } = await db.execute<SettingRow & { version: string }>(sql`
    select v.version, s.scope, s.key, s.value, s.set_by as by, s.set_at as at
    from (select coalesce(max(id), 0) as version from skein.setting_changes
      where team = ${team} and scope = ${scope} and scope_id = ${scopeId}) v
    left join skein.settings s on s.team = ${team} and s.scope = ${scope} and s.scope_id = ${scopeId}`);
  return { settings: rows.flatMap(settingOf), version: Number(rows[0]?.version ?? 0) };
}

/**
 * Sets and takes away settings of one scope, all or none, and keeps who changed what. With `expected`, only if
 * nobody has changed the scope since that version was read.
 */
export async function changeSettings(
  database: Database,
  target: Target,
  { changes, by, expected }: { changes: readonly Change[]; by: string; expected?: number },
): Promise<ChangeOutcome> {
  const { team, scope, scopeId } = target;
  return database.transaction(async (tx) => {
    // One writer at a time for each scope: a row to lock may not exist yet.
    await tx.execute(
      sql`select pg_advisory_xact_lock(hashtextextended(${`settings ${team} ${scope} ${scopeId}`}, 0))`,
    );
    const { settings: before, version } = await readScope(tx, target);
    if (expected !== undefined && expected !== version)
      return { kind: 'conflict', version, since: await changesSince(tx, target, expected) };
    const changed: Changed[] = [];
    let latest = version;
    for (const { key, value } of changes) {
      const from = before.find((one) => one.key === key)?.value ?? null;
      if (from === value) continue;
      const row = await writeOne(tx, target, { key, from, to: value, by });
      latest = row.id;
      changed.push({ key, from, to: value, by, at: row.at });
    }
    return { kind: 'done', version: latest, changed };
  });
}

async function writeOne(
  tx: Queryable,
  { team, scope, scopeId }: Target,
  { key, from, to, by }: { key: string; from: string | null; to: string | null; by: string },
): Promise<{ id: number; at: Date }> {
  if (to === null)
    await tx.execute(sql`
      delete from skein.settings
      where team = ${team} and scope = ${scope} and scope_id = ${scopeId} and key = ${key}`);
  else
    await tx.execute(sql`
      insert into skein.settings (team, scope, scope_id, key, value, set_by)
      values (${team}, ${scope}, ${scopeId}, ${key}, ${to}, ${by})
      on conflict (team, scope, scope_id, key)
        do update set value = excluded.value, set_by = excluded.set_by, set_at = now()`);
  const { rows } = await tx.execute<{ id: string; at: string }>(sql`
    insert into skein.setting_changes (team, scope, scope_id, key, from_value, to_value, by)
    values (${team}, ${scope}, ${scopeId}, ${key}, ${from}, ${to}, ${by}) returning id, at`);
  const row = rows[0];
  if (row === undefined) throw new Error('an insert returned no row');
  return { id: Number(row.id), at: new Date(row.at) };
}

/** The changes of a scope after a version, oldest first; at most 100. */
export async function changesSince(
  db: Queryable,
  { team, scope, scopeId }: Target,
  version: number,
): Promise<Changed[]> {
  const { rows } = await db.execute<Omit<Changed, 'at'> & { at: string }>(sql`
    select key, from_value as "from", to_value as "to", by, at from skein.setting_changes
    where team = ${team} and scope = ${scope} and scope_id = ${scopeId} and id > ${version}
    order by id limit 100`);
  return rows.map((row) => ({ ...row, at: new Date(row.at) }));
}

type SettingRow = Omit<Setting, 'scope' | 'at'> & { scope: string | null; at: string };

function settingOf(row: SettingRow): Setting[] {
  const scope = SCOPES.find((one) => one === row.scope);
  if (scope === undefined) return [];
  return [{ scope, key: row.key, value: row.value, by: row.by, at: new Date(row.at) }];
}

/**
 * Drops the words of instructions from changes that were made more than `days` ago: who changed them and when stays, and
 * what holds is in `settings`. Nobody's form is open for so long. Returns how many changes those were.
 */
export async function purgeInstructions(db: Queryable, days: number): Promise<number> {
  return inBatches(async () => {
    const { rowCount } = await db.execute(sql`
      update skein.setting_changes set from_value = left(from_value, 0), to_value = left(to_value, 0)
      where id = any(array(
        select id from skein.setting_changes where key = 'instructions' and (from_value <> '' or to_value <> '')
          and at < now() - ${days} * interval '1 day' limit ${BATCH}))`);
    return rowCount ?? 0;
  });
}
