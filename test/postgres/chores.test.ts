import { randomUUID } from 'node:crypto';
import { expect, it, onTestFinished } from 'vitest';
import { openSpending } from '../../src/allowances/store.ts';
import { type ChoresOptions, choresOf, startChores } from '../../src/chores.ts';
import { systemClock } from '../../src/clock.ts';
import { enqueue, finishJob } from '../../src/jobs/store.ts';
import { startTasks } from '../../src/jobs/tasks.ts';
import { createLog } from '../../src/log.ts';
import { DEFAULTS, openStored } from '../support/stored.ts';
import { createVirtualClock } from '../support/virtual-clock.ts';

async function setUp(more: Partial<ChoresOptions> = {}) {
  const stored = await openStored();
  const { database } = stored;
  const lines: Record<string, unknown>[] = [];
  const options = {
    database,
    pool: database.pool,
    defaults: DEFAULTS,
    spending: openSpending(database.query, randomUUID()),
    clock: systemClock,
    log: createLog('info', { write: (line) => lines.push(JSON.parse(line)) }),
    learn: async () => {},
    alert: async () => {},
    more: [],
    ...more,
  };
  const perform = async (name: string) => {
    const task = choresOf(options).find((one) => one.name === name);
    if (task === undefined) throw new Error(`there is no task ${name}`);
    await task.run(new AbortController().signal);
  };
  return { ...stored, options, lines, perform };
}

it('a process learns every ten seconds from what others wrote, also after a time that failed, and never twice at once', async () => {
  const clock = createVirtualClock();
  let learned = 0;

  const { options, lines } = await setUp({
    clock,
    learn: () => {
      learned += 1;
      if (learned === 1) return Promise.reject(new Error('away'));
      return learned === 3 ? new Promise<void>(() => {}) : Promise.resolve();
    },
  });
  const chores = startChores(options);
  await clock.advance(9_000);
  expect(learned).toBe(0);
  await clock.advance(1_000);
  await clock.advance(10_000);
  expect(learned).toBe(2);
  expect(lines.filter(({ msg }) => msg === 'how long earlier replies took was not read')).toHaveLength(1);
  // The third time does not come back: the database is slow.
  await clock.advance(10_000);
  await clock.advance(60_000);
  expect(learned).toBe(3);
  await chores.stop();
});

it('old words are erased by the task of the hour, also after a time that failed', async () => {
  const { rows, conversation, say, lines, perform } = await setUp({
    defaults: { ...DEFAULTS, retention: 1 },
  });
  const id = await conversation();
  const kept = () => rows('select slack_ts from skein.messages where erased_at is null');
  await say(id, '1.000000');
  await rows(`update skein.messages set created_at = now() - interval '2 days'`);
  await rows('alter table skein.settings rename to settings_away');
  await expect(perform('erase_old_words')).rejects.toThrow();
  await rows('alter table skein.settings_away rename to settings');
  expect(await kept()).toHaveLength(1);
  await perform('erase_old_words');
  expect(await kept()).toEqual([]);
  expect(lines.map(({ msg }) => msg)).toEqual(['words were erased, as retention says']);
});

it('jobs that were done a month ago go, with mailboxes that have nothing else; greetings and open jobs stay', async () => {
  const { database, rows, perform } = await setUp();
  const owner = randomUUID();
  const put = async (mailbox: string, cause: string, name = 'answer') => {
    const job = { mailbox, team: 'T1', place: '1', cause, name, subject: 's' };
    const added = await database.transaction((tx) => enqueue(tx, job, owner));
    if (added?.lease) await finishJob(database.query, added.lease, added.seq);
  };
  await put('old', 'a');
  await put('both', 'b');
  await put('greet:T1:C1', 'c', 'greet');
  await rows(`update skein.jobs set done_at = now() - interval '31 days'`);
  await put('both', 'd');
  await put('new', 'e');
  await database.transaction((tx) =>
    enqueue(
      tx,
      { mailbox: 'old, open', team: '', place: '1', cause: 'f', name: 'answer', subject: '' },
      null,
    ),
  );
  await perform('purge_jobs');
  expect((await rows('select cause from skein.jobs order by 1')).map(({ cause }) => cause)).toEqual([
    'c',
    'd',
    'e',
    'f',
  ]);
  expect((await rows('select key from skein.mailboxes order by 1')).map(({ key }) => key)).toEqual([
    'both',
    'greet:T1:C1',
    'new',
    'old, open',
  ]);
});

it('marks, alerts and counters are mended and purged by tasks, each of which runs on an empty and on a full table', async () => {
  const { rows, options, perform, lines } = await setUp();
  await rows(`insert into skein.seen (team, channel, ts, at)
    select 'T1', 'C1', i::text, now() - interval '8 days' from generate_series(1, 4500) i`);
  await rows(`insert into skein.seen (team, channel, ts) values ('T1', 'C1', 'new')`);
  await rows(`insert into skein.budget_alerts (team, scope, scope_id, period, starts, most_nano, level, spent_nano, at)
    values ('T1', 'workspace', 'T1', 'day', '2020-01-01', 1, 80, 1, now() - interval '101 days')`);
  await rows(`insert into skein.mailboxes (key, pending) values ('drifted', 3)`);
  for (const { name } of choresOf(options)) await perform(name);
  expect(await rows('select ts from skein.seen')).toEqual([{ ts: 'new' }]);
  expect(await rows('select 1 from skein.budget_alerts')).toEqual([]);
  expect(await rows('select pending from skein.mailboxes')).toEqual([{ pending: 0 }]);
  expect(lines.map(({ msg }) => msg)).toEqual(['mailboxes that did not know their jobs were counted again']);
});

it('of several processes one does the work of a time, and a time that passed while nobody ran is made up for', async () => {
  const { database, rows, log } = await setUp();
  await rows(`insert into graphile_worker._private_known_crontabs (identifier, known_since, last_execution)
    values ('once', now() - interval '1 day', date_trunc('minute', now() - interval '30 minutes'))`);
  let runs = 0;
  const minute = new Date(Date.now() - 10 * 60_000).getUTCMinutes();
  const start = () =>
    startTasks({
      pool: database.pool,
      tasks: [
        {
          name: 'once',
          cron: `${minute} * * * *`,
          run: async () => {
            runs += 1;
          },
        },
      ],
      clock: systemClock,
      log,
    });
  const all = [start(), start(), start()];
  onTestFinished(async () => {
    await Promise.all(all.map((one) => one.stop()));
  });
  await expect.poll(() => runs).toBe(1);
  await expect.poll(() => rows('select 1 from graphile_worker.jobs').then(({ length }) => length)).toBe(0);
  expect(runs).toBe(1);
  await Promise.all(all.map((one) => one.stop()));
  await expect.poll(() => database.pool.totalCount - database.pool.idleCount).toBe(0);
});

it('tasks that are stopped while they are still being started hold no connection any more', async () => {
  const { database, log } = await setUp();
  for (let round = 0; round < 3; round++)
    await startTasks({ pool: database.pool, tasks: [], clock: systemClock, log }).stop();
  await expect.poll(() => database.pool.totalCount - database.pool.idleCount).toBe(0);
});
