import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import type { Question } from '../../../src/commands/ports.ts';
import type { IncomingMessage } from '../../../src/incoming.ts';
import { Later } from '../../../src/jobs/retry.ts';
import { beginJob, type Job, type LeaseToken, releaseLease } from '../../../src/jobs/store.ts';
import type { Lease } from '../../../src/jobs/worker.ts';
import { createQuestions } from '../../../src/questions/questions.ts';
import { purgePending } from '../../../src/questions/store.ts';
import type { WriteOutcome } from '../../../src/reply/ports.ts';
import { openStored } from '../../support/stored.ts';
import { createVirtualClock } from '../../support/virtual-clock.ts';

const QUESTION: Question = {
  team: 'T1',
  channel: 'C1',
  threadTs: null,
  user: 'U1',
  userTeam: null,
  direct: false,
  shown: '<@U1> asks:\n>why?',
  text: 'why?\0',
  cause: 'form:V1',
};
const DONE: WriteOutcome = { kind: 'done', ts: '1.000000' };

/** One process, of which the test is the worker: `work` does the next job of the person's. */
async function setUp(outcomes: WriteOutcome[], found: (string | null | 'unknown')[] = []) {
  const stored = await openStored();
  const { database, log } = stored;
  const clock = createVirtualClock();
  const owner = randomUUID();
  const begun: LeaseToken[] = [];
  const told: string[] = [];
  const taken: IncomingMessage[] = [];
  const { signal } = new AbortController();
  const state = { reachable: true };
  let posts = 0;
  const questions = createQuestions({
    database,
    clock,
    log,
    newId: randomUUID,
    claimant: () => owner,
    begin: (lease) => begun.push(lease),
    tell: async (_at, _user, line) => {
      if (state.reachable) told.push(line);
      return state.reachable;
    },
    receive: async (message, also) => {
      taken.push(message);
      await database.transaction(also);
      return { outcome: 'admitted' };
    },
    poster: {
      post: async () => {
        posts += 1;
        return outcomes.shift() ?? DONE;
      },
      find: async () => found.shift() ?? null,
    },
  });
  const handlers = questions.jobs;
  const leaseOf = (token: LeaseToken): Lease => ({
    token,
    signal,
    held: () => true,
    offline: () => false,
    confirm: async () => true,
  });
  /** The person's next job. */
  const begin = async (): Promise<{ job: Job; lease: Lease }> => {
    const [token] = begun;
    const job = token === undefined ? null : await beginJob(database.query, token);
    if (token === undefined || job === null) throw new Error('there is no job');
    return { job, lease: leaseOf(token) };
  };
  const work = async (): Promise<void> => {
    const { job, lease } = await begin();
    await handlers.handle(job, lease);
  };
  /** Lets the question be so old. */
  const age = (seconds: number) =>
    stored.rows(`update skein.pending_questions set at = now() - $1 * interval '1 second'`, [seconds]);
  return {
    ...stored,
    ask: async (question: Question) => (await questions.ask(question)).posted,
    handlers,
    begun,
    told,
    taken,
    age,
    state,
    clock,
    begin,
    work,
    posts: () => posts,
    pending: () => stored.rows('select tries from skein.pending_questions'),
  };
}

it('a question is posted, taken and gone, and its cause makes no second one, now or at once', async () => {
  const world = await setUp([]);
  const asked = [world.ask(QUESTION), world.ask(QUESTION)];
  await expect.poll(() => world.begun.length).toBe(1);
  expect(await world.pending()).toHaveLength(1);
  await world.work();
  expect(await Promise.all(asked)).toEqual([{ kind: 'done' }, { kind: 'done' }]);
  expect(await world.ask(QUESTION)).toEqual({ kind: 'done' });
  expect(world.taken).toMatchObject([{ ts: '1.000000', asked: true }]);
  expect(world.posts()).toBe(1);
  expect(await world.pending()).toEqual([]);
  expect(await world.rows('select count(*)::int as jobs from skein.jobs')).toEqual([{ jobs: 1 }]);
});

it('an unclear post is looked for before another one, and while Slack can’t be read there is none', async () => {
  const unclear: WriteOutcome = { kind: 'unclear', code: 'SLACK_UNREACHABLE', message: 'cut' };
  const world = await setUp([unclear], ['unknown', '7.000000']);
  const asked = world.ask(QUESTION);
  await expect.poll(() => world.begun.length).toBe(1);
  await expect(world.work()).rejects.toThrow('cut');
  expect(await asked).toEqual({ kind: 'done' });
  await expect(world.work()).rejects.toThrow('can not be read');
  await world.work();
  expect(world.posts()).toBe(1);
  expect(world.taken).toMatchObject([{ ts: '7.000000' }]);
});

it('what Slack does not take waits outside of the handler, as long as Slack asks for and longer the older it is', async () => {
  const failed: WriteOutcome = { kind: 'failed', code: 'SLACK_FAILED', message: 'away' };
  const limited: WriteOutcome = { kind: 'limited', retryAfterMs: 45_000 };
  const world = await setUp([failed, failed, limited, failed]);
  void world.ask(QUESTION);
  await expect.poll(() => world.begun.length).toBe(1);
  const delays: number[] = [];
  for (const seconds of [0, 20, 20, 300]) {
    await world.age(seconds);
    const waits: unknown = await world.work().catch((thrown) => thrown);
    if (waits instanceof Later) delays.push(Math.floor((waits.delayMs ?? 0) / 1000));
  }
  expect(delays).toEqual([1, 20, 45, 60]);
  expect(await world.pending()).toHaveLength(1);
});

it('a question that Slack takes from nobody is given back with its words, as soon as anything can be told', async () => {
  const failed: WriteOutcome = { kind: 'failed', code: 'SLACK_FAILED', message: 'away' };
  const world = await setUp([failed, failed]);
  const asked = world.ask({ ...QUESTION, shown: '<@U1> asks:\n>why &lt;now&gt;?\n>and how?' });
  await expect.poll(() => world.begun.length).toBe(1);
  await world.clock.advance(10_000);
  await asked;
  await world.age(700);
  world.state.reachable = false;
  await expect(world.work()).rejects.toThrow(Later);
  expect(await world.pending()).toHaveLength(1);
  world.state.reachable = true;
  await world.work();
  expect(world.told).toEqual([
    expect.stringMatching(/These were your words:\n>why &lt;now&gt;\?\n>and how\?$/),
  ]);
  expect(await world.pending()).toEqual([]);
});

it('what can’t be posted there is told by the one who waits, or else in private, and goes', async () => {
  const gone: WriteOutcome = { kind: 'gone', code: 'SLACK_PLACE_GONE', message: 'not_in_channel' };
  const world = await setUp([gone, gone]);
  const asked = world.ask(QUESTION);
  await expect.poll(() => world.begun.length).toBe(1);
  await world.work();
  expect(await asked).toEqual({ kind: 'not_there' });
  expect(world.told).toEqual([]);

  const again = world.ask({ ...QUESTION, cause: null });
  // The mailbox is busy with the job above, so that nobody waits here for this one.
  expect(await again).toEqual({ kind: 'done' });
  await world.rows('update skein.jobs set done_at = now() where seq = 1');
  await world.work();
  expect(world.told).toEqual([
    'I could not ask your question in <#C1>: I am not in that channel, or may not write there. These were your words:\n>why?',
  ]);
  expect(await world.pending()).toEqual([]);
});

it('a question that failed too often is told and goes; one that was lost is purged', async () => {
  const world = await setUp([]);
  const asked = world.ask(QUESTION);
  await expect.poll(() => world.begun.length).toBe(1);
  const { job, lease } = await world.begin();
  await world.clock.advance(10_000);
  expect(await asked).toEqual({ kind: 'done' });
  await world.handlers.giveUp(job, lease, new Error('failed'));
  expect(world.told).toEqual([expect.stringContaining('Please look whether it is there, then ask again.')]);
  expect(await world.pending()).toEqual([]);

  await world.ask({ ...QUESTION, cause: 'form:V2' });
  await purgePending(world.database.query, 1);
  expect(await world.pending()).toHaveLength(1);
  await world.rows(`update skein.pending_questions set at = now() - interval '2 days'`);
  await purgePending(world.database.query, 1);
  expect(await world.pending()).toEqual([]);
});

it('a lease that was lost posts nothing', async () => {
  const world = await setUp([]);
  void world.ask(QUESTION);
  await expect.poll(() => world.begun.length).toBe(1);
  const { job, lease } = await world.begin();
  await releaseLease(world.database.query, lease.token);
  await expect(world.handlers.handle(job, lease)).rejects.toThrow();
  expect(world.posts()).toBe(0);
});
