import { sql } from 'drizzle-orm';
import type { Queryable } from '../postgres/database.ts';

/** A call that another process made, and how long ago, in milliseconds. */
export interface Elsewhere {
  readonly method: string;
  readonly ago: number;
}

/** What other processes have spent of a workspace's allowances, all methods together. */
export interface Spending {
  /**
   * Notes a call of ours, and tells the calls of others that we did not know of. One statement; rejects if the
   * database is away.
   */
  spent(team: string, method: string): Promise<readonly Elsewhere[]>;
  /** The same without a call of ours. */
  others(team: string): Promise<readonly Elsewhere[]>;
  /** Deletes what Slack does not count any more. */
  purge(): Promise<void>;
}

/** Longer than any window that Slack counts over. */
const KEEP_SECONDS = 90;

/** `process` tells our calls from those of others; it need not outlive this process. */
export function openSpending(db: Queryable, process: string): Spending {
  const lastSeen = new Map<string, number>();

  const read = async (team: string, method: string | null): Promise<readonly Elsewhere[]> => {
    const after = lastSeen.get(team) ?? 0;
    const { rows } = await db.execute<{ id: string; method: string; ago: string }>(sql`
      with noted as (
        insert into skein.spendings (team, method, process)
        select ${team}, ${method}, ${process}::uuid where ${method}::text is not null)
      select id, method, extract(epoch from clock_timestamp() - at) * 1000 as ago from skein.spendings
      where team = ${team} and id > ${after} and process <> ${process}::uuid
        and at > now() - ${KEEP_SECONDS} * interval '1 second'
      order by id`);
    const newest = rows.at(-1);
    if (newest !== undefined) lastSeen.set(team, Math.max(Number(newest.id), lastSeen.get(team) ?? 0));
    // Two reads at once may both have seen a row: only what is new to us counts.
    return rows
      .filter((row) => Number(row.id) > after)
      .map((row) => ({ method: row.method, ago: Math.max(0, Number(row.ago)) }));
  };

  return {
    spent: (team, method) => read(team, method),
    others: (team) => read(team, null),
    async purge() {
      await db.execute(
        sql`delete from skein.spendings where at < now() - ${KEEP_SECONDS} * interval '1 second'`,
      );
    },
  };
}
