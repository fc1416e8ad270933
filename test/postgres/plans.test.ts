import { sql } from 'drizzle-orm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock as clock } from '../../src/clock.ts';
import { createLog } from '../../src/log.ts';
import { type Database, openDatabase } from '../../src/postgres/database.ts';
import { useDatabase } from '../support/database.ts';

describe('the plans of a connection', () => {
  const test = useDatabase();
  let database: Database;

  beforeEach(() => {
    // One connection, so that each statement meets what the one before left.
    database = openDatabase({ url: test.url, max: 1, clock, log: createLog('error', { write: () => {} }) });
  });
  afterEach(() => database.close());

  async function kept(part: string): Promise<number[]> {
    const { rows } = await database.query.execute<{ used: string }>(
      sql.raw(`select generic_plans + custom_plans as used from pg_prepared_statements
      where statement like '%${part}%' and statement not like '%pg_prepared_statements%'`),
    );
    return rows.map(({ used }) => Number(used));
  }

  it('a statement with parameters is parsed once for a connection, in and outside of transactions', async () => {
    const ask = (value: number) => sql`select ${value}::int + 41 as answer`;
    for (const value of [1, 2]) {
      const { rows } = await database.query.execute<{ answer: number }>(ask(value));
      expect(rows[0]?.answer).toBe(value + 41);
    }
    await database.transaction((tx) => tx.execute(ask(3)));
    expect(await kept('+ 41')).toEqual([3]);
  });

  it('a statement without parameters, or one of many thousand characters, is sent as it is and kept nowhere', async () => {
    await database.query.execute(sql`select 42 as without_parameters`);
    expect(await kept('without_parameters')).toEqual([]);
    await database.query.execute(sql`select ${1}::int as long_one /* ${sql.raw('x'.repeat(5000))} */`);
    expect(await kept('long_one')).toEqual([]);
  });

  it('a column that is added meanwhile, as by a newer process, breaks no statement', async () => {
    const read = () =>
      database.query.execute(sql`select team, method from skein.spendings where team = ${'T1'}`);
    await read();
    await database.query.execute(sql`alter table skein.spendings add column newer integer`);
    await expect(read()).resolves.toMatchObject({ rows: [] });
  });

  it('a new connection knows nothing of the plans of the last one, and makes its own', async () => {
    const ask = () =>
      database.query.execute<{ pid: number }>(sql`select pg_backend_pid() as pid, ${1}::int as n`);
    const first = (await ask()).rows[0]?.pid;
    await database.query.execute(sql`select pg_terminate_backend(pg_backend_pid())`).catch(() => {});
    const second = (await ask()).rows[0]?.pid;
    expect(second).not.toBe(first);
    expect(await kept('as pid')).toEqual([1]);
  });
});
