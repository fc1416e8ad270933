import { sql } from 'drizzle-orm';
import type { Queryable } from '../postgres/database.ts';

/** What can be done that the record keeps. Words for each are in `words/record.ts`. */
type Deed =
  | 'installed'
  | 'token_rotated'
  | 'uninstalled'
  | 'channel_moved'
  | 'workspace_joined'
  | 'model_key_set'
  | 'model_key_removed'
  | 'exported'
  | 'forgot'
  | 'tool_server_connected'
  | 'tool_server_changed'
  | 'tool_server_removed'
  | 'account_linked'
  | 'account_unlinked'
  | 'tool_called'
  | 'tool_approved'
  | 'tool_granted'
  | 'tool_denied'
  | 'tool_expired';

type DeedScope = 'person' | 'channel' | 'workspace';

/** One thing that somebody did; ids, a kind and a number, never words. */
export interface NewDeed {
  /** The installation. */
  readonly team: string;
  /** Slack user id; null: Slack or this program. */
  readonly person: string | null;
  readonly what: Deed;
  /** What it was done to, and its id. */
  readonly scope?: DeedScope;
  readonly scopeId?: string;
  /** A connected server, or one of its tools, by their names: `server`, `server/tool`. */
  readonly tool?: string;
  readonly amount?: number;
}

/** A deed, or a change of a setting: of that its name is kept here, and its value in `setting_changes` alone. */
export interface Recorded {
  readonly at: Date;
  readonly person: string | null;
  readonly what: Deed | 'set';
  readonly scope: DeedScope | null;
  readonly scopeId: string | null;
  readonly setting: string | null;
  /** `server`, `server/tool`. */
  readonly tool: string | null;
  readonly amount: number | null;
}

export async function noteDeed(db: Queryable, deed: NewDeed): Promise<void> {
  await db.execute(sql`
    insert into skein.deeds (team, person, what, scope, scope_id, tool, amount)
    values (${deed.team}, ${deed.person}, ${deed.what}, ${deed.scope ?? null}, ${deed.scopeId ?? null},
      ${deed.tool ?? null}, ${deed.amount ?? null})`);
}

/** What was done in a workspace, the latest first. */
export async function recorded(db: Queryable, team: string, most: number): Promise<Recorded[]> {
  const { rows } = await db.execute<Omit<Recorded, 'at'> & { at: string }>(sql`
    select at, person, what, scope, "scopeId", setting, tool, amount from (
      (select at, person, what, scope, scope_id as "scopeId", null as setting, tool, amount::float8 as amount
        from skein.deeds where team = ${team} order by id desc limit ${most})
      union all
      (select at, by, 'set', scope, scope_id, key, null, null from skein.setting_changes
        where team = ${team} order by id desc limit ${most})) done
    order by at desc limit ${most}`);
  return rows.map((row) => ({ ...row, at: new Date(row.at) }));
}

/** Forgets what was done more than `days` ago. */
export async function purgeDeeds(db: Queryable, days: number): Promise<void> {
  await db.execute(sql`delete from skein.deeds where at < now() - ${days}::int * interval '1 day'`);
}
