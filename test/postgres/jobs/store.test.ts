import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  beginJob,
  enqueue,
  fence,
  finishJob,
  freeDeadWorkers,
  LeaseLost,
  recountMailboxes,
  releaseLease,
  takeLease,
  waitingMailboxes,
} from '../../../src/jobs/store.ts';
import { openBoxes, until } from './boxes.ts';

const OWNER = randomUUID();
const OTHER = randomUUID();

it('the same cause never makes a second job, not even after the first is done', async () => {
  const { database, put, box } = await openBoxes();
  const first = await put('a', '1', OWNER, 'cause');
  expect(await put('a', '1', OWNER, 'cause')).toBeNull();
  expect(await put('b', '1', OWNER, 'cause')).toBeNull();
  if (!first?.lease) throw new Error('no lease');
  expect(await finishJob(database.query, first.lease, first.seq)).toBe('empty');
  expect(await put('a', '1', OWNER, 'cause')).toBeNull();
  expect((await box('a')).pending).toBe(0);
});

it('of a cause that comes many times at once one job is made, and the others are told that it is known', async () => {
  const { database, put, box } = await openBoxes();
  const all = await Promise.all(Array.from({ length: 20 }, () => put('a', '1', null, 'cause')));
  expect(all.filter((made) => made !== null)).toHaveLength(1);
  expect((await put('a', '2', null, 'another'))?.seq).toBe(2);
  await database.pool.query("delete from skein.jobs where cause = 'another'");
  await database.pool.query('update skein.mailboxes set pending = pending - 1');
  expect((await box('a')).pending).toBe(1);
  const { rows } = await database.pool.query('select 1 from skein.jobs');
  expect(rows).toHaveLength(1);
});

it('a transaction that fails leaves no job, no lease and no wake-up', async () => {
  const { database, put } = await openBoxes();
  const failed = database.transaction(async (tx) => {
    await enqueue(tx, { mailbox: 'a', place: '1', cause: 'c', name: 'n', payload: '' }, OWNER);
    throw new Error('undone');
  });
  await expect(failed).rejects.toThrow('undone');
  const { rows } = await database.pool.query(
    'select (select count(*) from skein.mailboxes) + (select count(*) from skein.jobs) + (select count(*) from graphile_worker.jobs) as left',
  );
  expect(rows).toEqual([{ left: '0' }]);
  expect(await put('a', '1', OWNER, 'c')).toMatchObject({ seq: 1, lease: { epoch: 1 } });
});

describe('the lease', () => {
  it('is taken in the enqueueing transaction if the mailbox has nothing else to do', async () => {
    const { put } = await openBoxes();
    expect((await put('a', '1', OWNER))?.lease).toEqual({ mailbox: 'a', owner: OWNER, epoch: 1 });
    expect((await put('a', '2', OTHER))?.lease).toBeNull();
    expect((await put('b', '1', null))?.lease).toBeNull();
    expect((await put('b', '2', OWNER))?.lease).toBeNull();
  });

  it('goes to one of many who reach for it', async () => {
    const { database, put } = await openBoxes();
    await put('a', '1');
    const taken = await Promise.all(
      Array.from({ length: 20 }, () => takeLease(database.query, 'a', randomUUID())),
    );
    expect(taken.filter((lease) => lease !== null)).toHaveLength(1);
  });

  it('is not to be had of a mailbox that is empty or unknown, or has a job that is not due', async () => {
    const { database, put } = await openBoxes();
    expect(await takeLease(database.query, 'nowhere', OWNER)).toBeNull();
    const { lease, seq } = (await put('a', '1', OWNER)) ?? { lease: null, seq: 0 };
    if (lease === null) throw new Error('no lease');
    await releaseLease(database.query, lease, { delayMs: 60_000 });
    expect(await takeLease(database.query, 'a', OTHER)).toBeNull();
    expect(await waitingMailboxes(database.query, 10)).toEqual([]);
    await database.pool.query("update skein.mailboxes set next_at = now() - interval '1 ms'");
    expect(await waitingMailboxes(database.query, 10)).toEqual(['a']);
    const next = await takeLease(database.query, 'a', OTHER);
    expect(next).toMatchObject({ owner: OTHER, epoch: 2 });
    if (next !== null) expect(await finishJob(database.query, next, seq)).toBe('empty');
    expect(await takeLease(database.query, 'a', OWNER)).toBeNull();
  });

  it('that was lost changes nothing any more: no job begun or finished, none released, no transaction', async () => {
    const { database, put, box } = await openBoxes();
    const lost = (await put('a', '1', OWNER))?.lease;
    if (!lost) throw new Error('no lease');
    await releaseLease(database.query, lost);
    const held = await takeLease(database.query, 'a', OTHER);
    const before = await box('a');
    expect(await beginJob(database.query, lost)).toBeNull();
    expect(await finishJob(database.query, lost, 1)).toBe('lost');
    await releaseLease(database.query, lost, { uncount: 1 });
    await expect(database.transaction((tx) => fence(tx, lost))).rejects.toBeInstanceOf(LeaseLost);
    expect(await box('a')).toEqual(before);
    if (held !== null) expect(await beginJob(database.query, held)).toMatchObject({ attempt: 1 });
    // The same owner with an older lease is as lost as another owner.
    const older = { mailbox: 'a', owner: OTHER, epoch: 1 };
    expect(await finishJob(database.query, older, 1)).toBe('lost');
  });

  it('is kept by a finish that is asked again because its answer was lost, and nothing is counted twice', async () => {
    const { database, put, box } = await openBoxes();
    const lease = (await put('a', '1', OWNER))?.lease;
    if (!lease) throw new Error('no lease');
    await put('a', '2');
    expect(await finishJob(database.query, lease, 1)).toBe('more');
    expect(await finishJob(database.query, lease, 1)).toBe('more');
    expect(await box('a')).toMatchObject({ pending: 1, lease_owner: OWNER });
    expect(await beginJob(database.query, lease)).toMatchObject({ seq: 2 });
    expect(await finishJob(database.query, lease, 2)).toBe('empty');
    expect(await finishJob(database.query, lease, 2)).toBe('lost');
    expect(await box('a')).toMatchObject({ pending: 0, lease_owner: null });
  });

  it('is kept by a finish that is asked again while the first one still runs', async () => {
    const { database, put, box, blocked } = await openBoxes();
    const lease = (await put('a', '1', OWNER))?.lease;
    if (!lease) throw new Error('no lease');
    await put('a', '2');
    const again = await database.transaction(async (tx) => {
      expect(await finishJob(tx, lease, 1)).toBe('more');
      const second = finishJob(database.query, lease, 1);
      await until(async () => (await blocked()) === 1, 'a session that waits');
      return { second };
    });
    expect(await again.second).toBe('more');
    expect(await box('a')).toMatchObject({ pending: 1, lease_owner: OWNER });
  });

  it('cannot change hands inside a fenced transaction', async () => {
    const { database, put, blocked } = await openBoxes();
    const lease = (await put('a', '1', OWNER))?.lease;
    if (!lease) throw new Error('no lease');
    const order: string[] = [];
    const freed = { promise: Promise.resolve(0) };
    await database.transaction(async (tx) => {
      await fence(tx, lease);
      freed.promise = freeDeadWorkers(database.query, 0, 0).then((count) => {
        order.push('freed');
        return count;
      });
      await until(async () => (await blocked()) === 1, 'a session that waits');
      order.push('commit');
    });
    expect(await freed.promise).toBe(1);
    expect(order).toEqual(['commit', 'freed']);
  });
});

it('what was said first is begun first, whatever arrived first', async () => {
  const { database, put } = await openBoxes();
  const lease = (await put('a', '1700000005.000000', OWNER))?.lease;
  if (!lease) throw new Error('no lease');
  await put('a', '1700000003.000000');
  await put('a', '1700000004.000000');
  const begun: string[] = [];
  for (;;) {
    const job = await beginJob(database.query, lease);
    if (job === null) break;
    begun.push(job.payload);
    if ((await finishJob(database.query, lease, job.seq)) !== 'more') break;
  }
  expect(begun).toEqual(['"1700000003.000000"', '"1700000004.000000"', '"1700000005.000000"']);
});

it('a mailbox that counts too few or too many jobs is counted again, and one that is worked on is left alone', async () => {
  const { database, put, box } = await openBoxes();
  await put('too few', '1');
  await put('too few', '2');
  await put('too many', '1');
  await put('held', '1', OWNER);
  await put('right', '1');
  await database.pool.query(
    `update skein.mailboxes set pending = case key when 'too few' then 0 when 'right' then 1 else 7 end`,
  );
  expect(await recountMailboxes(database)).toBe(2);
  expect(await recountMailboxes(database)).toBe(0);
  const pending = await Promise.all(['too few', 'too many', 'held', 'right'].map(box));
  expect(pending.map((one) => one.pending)).toEqual([2, 1, 7, 1]);
});

it('an attempt is counted when it begins, and a hand-over takes it back', async () => {
  const { database, put } = await openBoxes();
  const lease = (await put('a', '1', OWNER))?.lease;
  if (!lease) throw new Error('no lease');
  expect(await beginJob(database.query, lease)).toMatchObject({ attempt: 1 });
  expect(await beginJob(database.query, lease)).toMatchObject({ attempt: 2 });
  await releaseLease(database.query, lease, { uncount: 1 });
  const next = await takeLease(database.query, 'a', OTHER);
  if (next !== null) expect(await beginJob(database.query, next)).toMatchObject({ attempt: 2 });
});

describe('the dead', () => {
  it('lose their leases to one of many who look, and the living keep theirs', async () => {
    const { database, put, ghost, box } = await openBoxes();
    const dead = await ghost();
    const living = await ghost({ ago: '0 seconds', lockKey: 43 });
    await put('of the dead', '1', dead);
    await put('of the living', '1', living);
    await put('of nobody', '1', randomUUID());
    const freed = await Promise.all(
      Array.from({ length: 8 }, () => freeDeadWorkers(database.query, 2500, 10_000)),
    );
    expect(freed.reduce((sum, count) => sum + count, 0)).toBe(2);
    expect((await box('of the dead')).lease_owner).toBeNull();
    expect((await box('of nobody')).lease_owner).toBeNull();
    expect((await box('of the living')).lease_owner).toBe(living);
  });

  it('are only those without their lock, unless they are silent for long', async () => {
    const { database, put, ghost } = await openBoxes();
    const holder = await database.pool.connect();
    try {
      // Above 2³²: Postgres shows such a key in two halves.
      const lockKey = 2 ** 40 + 7;
      await holder.query('select pg_advisory_lock($1)', [lockKey]);
      const silent = await ghost({ ago: '5 seconds', lockKey });
      await put('a', '1', silent);
      expect(await freeDeadWorkers(database.query, 0, 10_000)).toBe(0);
      expect(await freeDeadWorkers(database.query, 0, 4000)).toBe(1);
    } finally {
      holder.release(true);
    }
  });

  it('do not take with them a lease that was freed and taken anew while somebody looked', async () => {
    const { database, put, ghost, box, blocked } = await openBoxes();
    const gone = randomUUID();
    const living = await ghost({ ago: '0 seconds' });
    await put('a', '1', gone);
    const looked = await database.transaction(async (tx) => {
      // Another process frees the lease and a living one takes it, all after the look of the third began.
      await tx.execute("update skein.mailboxes set lease_epoch = lease_epoch where key = 'a'");
      const look = freeDeadWorkers(database.query, 2500, 10_000);
      await until(async () => (await blocked()) === 1, 'a session that waits');
      await tx.execute(
        `update skein.mailboxes set lease_owner = '${living}', lease_epoch = lease_epoch + 1 where key = 'a'`,
      );
      return { look };
    });
    expect(await looked.look).toBe(0);
    expect((await box('a')).lease_owner).toBe(living);
  });
});
