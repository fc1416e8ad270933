import { sql } from 'drizzle-orm';
import { fenced, heldRow, type LeaseToken, waking } from '../../jobs/store.ts';
import type { Queryable } from '../../postgres/database.ts';
import { mailboxOf } from '../job.ts';

/**
 * Notes what a reply waits for; since when, if it did not before. Returns for how many milliseconds it has waited, by the
 * database's clock, because owners change, and whether its message says so. Throws LeaseLost.
 */
export async function noteWait(
  db: Queryable,
  lease: LeaseToken,
  id: string,
  topic: string,
): Promise<{ waitedMs: number; told: boolean }> {
  const { rows } = await db.execute<{ waited: string; told: boolean }>(sql`
    update skein.replies set waits_for = ${topic}::text,
      waits_since = case when waits_for = ${topic}::text then waits_since else clock_timestamp() end,
      waits_told = waits_told and coalesce(waits_for = ${topic}::text, false)
    where id = ${id}::uuid and state in ('waiting', 'writing') and ${fenced(lease)}
    returning extract(epoch from clock_timestamp() - waits_since) * 1000 as waited, waits_told as told`);
  const { waited, told } = heldRow(rows, lease);
  return { waitedMs: Math.max(0, Number(waited)), told };
}

/** Notes that the reply's message says what it waits for: who looks again need not say it once more. */
export async function noteTold(db: Queryable, lease: LeaseToken, id: string): Promise<void> {
  await db.execute(sql`
    update skein.replies set waits_told = true
    where id = ${id}::uuid and waits_for is not null and ${fenced(lease)}`);
}

/** Wakes the replies that have waited longest for `topic`, `most` at most. */
export async function wakeWaiting(db: Queryable, topic: string, most: number): Promise<void> {
  // All of these states: the open replies are few, and an index knows them.
  await db.execute(
    waking(sql`
      select ${mailboxOf('')}::text || conversation from (
        select conversation from skein.replies
        where state in ('waiting', 'writing', 'answered', 'removing') and waits_for = ${topic}::text
        order by waits_since limit ${most}::int) w`),
  );
}
