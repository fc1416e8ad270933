import pg from 'pg';
import type { Stage } from './stage.ts';

/** What this machine takes for the smallest things that a reply is made of, in milliseconds each. */
export interface Floors {
  /** `users.info` by fetch, within this process, connection kept alive. */
  readonly roundTrip: readonly number[];
  /** `begin; insert; commit` on the same database. */
  readonly insert: readonly number[];
  /** `select 1` on the same database. */
  readonly select: readonly number[];
}

const WARM_UP = 50;

/** Measures the floors `count` times each, one at a time, on a stage that is otherwise idle. */
export async function measureFloors(stage: Stage, count: number): Promise<Floors> {
  const client = new pg.Client({ connectionString: stage.databaseUrl });
  await client.connect();
  try {
    await client.query(
      'create table if not exists bench_floor (id bigint generated always as identity, said text)',
    );
    const insert = await times(count, async () => {
      await client.query('begin');
      await client.query('insert into bench_floor (said) values ($1)', [
        'a few words, as short as a message',
      ]);
      await client.query('commit');
    });
    const select = await times(count, () => client.query('select 1'));
    const roundTrip = await times(count, async () => {
      const answer = await fetch(`${stage.slack.apiUrl}users.info`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${stage.slack.botToken}`,
          'content-type': 'application/x-www-form-urlencoded',
        },
        body: 'user=U0ANA',
      });
      await answer.json();
    });
    return { roundTrip, insert, select };
  } finally {
    await client.end();
  }
}

async function times(count: number, work: () => Promise<unknown>): Promise<number[]> {
  const took: number[] = [];
  for (let n = 0; n < WARM_UP + count; n++) {
    const from = performance.now();
    await work();
    if (n >= WARM_UP) took.push(performance.now() - from);
  }
  return took;
}
