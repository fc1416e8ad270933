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
  takeWaiting,
  wakeMailbox,
} from '../../../src/jobs/store.ts';
import type { Database } from '../../../src/postgres/database.ts';
import { openBoxes, until } from './boxes.ts';

const OWNER = randomUUID();
const OTHER = randomUUID();

const take = async (database: Database, limits: Partial<Parameters<typeof takeWaiting>[2]> = {}) => {
  const some = { most: 10, fair: false, running: new Map(), ...limits };
  return (await takeWaiting(database.query, OTHER, some)).map(({ mailbox }) => mailbox);
};

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
    await enqueue(tx, { mailbox: 'a', team: '', place: '1', cause: 'c', name: 'n', subject: '' }, OWNER);
    throw new Error('undone');
  });
  await expect(failed).rejects.toThrow('undone');
  const { rows } = await database.pool.query(
    'select (select count(*) from skein.mailboxes) + (select count(*) from skein.jobs) as left',
  );
  expect(rows).toEqual([{ left: '0' }]);
  expect(await put('a', '1', OWNER, 'c')).toMatchObject({ seq: 1, lease: { epoch: 1 } });
});

describe('the lease', () => {
  it('is taken in the enqueueing transaction if the mailbox has nothing else to do', async () => {
    const { put } = await openBoxes();
    expect((await put('a', '1', OWNER))?.lease).toEqual({ mailbox: 'a', owner: OWNER, epoch: 1, team: 'T1' });
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
    expect(await take(database)).toEqual([]);
    await database.pool.query("update skein.mailboxes set next_at = now() - interval '1 ms'");
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
    const older = { ...lost, owner: OTHER };
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
    const { database, put, blocked, ghost } = await openBoxes();
    const judge = await ghost({ ago: '0 seconds' });
    const lease = (await put('a', '1', OWNER))?.lease;
    if (!lease) throw new Error('no lease');
    const order: string[] = [];
    const freed = { promise: Promise.resolve(0) };
    await database.transaction(async (tx) => {
      await fence(tx, lease);
      freed.promise = freeDeadWorkers(database.query, judge, 60_000, 60_000).then((count) => {
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
    begun.push(job.subject);
    if ((await finishJob(database.query, lease, job.seq)) !== 'more') break;
  }
  expect(begun).toEqual(['1700000003.000000', '1700000004.000000', '1700000005.000000']);
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

describe('those who wait for a slot', () => {
  const wait = async (boxes: Awaited<ReturnType<typeof openBoxes>>, all: readonly string[]) => {
    for (const name of all) await boxes.put(name, '1', null, name, `T${name[0]}`);
  };

  it('are taken in the order in which they got work, and work that is given back goes behind them', async () => {
    const boxes = await openBoxes();
    await wait(boxes, ['1c', '1a', '1b']);
    const [first] = await takeWaiting(boxes.database.query, OWNER, {
      most: 1,
      fair: false,
      running: new Map(),
    });
    expect(first).toMatchObject({ mailbox: '1c', team: 'T1', owner: OWNER });
    if (first !== undefined) await releaseLease(boxes.database.query, first);
    expect(await take(boxes.database, { most: 2 })).toEqual(['1a', '1b']);
    expect(await take(boxes.database)).toEqual(['1c']);
  });

  it('are taken in turn of their workspaces, whoever came first, and who has most at work here comes last', async () => {
    const boxes = await openBoxes();
    await wait(boxes, ['1a', '1b', '1c', '1d', '2a', '3a']);
    expect((await take(boxes.database, { most: 3 })).sort()).toEqual(['1a', '2a', '3a']);
    await wait(boxes, ['2b', '3b']);
    const running = new Map([
      ['T1', 5],
      ['T2', 1],
    ]);
    expect(await take(boxes.database, { most: 1, running })).toEqual(['3b']);
    expect(await take(boxes.database, { most: 1, running })).toEqual(['2b']);
    expect(await take(boxes.database, { most: 1, running })).toEqual(['1b']);
  });

  it('are left waiting where their workspace has as many at work here as are free, whoever came first', async () => {
    const boxes = await openBoxes();
    await wait(boxes, ['1a', '1b', '1c', '2a', '3a', '3b', '3c']);
    const running = new Map([
      ['T1', 5],
      ['T3', 1],
    ]);
    // Of four that are free one goes to T2, then three are free and T3 has one, then two are free and it has two.
    expect((await take(boxes.database, { most: 4, fair: true, running })).sort()).toEqual(['2a', '3a']);
    const more = new Map([
      ['T1', 5],
      ['T2', 1],
      ['T3', 2],
    ]);
    expect(await take(boxes.database, { most: 2, fair: true, running: more })).toEqual([]);
    expect(await take(boxes.database, { most: 3, fair: true, running: more })).toEqual(['3b']);
  });

  it('go to one of many who reach for them', async () => {
    const boxes = await openBoxes();
    await wait(
      boxes,
      Array.from({ length: 12 }, (_, at) => `${at % 3}${at}`),
    );
    const taken = await Promise.all(Array.from({ length: 6 }, () => take(boxes.database, { most: 4 })));
    const all = [...taken.flat(), ...(await take(boxes.database, { most: 12 }))];
    expect(all).toHaveLength(12);
    expect(new Set(all).size).toBe(12);
  });
});

describe('work that is given back with a time', () => {
  it('is due when it is woken, and not before, also if it has no time at all', async () => {
    const { database, put } = await openBoxes();
    const lease = (await put('a', '1', OWNER))?.lease;
    if (!lease) throw new Error('no lease');
    await releaseLease(database.query, lease, { delayMs: null });
    await put('a', '2');
    expect(await take(database)).toEqual([]);
    await wakeMailbox(database.query, 'a');
    expect(await take(database)).toEqual(['a']);
  });

  it('is due at once if it was woken while its owner was about to give it back', async () => {
    const { database, put } = await openBoxes();
    const lease = (await put('a', '1', OWNER))?.lease;
    if (!lease) throw new Error('no lease');
    await wakeMailbox(database.query, 'a');
    await releaseLease(database.query, lease, { delayMs: 60_000 });
    const again = await takeLease(database.query, 'a', OTHER);
    expect(again).not.toBeNull();
    // A wake-up counts for one wait.
    if (again !== null) await releaseLease(database.query, again, { delayMs: 60_000 });
    expect(await take(database)).toEqual([]);
  });
});

it('a program from before workspaces and subjects puts in jobs that this one can do, and can do ours', async () => {
  const { database } = await openBoxes();
  await database.pool.query(
    `select skein.enqueue('conversation:7', '1', 'c1', 'answer', '{"reply":"r1"}', null)`,
  );
  await database.pool.query(
    `select skein.enqueue('greet:T1:C1', '1', 'c2', 'greet', '{"team":"T1","channel":"C1"}', null)`,
  );
  await database.pool.query(`select skein.enqueue('conversation:7', '', '2', 'c3', 'answer', 'r2', null)`);
  const { rows } = await database.pool.query(
    'select b.team, j.subject, j.payload from skein.jobs j join skein.mailboxes b on b.key = j.mailbox order by j.cause',
  );
  expect(rows).toEqual([
    { team: '', subject: 'r1', payload: '{"reply":"r1"}' },
    { team: 'T1', subject: 'C1', payload: '{"team" : "T1", "channel" : "C1"}' },
    { team: '', subject: 'r2', payload: '{"reply":"r2"}' },
  ]);
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
      Array.from({ length: 8 }, () => freeDeadWorkers(database.query, living, 2500, 10_000)),
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
      const judge = await ghost({ ago: '0 seconds' });
      expect(await freeDeadWorkers(database.query, judge, 2500, 10_000)).toBe(0);
      expect(await freeDeadWorkers(database.query, judge, 2500, 4000)).toBe(1);
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
      const look = freeDeadWorkers(database.query, living, 2500, 10_000);
      await until(async () => (await blocked()) === 1, 'a session that waits');
      await tx.execute(
        `update skein.mailboxes set lease_owner = '${living}', lease_epoch = lease_epoch + 1 where key = 'a'`,
      );
      return { look };
    });
    expect(await looked.look).toBe(0);
    expect((await box('a')).lease_owner).toBe(living);
  });

  it('are named by nobody who was late as well, and never by themselves', async () => {
    const { database, put, ghost, box } = await openBoxes();
    const [late, other] = [await ghost({ ago: '20 seconds' }), await ghost({ ago: '20 seconds' })];
    await put('a', '1', other);
    expect(await freeDeadWorkers(database.query, late, 2500, 10_000)).toBe(0);
    expect(await freeDeadWorkers(database.query, randomUUID(), 2500, 10_000)).toBe(0);
    expect((await box('a')).lease_owner).toBe(other);
    const seen = await ghost({ ago: '0 seconds' });
    expect(await freeDeadWorkers(database.query, seen, 2500, 10_000)).toBe(1);
    const { rows } = await database.pool.query('select id from skein.workers');
    expect(rows).toEqual([{ id: seen }]);
  });

  it('are found also after the server’s clock was set back: who was seen in the future is silent', async () => {
    const { database, put, ghost } = await openBoxes();
    await put('a', '1', await ghost({ ago: '-1 hour' }));
    expect(await freeDeadWorkers(database.query, await ghost({ ago: '0 seconds' }), 2500, 10_000)).toBe(1);
  });
});
