import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { fence, finishJob, LeaseLost, takeLease } from '../../../src/jobs/store.ts';
import type { Lease } from '../../../src/jobs/worker.ts';
import { gate, openBoxes, until } from './boxes.ts';

const PRESENCE = "application_name = 'skein presence' and datname = current_database()";

it('what a process that died leaves is taken over by another one', async () => {
  const { put, work, ghost } = await openBoxes();
  await put('a', '1', await ghost());
  const done: string[] = [];
  await work(async ({ subject }) => void done.push(subject));
  await until(() => done.length === 1);
});

it('a lease in our name that nobody works on is found: its commit was answered to nobody', async () => {
  const { put, work, box } = await openBoxes();
  const done: string[] = [];
  const worker = await work(async ({ subject }) => void done.push(subject));
  // The transaction took the lease, and `begin` was never called.
  await put('a', '1', worker.claimant(''));
  await until(() => done.length === 1, 'the forgotten job');
  await until(async () => (await box('a')).lease_owner === null);
});

describe('when the live connection is cut', () => {
  it('a process that comes back in time keeps its leases, and its work goes on', async () => {
    const { database, put, work } = await openBoxes();
    const running = gate();
    const leases: Lease[] = [];
    const gaps: string[] = [];
    const worker = await work(
      async (_job, lease) => {
        leases.push(lease);
        await running.opened;
      },
      { listen: { some_channel: (payload) => gaps.push(payload) } },
    );
    await put('a', '1');
    await until(() => leases.length === 1);
    await database.pool.query(`select pg_terminate_backend(pid) from pg_stat_activity where ${PRESENCE}`);
    // What may have been missed in the gap is told.
    await until(() => gaps.includes(''));
    const lease = leases[0];
    expect(await lease?.confirm()).toBe(true);
    expect(lease?.signal.aborted).toBe(false);
    running.open();
    await until(() => worker.active() === 0);
    expect(leases).toHaveLength(1);
    await database.pool.query("select pg_notify('some_channel', 'heard again')");
    await until(() => gaps.includes('heard again'));
  });

  it('and it was declared dead meanwhile, its work is aborted and done again under a new lease', async () => {
    const { database, put, work } = await openBoxes();
    const leases: Lease[] = [];
    await work(async (_job, lease) => {
      leases.push(lease);
      if (leases.length > 1) return;
      await new Promise((resolve) => lease.signal.addEventListener('abort', resolve, { once: true }));
      throw new Error('let go');
    });
    await put('a', '1');
    await until(() => leases.length === 1);
    await database.pool.query(
      `with dead as (delete from skein.workers returning id)
       select pg_terminate_backend(pid) from pg_stat_activity where ${PRESENCE}`,
    );
    await until(() => leases.length === 2);
    const [first, second] = leases;
    if (first === undefined || second === undefined) throw new Error('no leases');
    expect(first.held()).toBe(false);
    expect(second.token.epoch).toBeGreaterThan(first.token.epoch);
    expect(second.token.owner).not.toBe(first.token.owner);
    expect(await finishJob(database.query, first.token, 1)).toBe('lost');
    await expect(database.transaction((tx) => fence(tx, first.token))).rejects.toBeInstanceOf(LeaseLost);
  });
});

it('all connections of the process being cut at once loses no job and no wake-up', async () => {
  const { database, url, put, work } = await openBoxes();
  let done = 0;
  await work(async () => {
    done += 1;
  });
  await put('a', '1');
  await until(() => done === 1);
  const outside = new pg.Client({ connectionString: url });
  await outside.connect();
  await outside.query(
    'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
  );
  await outside.end();
  for (let time = 2; time < 12; time++)
    await put(`box ${time}`, `${time}`).catch(() => put(`box ${time}`, `${time}`));
  await until(() => done >= 11);
  expect(done).toBe(11);
  await until(async () => {
    const { rows } = await database.pool.query('select 1 from skein.jobs where done_at is null');
    return rows.length === 0;
  });
});

it('a worker leaves no trace behind', async () => {
  const { database, work, put } = await openBoxes();
  let done = 0;
  const worker = await work(async () => {
    done += 1;
  });
  await put('a', '1');
  await until(() => done === 1);
  await worker.stop(1000);
  const { rows } = await database.pool.query('select 1 from skein.workers');
  expect(rows).toEqual([]);
  expect(await takeLease(database.query, 'a', crypto.randomUUID())).toBeNull();
  const { rows: left } = await database.pool.query(`select 1 from pg_stat_activity where ${PRESENCE}`);
  expect(left).toEqual([]);
});
