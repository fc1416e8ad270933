import { expect, it } from 'vitest';
import { type Parts, readiness } from '../../../src/operations/readiness.ts';

const healthy: Parts = {
  receives: true,
  works: true,
  stopping: () => false,
  database: async () => 'ok',
  migrated: () => true,
  tokenRefused: () => null,
  identified: () => true,
  connected: () => true,
  workerAlive: () => true,
  model: async () => null,
};
const look = async (change: Partial<Parts>) => {
  const checks = readiness({ ...healthy, ...change });
  const told = await Promise.all(checks.map(async ({ name, problem }) => [name, await problem()] as const));
  const problems = Object.fromEntries(told.filter(([, problem]) => problem !== null));
  return { ready: !checks.some(({ name, needed }) => needed && name in problems), problems };
};

it.each<[string, Partial<Parts>, boolean, Record<string, string>]>([
  [
    'a model that refuses the key',
    { model: async () => 'MODEL_KEY_REJECTED' },
    true,
    { model: 'MODEL_KEY_REJECTED' },
  ],
  ['a worker without its connection', { workerAlive: () => false }, true, { jobs: 'DATABASE_UNREACHABLE' }],
  [
    'a database that is away',
    { database: async () => 'DATABASE_UNREACHABLE' },
    false,
    { database: 'DATABASE_UNREACHABLE' },
  ],
  ['a database that is being migrated', { migrated: () => false }, false, { database: 'starting' }],
  ['a socket that is not open', { connected: () => false }, false, { slack: 'SLACK_UNREACHABLE' }],
  [
    'a token that nobody could look at yet',
    { identified: () => false },
    false,
    { slack: 'SLACK_UNREACHABLE' },
  ],
  ['a dead token', { tokenRefused: () => 'token_revoked' }, false, { slack: 'SLACK_AUTH_FAILED' }],
  ['a stop', { stopping: () => true }, false, { slack: 'stopping' }],
])(
  '%s: whether deliveries can be taken and kept decides, and all is told',
  async (_what, change, ready, problems) => {
    expect(await look(change)).toEqual({ ready, problems });
  },
);

it('a process that only works is ready with its database and its worker, whatever Slack does', async () => {
  expect(await look({ receives: false, identified: () => false })).toMatchObject({ ready: true });
  expect(await look({ receives: false, workerAlive: () => false })).toMatchObject({ ready: false });
});

it('a process that only receives says nothing of a model and of a worker that it does not have', async () => {
  expect(readiness({ ...healthy, works: false }).map(({ name }) => name)).toEqual(['database', 'slack']);
});
