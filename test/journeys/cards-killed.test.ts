import { fileURLToPath } from 'node:url';
import { expect, it, test } from 'vitest';
import {
  answered,
  call,
  callsAre,
  cardWith,
  inThread,
  press,
  rests,
  rounds,
  says,
  startCards,
} from './cards.ts';
import type { Carrier } from './carriers.ts';
import { environment, run } from './program.ts';
import { ana, general, query, type World } from './world.ts';

const PROGRAM = fileURLToPath(new URL('cards-process.ts', import.meta.url));
const CREATE = rounds([call('toolu_1', 'create', { title: 'Fire' })], [{ text: 'It is over.' }]);

/** A world whose own bot takes presses; `start` begins a process that answers, to be killed. */
async function startKilling(mode: Carrier = 'socket') {
  const { world, server } = await startCards({ mode, script: CREATE, env: { ROLE: 'receive' } });
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

const cardsIn = (world: World, ts: string) =>
  world.slack.thread(general, ts).filter(({ visible }) => visible.includes('Create a ticket'));

it('kill -9 while a call waits: the next process goes on when the card is pressed, and runs the tool once', async () => {
  const { world, server, start } = await startKilling();
  const kill = start();
  const { ts } = world.slack.say(ana, general, '@skein file a ticket');
  const card = await cardWith(world, 'approve', inThread(ts));
  await rests(world);
  await kill();
  await press(world, ana, card, 'approve');
  await callsAre(world, ['approved']);
  start();
  await answered(world, ts, 'It is over.');
  await says(world, card, 'done');
  expect(server.calls).toHaveLength(1);
  expect(cardsIn(world, ts)).toHaveLength(1);
  expect(world.model.calls()).toHaveLength(2);
}, 120_000);

test.each(['socket', 'http'] as const)(
  'kill -9 at the press: what was decided holds, and the tool runs once at most (%s)',
  async (mode) => {
    const { world, server, start } = await startKilling(mode);
    const kill = start();
    const { ts } = world.slack.say(ana, general, '@skein file a ticket');
    const card = await cardWith(world, 'approve', inThread(ts));
    await rests(world);
    await Promise.all([press(world, ana, card, 'approve'), kill()]);
    start();
    await answered(world, ts, 'It is over.');
    const [row] = await query<{ state: string; decided_by: string }>(
      world,
      'select state, decided_by from skein.tool_calls',
    );
    // It may have been killed while the call was under way: then nobody knows.
    expect(['done', 'unknown']).toContain(row?.state);
    expect(row?.decided_by).toBe(ana);
    expect(server.calls.length).toBeLessThanOrEqual(1);
    await says(world, card, row?.state === 'done' ? 'done' : 'not known');
    expect(cardsIn(world, ts)).toHaveLength(1);
  },
  120_000,
);

it('kill -9 when the card was posted and not yet noted: the next process finds it and posts no other', async () => {
  const { world, server, start } = await startKilling();
  const kill = start();
  const { ts } = world.slack.say(ana, general, '@skein file a ticket');
  const card = await cardWith(world, 'approve', inThread(ts));
  await rests(world);
  await kill();
  await query(world, 'update skein.tool_calls set card_ts = null, card_shown = null');
  await query(world, `update skein.mailboxes set next_at = now() where pending > 0`);
  start();
  const noted = () => query<{ card_ts: string }>(world, 'select card_ts from skein.tool_calls');
  await expect.poll(async () => (await noted())[0]?.card_ts, { timeout: 40_000 }).toBe(card.ts);
  await rests(world);
  expect(cardsIn(world, ts)).toHaveLength(1);
  await press(world, ana, card, 'deny');
  await answered(world, ts, 'It is over.');
  expect(server.calls).toEqual([]);
}, 120_000);
