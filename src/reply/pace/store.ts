import { sql } from 'drizzle-orm';
import type { Queryable } from '../../postgres/database.ts';

/**
 * How long the last replies took from their question (a later version: from the press) to the end of their text, in
 * milliseconds, oldest first; at most `count`. What was continued is not among them: it waited for a person. Goes by
 * the order of the questions, for which there is an index.
 */
export async function lastLengths(db: Queryable, count: number): Promise<number[]> {
  const { rows } = await db.execute<{ ms: string }>(sql`
    select extract(epoch from answered_at - case when version = 1 then created_at else begun_at end) * 1000 as ms
    from skein.replies where state = 'shown' and answered_at is not null and continued_at = 0
    order by question desc limit ${count}`);
  return rows.map(({ ms }) => Number(ms)).reverse();
}
