import { expect, test } from 'vitest';
import type { Fault } from '../../playground/slack/faults.ts';
import { CALL_LINES } from '../../src/words/tools-cards.ts';
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
import { it, overBoth } from './carriers.ts';
import { ana, general, query, settled, type World } from './world.ts';

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

test.each<[string, Fault]>([
  ['posted, but the answer was cut', { kind: 'drop', when: 'after' }],
  ['not posted, because the connection was cut', { kind: 'drop', when: 'before' }],
  ['posted, but Slack answered with 500', { kind: 'status', status: 500, when: 'after' }],
  ['held back by a limit', { kind: 'rate_limited', retryAfterSeconds: 1 }],
])('a card that was %s stands once', (_what, fault) =>
  overBoth(async (mode) => {
    const { world, server } = await startCards({ mode, script: CREATE });
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
  }),
);

it('a card whose form Slack refuses comes in plain blocks', async (mode) => {
  const { world } = await startCards({ mode, script: CREATE });
  failing(world, 'chat.postMessage', { kind: 'error', error: 'invalid_blocks' });
  const { ts } = world.slack.say(ana, general, '@skein file a ticket');
  const card = await cardWith(world, 'deny', inThread(ts));
  expect(JSON.stringify(card.blocks)).not.toContain('rich_text');
  expect(card.visible).toContain('title: Fire');
  await press(world, ana, card, 'deny');
  await answered(world, ts, 'It is over.');
});

test.each(['is_archived', 'not_in_channel', 'restricted_action'])(
  'where Slack says %s nobody can be asked, and nothing is done',
  (error) =>
    overBoth(async (mode) => {
      const { world, server } = await startCards({ mode, script: CREATE });
      failing(world, 'chat.postMessage', { kind: 'error', error }, Number.POSITIVE_INFINITY);
      const { ts } = world.slack.say(ana, general, '@skein file a ticket');
      await answered(world, ts, 'It is over.');
      await callsAre(world, ['denied']);
      expect(lastGiven(world)).toContain('Nobody could be asked');
      expect(server.calls).toEqual([]);
      expect(cardsIn(world, ts)).toEqual([]);
    }),
);

it('where we were taken out of the channel while a card waits, a press runs nothing, and is told why', async (mode) => {
  const { world, server } = await startCards({ mode, script: CREATE });
  const { ts } = world.slack.say(ana, general, '@skein file a ticket');
  const card = await cardWith(world, 'approve', inThread(ts));
  await rests(world);
  world.slack.people.kick(world.slack.botUser, general);
  await press(world, ana, card, 'always');
  await callsAre(world, ['expired']);
  const told = await world.slack.waitForMessage(({ visible }) => visible.includes(CALL_LINES.weLeft));
  expect(told.channel).toBe('D0ANA');
  await settled(world);
  expect(server.calls).toEqual([]);
  expect(await query(world, 'select 1 from skein.tool_grants')).toEqual([]);
  // Who asks again once we are back is asked again.
  world.slack.people.invite(world.slack.botUser, general);
  world.slack.say(ana, general, '@skein file another', { threadTs: ts });
  const next = await cardWith(world, 'approve', (message) => inThread(ts)(message) && message.ts !== card.ts);
  await press(world, ana, next, 'approve');
  await answered(world, ts, 'It is over.');
  expect(server.calls).toHaveLength(1);
});

it('a card that could not be drawn at the end is drawn by the task that looks after calls', async (mode) => {
  const { world } = await startCards({ mode, script: CREATE });
  const { ts } = world.slack.say(ana, general, '@skein file a ticket');
  const card = await cardWith(world, 'deny', inThread(ts));
  await rests(world);
  await press(world, ana, card, 'deny');
  await answered(world, ts, 'It is over.');
  await says(world, card, 'denied by');
  const over = () => query(world, `select 1 from skein.replies where state = 'shown'`);
  await expect.poll(async () => (await over()).length, { timeout: 20_000 }).toBe(1);
  await query(world, `update skein.tool_calls set card_shown = 'proposed'`);
  // It runs each minute by itself.
  await query(world, `select graphile_worker.add_job('sweep_calls', job_key := 'sweep_calls')`);
  const drawn = () => query<{ shown: string }>(world, 'select card_shown as shown from skein.tool_calls');
  await expect.poll(async () => (await drawn())[0]?.shown, { timeout: 90_000, interval: 500 }).toBe('denied');
}, 120_000);
