import { expect, it } from 'vitest';
import type { Fault } from '../../playground/slack/faults.ts';
import {
  answered,
  call,
  callsAre,
  cardWith,
  inThread,
  lastGiven,
  press,
  rests,
  rounds,
  says,
  startCards,
} from './cards.ts';
import { ana, general, query, type World } from './world.ts';

const CREATE = rounds([call('toolu_1', 'create', { title: 'Fire' })], [{ text: 'It is over.' }]);

/** A fault that only cards meet. */
const failing = (world: World, method: string, fault: Fault, times = 1) =>
  world.slack.faults.add({
    method,
    times,
    fault,
    matches: (args) => JSON.stringify(args).includes('reply_call_approve'),
  });

const cardsIn = (world: World, ts: string) =>
  world.slack.thread(general, ts).filter(({ visible }) => visible.includes('Create a ticket'));

it.each<[string, Fault]>([
  ['posted, but the answer was cut', { kind: 'drop', when: 'after' }],
  ['not posted, because the connection was cut', { kind: 'drop', when: 'before' }],
  ['posted, but Slack answered with 500', { kind: 'status', status: 500, when: 'after' }],
  ['held back by a limit', { kind: 'rate_limited', retryAfterSeconds: 1 }],
])('a card that was %s stands once', async (_what, fault) => {
  const { world, server } = await startCards({ script: CREATE });
  failing(world, 'chat.postMessage', fault);
  const { ts } = world.slack.say(ana, general, '@skein file a ticket');
  const card = await cardWith(world, 'approve', inThread(ts));
  await rests(world);
  expect(cardsIn(world, ts)).toHaveLength(1);
  await press(world, ana, card, 'approve');
  await answered(world, ts, 'It is over.');
  await says(world, card, 'done');
  expect(cardsIn(world, ts)).toHaveLength(1);
  expect(server.calls).toHaveLength(1);
});

it('a card whose form Slack refuses comes in plain blocks', async () => {
  const { world } = await startCards({ script: CREATE });
  failing(world, 'chat.postMessage', { kind: 'error', error: 'invalid_blocks' });
  const { ts } = world.slack.say(ana, general, '@skein file a ticket');
  const card = await cardWith(world, 'deny', inThread(ts));
  expect(JSON.stringify(card.blocks)).not.toContain('rich_text');
  expect(card.visible).toContain('title: Fire');
  await press(world, ana, card, 'deny');
  await answered(world, ts, 'It is over.');
});

it.each(['is_archived', 'not_in_channel', 'restricted_action'])(
  'where Slack says %s nobody can be asked, and nothing is done',
  async (error) => {
    const { world, server } = await startCards({ script: CREATE });
    failing(world, 'chat.postMessage', { kind: 'error', error }, Number.POSITIVE_INFINITY);
    const { ts } = world.slack.say(ana, general, '@skein file a ticket');
    await answered(world, ts, 'It is over.');
    await callsAre(world, ['denied']);
    expect(lastGiven(world)).toContain('Nobody could be asked');
    expect(server.calls).toEqual([]);
    expect(cardsIn(world, ts)).toEqual([]);
  },
);

it('a card that could not be drawn at the end is drawn by the task that looks after calls', async () => {
  const { world } = await startCards({ script: CREATE });
  const { ts } = world.slack.say(ana, general, '@skein file a ticket');
  const card = await cardWith(world, 'deny', inThread(ts));
  await rests(world);
  await press(world, ana, card, 'deny');
  await answered(world, ts, 'It is over.');
  await says(world, card, 'denied by');
  const over = () => query(world, `select 1 from skein.replies where state = 'shown'`);
  await expect.poll(async () => (await over()).length, { timeout: 20_000 }).toBe(1);
  await query(world, `update skein.tool_calls set card_shown = 'proposed'`);
  const drawn = () => query<{ shown: string }>(world, 'select card_shown as shown from skein.tool_calls');
  // The task runs each minute.
  await expect.poll(async () => (await drawn())[0]?.shown, { timeout: 90_000, interval: 500 }).toBe('denied');
}, 120_000);
