import { sql } from 'drizzle-orm';
import type { Queryable } from '../../postgres/database.ts';

/** Notes that the asker is about to be pinged; false if that was noted before. */
export async function markPinged(db: Queryable, id: string): Promise<boolean> {
  const { rows } = await db.execute(sql`
    update skein.replies set pinged_at = now() where id = ${id}::uuid and pinged_at is null returning id`);
  return rows.length > 0;
}
