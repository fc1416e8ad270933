import { sql } from 'drizzle-orm';
import type { Queryable } from '../../postgres/database.ts';

/** Installations that are gone for `days` or longer and not erased yet. */
export async function goneFor(db: Queryable, days: number): Promise<string[]> {
  const { rows } = await db.execute<{ id: string }>(sql`
    select id from skein.installations
    where gone_at < now() - ${days}::int * interval '1 day' and erased_at is null
    order by gone_at`);
  return rows.map(({ id }) => id);
}

/**
 * Every table that stores something by installation, whoever made it: those with a column `team`, but conversations,
 * which take along what hangs on them. Names come from the database's own catalogue.
 */
export async function tablesByTeam(db: Queryable): Promise<string[]> {
  const { rows } = await db.execute<{ name: string }>(sql`
    select c.table_name as name from information_schema.columns c
    join information_schema.tables t using (table_schema, table_name)
    where c.table_schema = 'skein' and c.column_name = 'team' and t.table_type = 'BASE TABLE'
      and c.table_name <> 'conversations'
    order by 1`);
  return rows.map(({ name }) => name);
}

/** True while the installation is gone, and until the end of the transaction: installing it again waits. */
export async function staysGone(tx: Queryable, id: string): Promise<boolean> {
  const { rows } = await tx.execute(sql`
    select from skein.installations where id = ${id} and gone_at is not null for share`);
  return rows.length > 0;
}

/** Deletes at most `most` rows of a table of `tablesByTeam`. Returns how many. */
export async function deleteRows(tx: Queryable, table: string, team: string, most: number): Promise<number> {
  const name = sql.identifier(table);
  const result = await tx.execute(sql`
    delete from skein.${name} where ctid = any(array(
      select ctid from skein.${name} where team = ${team} limit ${most}))`);
  return result.rowCount ?? 0;
}

/** Deletes at most `most` conversations, with everything that was said in them and answered. Returns how many. */
export async function deleteConversations(tx: Queryable, team: string, most: number): Promise<number> {
  const result = await tx.execute(sql`
    delete from skein.conversations where id = any(array(
      select id from skein.conversations where team = ${team} limit ${most}))`);
  return result.rowCount ?? 0;
}

/** What is left is the row itself: which workspace it was, and when it came, went and was erased. */
export async function markErased(tx: Queryable, id: string): Promise<void> {
  await tx.execute(sql`
    update skein.installations set erased_at = now(), name = null, installed_by = null, bot_token = null,
      refresh_token = null, model_key = null, model_key_by = null, model_key_at = null, changed_at = now()
    where id = ${id} and gone_at is not null`);
}
