import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { Later, MOST_BEGINNINGS, MOST_FAILURES } from '../../../src/jobs/retry.ts';
import { type Job, wakeMailbox } from '../../../src/jobs/store.ts';
import type { Lease } from '../../../src/jobs/worker.ts';
import { gate, openBoxes, until } from './boxes.ts';

it('a job is begun within moments of its commit, also by a worker that learns of it from the bell alone', async () => {
  const { put, work } = await openBoxes();
  const begun: string[] = [];
  await work(async ({ subject }) => void begun.push(subject));
  // The bell is hung in the background; the first job waits for it or for the sweep.
  await put('warm', 'warm');
  await until(() => begun.length === 1);
  const took: number[] = [];
  for (let time = 0; time < 10; time++) {
    const committed = performance.now();
    await put(`box ${time}`, `${time}`);
    await until(() => begun.length === time + 2);
    took.push(performance.now() - committed);
  }
  // The sweep comes once a second, so most of these can only have come by the bell.
  expect(took.sort((a, b) => a - b)[5]).toBeLessThan(250);
});

it('a lease that was taken with the job is begun here at once', async () => {
  const { put, work } = await openBoxes();
  const begun: string[] = [];
  const worker = await work(async ({ subject }) => void begun.push(subject));
  const lease = (await put('a', 'fast', worker.claimant('')))?.lease;
  if (!lease) throw new Error('no lease');
  worker.begin(lease);
  expect(worker.active()).toBe(1);
  await until(() => begun.length === 1);
  await until(() => worker.active() === 0);
});

it('two hundred jobs of twenty mailboxes are each done once, one at a time and in order, by three workers', async () => {
  const { database, put, work } = await openBoxes();
  const done: { mailbox: string; place: string }[] = [];
  const busy = new Set<string>();
  const overlaps: string[] = [];
  const handle = async ({ mailbox, subject }: Job) => {
    if (busy.has(mailbox)) overlaps.push(mailbox);
    busy.add(mailbox);
    await sleep(Math.random() * 5);
    busy.delete(mailbox);
    done.push({ mailbox, place: subject });
  };
  const workers = await Promise.all([work(handle), work(handle), work(handle, { concurrency: 3 })]);
  const jobs = Array.from({ length: 200 }, (_, at) => ({ box: `box ${at % 20}`, place: `${1000 + at}` }));
  const putIn = async ({ box, place }: { box: string; place: string }, at: number) => {
    const worker = workers[at % 3];
    const enqueued = await put(box, place, at % 2 === 0 ? (worker?.claimant('') ?? null) : null, `c${at}`);
    if (enqueued?.lease) worker?.begin(enqueued.lease);
  };
  // Twenty at a time: more would only wait for a connection.
  for (let from = 0; from < jobs.length; from += 20)
    await Promise.all(jobs.slice(from, from + 20).map((job, at) => putIn(job, from + at)));
  await until(() => done.length >= 200, 'the last job');
  expect(overlaps).toEqual([]);
  expect(new Set(done.map(({ place }) => place)).size).toBe(200);
  expect(done).toHaveLength(200);
  await until(async () => {
    const { rows } = await database.pool.query(
      'select 1 from skein.mailboxes where pending > 0 or lease_owner is not null',
    );
    return rows.length === 0;
  });
});

it('jobs that wait in a mailbox are done in the order of their places', async () => {
  const { put, work } = await openBoxes();
  const first = gate();
  const done: string[] = [];
  await work(async ({ subject }) => {
    if (subject === '0') await first.opened;
    done.push(subject);
  });
  await put('a', '0');
  for (const place of ['7', '3', '9', '1']) await put('a', place);
  first.open();
  await until(() => done.length === 5);
  expect(done).toEqual(['0', '1', '3', '7', '9']);
});

it('a job that comes while the mailbox is being given back is not forgotten', async () => {
  const { put, work } = await openBoxes();
  let done = 0;
  const worker = await work(async () => {
    done += 1;
  });
  // Each next job is put in while the end of the one before is being written.
  for (let time = 0; time < 150; time++) {
    const before = done;
    const enqueued = await put('a', `${time}`.padStart(4, '0'), worker.claimant(''));
    if (enqueued?.lease) worker.begin(enqueued.lease);
    if (time % 3 === 0) await sleep(Math.random() * 4);
    if (time % 10 === 0) await until(() => done > before);
  }
  await until(() => done === 150, 'the last job');
});

describe('a job that fails', () => {
  it('is tried again after a pause while the jobs behind it wait, and other mailboxes go on', async () => {
    const { put, work, box } = await openBoxes();
    const done: string[] = [];
    let failures = 0;
    await work(async ({ subject, mailbox }) => {
      if (subject === '1' && failures++ < 1) throw new Error('the first time');
      done.push(`${mailbox} ${subject}`);
    });
    await put('a', '1');
    await put('a', '2');
    await until(() => failures === 1);
    await put('b', '1');
    await until(() => done.length === 3);
    expect(done.filter((one) => one.startsWith('a'))).toEqual(['a 1', 'a 2']);
    // The handler is done a moment before its job is.
    await until(async () => (await box('a')).pending === 0);
  });

  it('too often is given up, once, and the next one is done', async () => {
    const { database, put, work } = await openBoxes();
    const given: string[] = [];
    const done: string[] = [];
    let attempts = 0;
    await put('a', '1');
    await put('a', '2');
    // All failures but the last were used up elsewhere.
    await database.pool.query('update skein.jobs set failures = $1 where seq = 1', [MOST_FAILURES - 1]);
    await work(
      async ({ subject }) => {
        if (subject === '1') {
          attempts += 1;
          throw new Error('as always');
        }
        done.push(subject);
      },
      {
        giveUp: async ({ subject }, lease, error) =>
          void given.push(`${subject} ${lease.held()} ${error.message}`),
      },
    );
    await until(() => done.length === 1);
    expect(attempts).toBe(1);
    expect(given).toEqual(['1 true as always']);
  });

  it('by killing its process is given up without being begun again', async () => {
    const { database, put, work, ghost } = await openBoxes();
    await put('a', '1', await ghost());
    await database.pool.query('update skein.jobs set attempts = $1', [MOST_BEGINNINGS]);
    const begun: string[] = [];
    const given: string[] = [];
    await work(async ({ subject }) => void begun.push(subject), {
      giveUp: async (_job, _lease, error) => void given.push(error.message),
    });
    await until(() => given.length === 1);
    expect(given[0]).toContain(`begun ${MOST_BEGINNINGS} times`);
    expect(begun).toEqual([]);
  });

  it('also in being given up does not stop its mailbox', async () => {
    const { database, put, work } = await openBoxes();
    await put('a', '1');
    await put('a', '2');
    await database.pool.query('update skein.jobs set attempts = $1 where seq = 1', [MOST_BEGINNINGS]);
    const done: string[] = [];
    await work(async ({ subject }) => void done.push(subject), {
      giveUp: async () => {
        throw new Error('even this');
      },
    });
    await until(() => done.length === 1);
    expect(done).toEqual(['2']);
  });
});

describe('a stop', () => {
  it('lets what runs finish, and takes nothing new', async () => {
    const { put, work, box } = await openBoxes();
    const running = gate();
    const begun: string[] = [];
    const worker = await work(async ({ subject }) => {
      begun.push(subject);
      await running.opened;
    });
    await put('a', '1');
    await put('a', '2');
    await until(() => begun.length === 1);
    const stopped = worker.stop(10_000);
    expect(worker.claimant('')).toBeNull();
    running.open();
    await stopped;
    expect(begun).toEqual(['1']);
    expect(await box('a')).toMatchObject({ pending: 1, lease_owner: null });
  });

  it('hands over what does not finish in time, uncounted, and another worker has it at once', async () => {
    const { put, work } = await openBoxes();
    const begun: { who: string; attempt: number }[] = [];
    const untilAborted =
      (who: string) =>
      async (job: Job, { signal }: Lease) => {
        begun.push({ who, attempt: job.attempt });
        if (who === 'second') return;
        await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
        throw new Error('not finished');
      };
    const first = await work(untilAborted('first'));
    await put('a', '1');
    await until(() => begun.length === 1);
    await work(untilAborted('second'));
    await first.stop(0);
    await until(() => begun.length === 2);
    expect(begun).toEqual([
      { who: 'first', attempt: 1 },
      { who: 'second', attempt: 1 },
    ]);
  });
});

it('no more mailboxes are worked on at once than there are slots, and all of them in the end', async () => {
  const { put, work } = await openBoxes();
  const gates = gate();
  let most = 0;
  let now = 0;
  let done = 0;
  await work(
    async () => {
      most = Math.max(most, ++now);
      await gates.opened;
      now -= 1;
      done += 1;
    },
    { concurrency: 3 },
  );
  for (let box = 0; box < 9; box++) await put(`box ${box}`, '1');
  await until(() => now === 3);
  gates.open();
  await until(() => done === 9);
  expect(most).toBe(3);
});

describe('a job that waits for something outside', () => {
  it('gives its slot and its lease back, is not counted, and goes on when it is woken', async () => {
    const { database, put, work, box } = await openBoxes();
    const begun: string[] = [];
    let come = false;
    const worker = await work(
      async ({ subject, attempt, failures }) => {
        begun.push(`${subject} ${attempt} ${failures}`);
        if (subject === 'waits' && !come) throw new Later(null, 'nobody has said yes');
      },
      { concurrency: 1 },
    );
    await put('a', 'waits');
    await until(async () => begun.length === 1 && (await box('a')).lease_owner === null);
    await until(() => worker.active() === 0);
    await put('b', 'other');
    await until(() => begun.length === 2);
    come = true;
    await wakeMailbox(database.query, 'a');
    await until(async () => (await box('a')).pending === 0);
    expect(begun).toEqual(['waits 1 0', 'other 1 0', 'waits 1 0']);
  });

  it('is begun again when its time has come, however often', async () => {
    const { put, work, box } = await openBoxes();
    let tries = 0;
    await work(async () => {
      tries += 1;
      if (tries <= MOST_FAILURES + 1) throw new Later(1, 'not yet');
    });
    await put('a', '1');
    await until(async () => (await box('a')).pending === 0);
    expect(tries).toBe(MOST_FAILURES + 2);
  });
});

it('a workspace with long answers leaves half of the slots to others, and what waits is begun in turn of the workspaces', async () => {
  const { put, work } = await openBoxes();
  const over = gate();
  const begun: string[] = [];
  const worker = await work(
    async ({ mailbox }) => {
      begun.push(mailbox);
      if (!mailbox.startsWith('short')) await over.opened;
    },
    { concurrency: 8, fair: true },
  );
  for (let box = 0; box < 12; box++) await put(`long ${box}`, '1');
  await until(() => begun.length === 4);
  await put('short', '1', null, 'of another workspace', 'T2');
  await until(() => begun.includes('short'));
  await until(() => worker.active() === 4);
  expect(begun.filter((one) => one.startsWith('long'))).toHaveLength(4);
  over.open();
  await until(() => begun.length === 13);
});

it('a wake-up that a full process hears is taken by the one that has a slot', async () => {
  const { put, work } = await openBoxes();
  const over = gate();
  const begun: string[] = [];
  const handler = (who: string) => async () => {
    begun.push(who);
    await over.opened;
  };
  const full = await work(handler('full'), { concurrency: 1 });
  const lease = (await put('a', '1', full.claimant('')))?.lease;
  if (!lease) throw new Error('no lease');
  full.begin(lease);
  await work(handler('free'), { concurrency: 20 });
  const since = performance.now();
  for (let box = 0; box < 10; box++) await put(`box ${box}`, '1');
  await until(() => begun.length === 11);
  expect(begun.filter((who) => who === 'free')).toHaveLength(10);
  expect(performance.now() - since).toBeLessThan(5000);
  over.open();
});
