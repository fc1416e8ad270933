import { fileURLToPath } from 'node:url';
import { expect, it, test } from 'vitest';
import type { ScriptedAnswer, ScriptedPart } from '../../playground/model/types.ts';
import type { Carrier } from './carriers.ts';
import { environment, run } from './program.ts';
import { startCalmWorld } from './slash.ts';
import { given, startToolServer } from './tool-server.ts';
import { ana, ben, finishedReply, general, query, set, type World } from './world.ts';

const PROGRAM = fileURLToPath(new URL('tools-process.ts', import.meta.url));

type Script = readonly (readonly ScriptedPart[])[];

const call = (id: string, name: string, input: unknown = {}): ScriptedPart => ({
  call: { type: 'tool_use', id, name: `tracker_${name}`, input },
});

/** A world that only receives, with a server of tools; `start` begins a process that answers, to be killed. */
async function startKilling(
  script: Script,
  answer?: (at: number) => Partial<ScriptedAnswer>,
  mode: Carrier = 'socket',
) {
  const server = await startToolServer();
  const world = await startCalmWorld({
    mode,
    env: { ROLE: 'receive' },
    script: (_question, { body }) => {
      const messages = body['messages'] as readonly { content: readonly { type: string }[] }[];
      const at = messages.filter(({ content }) => content.some(({ type }) => type === 'tool_result')).length;
      return { text: '', parts: script[Math.min(at, script.length - 1)] ?? [], ...answer?.(at) };
    },
  });
  await set(world, ['workspace', world.slack.team], ['tools', 'tracker'], ben);
  const env = { ...environment(world), ROLE: 'work', TOOLS_URL: server.url, DEFAULT_FOOTER: 'off' };
  const start = () => {
    const { child, exit } = run(env, PROGRAM);
    return async () => {
      child.kill('SIGKILL');
      await exit;
    };
  };
  return { world, server, start };
}

const until = (world: World, statement: string, count = 1) =>
  expect
    .poll(async () => (await query(world, statement)).length, { timeout: 40_000, interval: 30 })
    .toBe(count);

const stateIs = (world: World, state: string) =>
  until(world, `select 1 from skein.tool_calls where state = '${state}'`);

const lastResult = (world: World) => {
  const body = world.model.calls().at(-1)?.body as unknown as {
    messages: readonly { content: readonly { type: string; content?: unknown }[] }[];
  };
  return JSON.stringify(body.messages.at(-1)?.content);
};

async function approve(world: World): Promise<void> {
  await query(
    world,
    `update skein.tool_calls set state = 'approved', decided_by = '${ana}' where state = 'proposed'`,
  );
  await query(
    world,
    `update skein.mailboxes set woken = lease_owner is not null,
       next_at = case when lease_owner is null then clock_timestamp() end where pending > 0`,
  );
}

const CREATE: Script = [
  [{ text: 'I create it.' }, call('toolu_1', 'create', { title: 'Fire' })],
  [{ text: 'It is over.' }],
];
const FIND: Script = [
  [{ text: 'I look.' }, call('toolu_1', 'find', { id: 7 })],
  [{ text: 'Ticket 7 is open, and somebody looks at it.' }],
];

test.each(['socket', 'http'] as const)(
  'killed while a person is waited for: the next process makes the call once it is approved, and asks nothing twice (%s)',
  async (mode) => {
    const { world, server, start } = await startKilling(CREATE, undefined, mode);
    const kill = start();
    const { ts } = world.slack.say(ana, general, '@skein file a ticket');
    await until(
      world,
      `select 1 from skein.mailboxes where lease_owner is null and pending > 0 and next_at > now()`,
    );
    await kill();
    start();
    await approve(world);
    expect((await finishedReply(world, general, ts)).visible).toContain('It is over.');
    expect(server.calls).toHaveLength(1);
    expect(world.model.calls()).toHaveLength(2);
    expect(await query(world, 'select 1 from skein.usage')).toHaveLength(2);
  },
  90_000,
);

it('killed while a call that may change something is under way: it is never made again, and the model is told that nobody knows', async () => {
  const { world, server, start } = await startKilling(CREATE);
  server.on('create', () => new Promise(() => {}));
  const kill = start();
  const { ts } = world.slack.say(ana, general, '@skein file a ticket');
  await stateIs(world, 'proposed');
  await approve(world);
  await expect.poll(() => server.calls.length, { timeout: 40_000 }).toBe(1);
  await kill();
  start();
  expect((await finishedReply(world, general, ts)).visible).toContain('It is over.');
  expect(server.calls).toHaveLength(1);
  await stateIs(world, 'unknown');
  expect(lastResult(world)).toContain('not known whether this happened');
  expect(world.model.calls()).toHaveLength(2);
}, 90_000);

it('killed while a call that only reads is under way: it is made again, and no model is asked for that', async () => {
  const { world, server, start } = await startKilling(FIND);
  server.on('find', () => (server.calls.length === 1 ? new Promise(() => {}) : given('it is open')));
  const kill = start();
  const { ts } = world.slack.say(ana, general, '@skein what is with ticket 7?');
  await expect.poll(() => server.calls.length, { timeout: 40_000 }).toBe(1);
  await kill();
  start();
  expect((await finishedReply(world, general, ts)).visible).toContain('Ticket 7 is open');
  expect(server.calls).toHaveLength(2);
  await stateIs(world, 'done');
  expect(world.model.calls()).toHaveLength(2);
}, 90_000);

it('killed between the result and the next round: what the call gave is sent, and the call is not made again', async () => {
  const { world, server, start } = await startKilling(CREATE, (at) =>
    at === 1 && world.model.calls().length === 2 ? { fault: { kind: 'hang' } } : {},
  );
  server.on('create', () => given('ticket 8'));
  const kill = start();
  const { ts } = world.slack.say(ana, general, '@skein file a ticket');
  await stateIs(world, 'proposed');
  await approve(world);
  await world.model.waitForCall(({ id }) => id === 2, 40_000);
  await kill();
  start();
  expect((await finishedReply(world, general, ts)).visible).toContain('It is over.');
  expect(server.calls).toHaveLength(1);
  expect(lastResult(world)).toContain('ticket 8');
}, 90_000);

it('killed in the words behind a result: they go on where they were, and nothing is called again', async () => {
  const { world, server, start } = await startKilling(FIND, (at) =>
    at === 1 && world.model.calls().length === 2 ? { fault: { kind: 'stall', afterTokens: 4 } } : {},
  );
  const kill = start();
  const { ts } = world.slack.say(ana, general, '@skein what is with ticket 7?');
  await world.slack.waitForMessage(
    ({ threadTs, visible }) => threadTs === ts && visible.includes('Ticket 7'),
    { timeoutMs: 40_000 },
  );
  await kill();
  start();
  const { visible } = await finishedReply(world, general, ts);
  expect(visible).toContain('Ticket 7 is open, and somebody looks at it.');
  expect(visible.match(/Ticket 7/g)).toHaveLength(1);
  expect(visible).not.toContain('I look.Ticket');
  expect(server.calls).toHaveLength(1);
}, 90_000);
