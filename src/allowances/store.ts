import { sql } from 'drizzle-orm';
import type { Queryable } from '../postgres/database.ts';
import { gathered } from '../postgres/gathered.ts';

/** A call that another process made, and how long ago, in milliseconds. */
export interface Elsewhere {
  readonly method: string;
  readonly ago: number;
}

/** What other processes have spent of a workspace's allowances, all methods together. */
export interface Spending {
  /**
   * Notes a call of ours, and tells the calls of others that we did not know of. One statement for all that come together,
   * of which the first is told; rejects if the database is away.
   */
  spent(team: string, method: string): Promise<readonly Elsewhere[]>;
  /** The same without a call of ours. */
  others(team: string): Promise<readonly Elsewhere[]>;
  /** Deletes what Slack does not count any more. */
  purge(): Promise<void>;
}

/** Longer than any window that Slack counts over. */
const KEEP_SECONDS = 90;

/**
 * Numbers are given out before rows are committed, so a row may appear after others with higher numbers. One that is
 * older than this has none below it that are still to come.
 */
const SETTLED_MS = 5000;
/** More than processes write into a workspace's table in `SETTLED_MS` and the longest read. */
const MOST_KNOWN = 2000;

/** What we have learned of a workspace. */
interface Known {
  /** Rows up to this number are not asked for again. */
  settled: number;
  /** Numbers beyond it of the rows that were told, oldest first: those of a few seconds. */
  readonly ids: Set<number>;
}

/** `process` tells our calls from those of others; it need not outlive this process. */
export function openSpending(db: Queryable, process: string): Spending {
  const teams = new Map<string, Known>();

  const read = async (team: string, methods: readonly string[]): Promise<readonly Elsewhere[]> => {
    const known = teams.get(team) ?? { settled: 0, ids: new Set() };
    teams.set(team, known);
    const { rows } = await db.execute<{ id: string; method: string; ago: string }>(sql`
      with noted as (
        insert into skein.spendings (team, method, process)
        select ${team}, method, ${process}::uuid from unnest(${sql.param([...methods])}::text[]) method)
      select id, method, extract(epoch from clock_timestamp() - at) * 1000 as ago from skein.spendings
      where team = ${team} and id > ${known.settled} and process <> ${process}::uuid
        and at > now() - ${KEEP_SECONDS} * interval '1 second'
      order by id`);
    const fresh: Elsewhere[] = [];
    const told = known.settled;
    for (const row of rows) {
      const id = Number(row.id);
      const ago = Math.max(0, Number(row.ago));
      if (ago > SETTLED_MS) known.settled = Math.max(known.settled, id);
      // Two reads at once see the same rows, also such as the other one has settled meanwhile.
      if (id <= told || known.ids.has(id)) continue;
      known.ids.add(id);
      fresh.push({ method: row.method, ago });
    }
    for (const id of known.ids) if (id <= known.settled || known.ids.size > MOST_KNOWN) known.ids.delete(id);
    return fresh;
  };

  const spent = gathered<string, readonly Elsewhere[]>(async (team, methods) => {
    const elsewhere = await read(team, methods);
    return methods.map((_, at) => (at === 0 ? elsewhere : []));
  });

  return {
    spent,
    others: (team) => read(team, []),
    async purge() {
      await db.execute(
        sql`delete from skein.spendings where at < now() - ${KEEP_SECONDS} * interval '1 second'`,
      );
    },
  };
}
