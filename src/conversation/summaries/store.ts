import { sql } from 'drizzle-orm';
import type { Database, Queryable } from '../../postgres/database.ts';
import { storable } from '../store.ts';
import type { Summary } from '../window.ts';

/** The summary of a conversation that covers most of it; null: there is none. */
export async function loadSummary(db: Queryable, conversation: number): Promise<Summary | null> {
  const { rows } = await db.execute<{ until: string; text: string }>(sql`
    select until, text from skein.summaries where conversation = ${conversation} and text is not null
    order by until collate "C" desc limit 1`);
  return rows[0] ?? null;
}

/**
 * Begins a summary of everything up to the message with ts `until`: from now on a change of it makes the draft vanish.
 * A change that is being made at this moment is waited for, so what is read afterwards is what the draft stands for.
 */
export async function beginSummary(database: Database, conversation: number, until: string): Promise<string> {
  return database.transaction(async (tx) => {
    const { rows } = await tx.execute<{ draft: string }>(sql`
      insert into skein.summaries (conversation, until) values (${conversation}, ${until}) returning draft`);
    await tx.execute(sql`
      select id from skein.messages where conversation = ${conversation} and slack_ts collate "C" <= ${until} for share`);
    const draft = rows[0]?.draft;
    if (draft === undefined) throw new Error('an insert returned no row');
    return draft;
  });
}

/** Finishes a draft, in place of earlier summaries; false, and nothing is stored, if what it covers has changed. */
export async function finishSummary(database: Database, draft: string, text: string): Promise<boolean> {
  return database.transaction(async (tx) => {
    const { rows } = await tx.execute<{ conversation: string }>(sql`
      update skein.summaries set text = ${storable(text)} where draft = ${draft}::uuid returning conversation`);
    const conversation = rows[0]?.conversation;
    if (conversation === undefined) return false;
    await tx.execute(sql`
      delete from skein.summaries where conversation = ${conversation}::bigint and draft <> ${draft}::uuid`);
    return true;
  });
}

/** A draft that will not be finished. */
export async function dropSummary(db: Queryable, draft: string): Promise<void> {
  await db.execute(sql`delete from skein.summaries where draft = ${draft}::uuid`);
}

/** Deletes drafts that were begun more than a day ago: whoever made them is gone. Returns how many those were. */
export async function purgeDrafts(db: Queryable): Promise<number> {
  const { rowCount } = await db.execute(sql`
    delete from skein.summaries where text is null and at < now() - interval '1 day'`);
  return rowCount ?? 0;
}
