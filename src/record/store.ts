import { sql } from 'drizzle-orm';
import type { Queryable } from '../postgres/database.ts';

/** What can be done that the record keeps. Words for each are in `words/record.ts`. */
const DEEDS = [
  'installed',
  'token_rotated',
  'uninstalled',
  'erased_after_uninstall',
  'model_key_set',
  'model_key_removed',
  'exported',
  'forgot',
  'budget_raised',
] as const;

export type Deed = (typeof DEEDS)[number];

/** One thing that somebody did; ids, a kind and a number, never words. */
export interface NewDeed {
  /** The installation. */
  readonly team: string;
  /** Slack user id; null: Slack or this program. */
  readonly person: string | null;
  readonly what: Deed;
  readonly scope?: 'person' | 'channel' | 'workspace' | 'conversation';
  readonly scopeId?: string;
  readonly amount?: number;
}

export async function noteDeed(db: Queryable, deed: NewDeed): Promise<void> {
  await db.execute(sql`
    insert into skein.deeds (team, person, what, scope, scope_id, amount)
    values (${deed.team}, ${deed.person}, ${deed.what}, ${deed.scope ?? null}, ${deed.scopeId ?? null},
      ${deed.amount ?? null})`);
}
