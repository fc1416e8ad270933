import { sql } from 'drizzle-orm';
import type { Queryable } from '../postgres/database.ts';

/**
 * Notes that the person is told today that they may not ask in this channel; false if they were told before.
 * `day` is UTC, YYYY-MM-DD; rows of earlier days go with it.
 */
export async function firstRefusal(
  db: Queryable,
  { team, channel, person, day }: { team: string; channel: string; person: string; day: string },
): Promise<boolean> {
  const { rows } = await db.execute(sql`
    with old as (delete from skein.refusals where day < ${day}::date)
    insert into skein.refusals (team, channel, person, day) values (${team}, ${channel}, ${person}, ${day}::date)
    on conflict do nothing returning person`);
  return rows.length > 0;
}
