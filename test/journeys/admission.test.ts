import { expect, it } from 'vitest';
import { channel, northwind } from '../../playground/slack/seed.ts';
import {
  ana,
  ben,
  dictation,
  everythingDelivered,
  finishedReply,
  general,
  query,
  startWorld,
  turnsOf,
  type World,
} from './world.ts';

const group = 'G0TRIO';
const withGroup = {
  ...northwind,
  channels: [...northwind.channels, channel(group, 'mpdm-trio', 'mpim', [ana, ben, northwind.app.user])],
};

it('a mention that is delivered as two events, three times each, is one question', async () => {
  const world = await startWorld({ script: () => ({ text: 'Once.' }) });
  world.slack.disturb({ times: 2, copies: 3 });
  const { ts } = world.slack.say(ana, general, '@skein how often?');
  await finishedReply(world, general, ts);
  await everythingDelivered(world);
  await answered(world, 'another question');

  expect(world.slack.thread(general, ts)).toHaveLength(2);
  expect(world.model.calls()).toHaveLength(2);
});

it('a redelivery hours later, after the answer, is still the same question', async () => {
  const world = await startWorld({ script: () => ({ text: 'Once.' }) });
  const { ts } = world.slack.say(ana, general, '@skein how often?');
  await finishedReply(world, general, ts);
  const late = world.slack
    .deliveries()
    .find(({ payload }) => JSON.stringify(payload).includes('app_mention'));
  world.slack.sendEnvelope({
    envelope_id: 'late',
    type: 'events_api',
    retry_attempt: 3,
    retry_reason: 'timeout',
    payload: late?.payload,
  });
  await answered(world, 'another question');

  expect(world.slack.thread(general, ts)).toHaveLength(2);
});

it('in a group DM a mention is answered and anything else is left alone', async () => {
  const world = await startWorld({ slack: { seed: withGroup }, script: () => ({ text: 'Group answer.' }) });
  const { ts: quiet } = world.slack.say(ana, group, 'just the three of us');
  const { ts } = world.slack.say(ben, group, '@skein are you here too?');
  await finishedReply(world, group, ts);

  expect(world.slack.thread(group, quiet)).toHaveLength(1);
});

it('direct messages of the legacy assistant pane are answered in the pane’s thread', async () => {
  const world = await startWorld({
    slack: { directMessages: 'assistant_view' },
    script: () => ({ text: 'In the pane.' }),
  });
  world.slack.dm(ana, 'hello');
  const reply = await world.slack.waitForMessage(
    (message) => message.user === world.slack.botUser && message.visible.includes('In the pane.'),
  );
  expect(reply.threadTs).not.toBeNull();
});

it('while one person writes in its thread the bot answers without a mention, and stops when a second one joins', async () => {
  const world = await startWorld({ script: (question) => ({ text: `Re: ${question}` }) });
  const { ts } = world.slack.say(ana, general, '@skein let us talk');
  await finishedReply(world, general, ts);
  world.slack.say(ana, general, 'and another thing', { threadTs: ts });
  await finishedReply(world, general, ts, 2);
  world.slack.say(ben, general, 'may I?', { threadTs: ts });
  await everythingDelivered(world);
  world.slack.say(ana, general, 'sure, Ben', { threadTs: ts });
  await everythingDelivered(world);
  world.slack.say(ana, general, '@skein what did Ben say?', { threadTs: ts });
  await finishedReply(world, general, ts, 3);

  expect(world.model.calls()).toHaveLength(3);
  expect(turnsOf(world.model.calls()[2]?.body).slice(-3)).toEqual([
    'user: [Ben Okafor]: may I?',
    'user: [Ana Ruiz]: sure, Ben',
    'user: [Ana Ruiz]: what did Ben say?',
  ]);
});

it.each([
  ['mention', 1],
  ['always', 2],
] as const)('with follow_ups %s a second person’s message makes %i answer(s)', async (followUps, answers) => {
  const world = await startWorld({
    env: { DEFAULT_FOLLOW_UPS: followUps },
    script: () => ({ text: 'Yes.' }),
  });
  const { ts } = world.slack.say(ana, general, '@skein hello');
  await finishedReply(world, general, ts);
  world.slack.say(ben, general, 'hello too', { threadTs: ts });
  await everythingDelivered(world);
  if (answers === 2) await finishedReply(world, general, ts, 2);
  await answered(world, 'something else');
  expect(
    world.slack.thread(general, ts).filter((message) => message.user === world.slack.botUser),
  ).toHaveLength(answers);
});

it('a mention without a question gets a friendly hint and costs nothing', async () => {
  const world = await startWorld({ script: () => ({ text: 'never' }) });
  const { ts } = world.slack.say(ana, general, '@skein');
  const reply = await finishedReply(world, general, ts);
  expect(reply.visible).toContain('Ask me anything');
  expect(world.model.calls()).toHaveLength(0);
});

it('editing a question afterwards changes what the next answer knows, and asks nothing', async () => {
  const world = await startWorld({ script: () => ({ text: 'Noted.' }) });
  const { ts } = world.slack.say(ana, general, '@skein I live in Porto');
  await finishedReply(world, general, ts);
  world.slack.people.edit(ana, general, ts, '@skein I live in Lisbon');
  await everythingDelivered(world);
  world.slack.say(ana, general, '@skein where do I live?', { threadTs: ts });
  await finishedReply(world, general, ts, 2);

  expect(world.model.calls()).toHaveLength(2);
  expect(turnsOf(world.model.calls()[1]?.body)[0]).toBe('user: [Ana Ruiz]: I live in Lisbon');
});

it('an edit that adds the first mention asks', async () => {
  const world = await startWorld({ script: () => ({ text: 'Now I see it.' }) });
  const { ts } = world.slack.say(ana, general, 'where is the report?');
  world.slack.people.edit(ana, general, ts, '@skein where is the report?');
  const reply = await finishedReply(world, general, ts);
  expect(reply.visible).toContain('Now I see it.');
  await everythingDelivered(world);
  expect(world.slack.thread(general, ts)).toHaveLength(2);
});

it('a deleted message is gone from what the model is given', async () => {
  const world = await startWorld({ script: () => ({ text: 'Done.' }) });
  const { ts } = world.slack.say(ana, general, '@skein hello');
  await finishedReply(world, general, ts);
  const { ts: secret } = world.slack.say(ana, general, '@skein my password is hunter2', { threadTs: ts });
  await finishedReply(world, general, ts, 2);
  world.slack.people.remove(ana, general, secret);
  await everythingDelivered(world);
  world.slack.say(ana, general, '@skein what do you know?', { threadTs: ts });
  await finishedReply(world, general, ts, 3);

  expect(world.model.calls()[2]?.rawBody).not.toContain('hunter2');
  const kept = await query<{ count: string }>(
    world,
    "select count(*) from skein.messages where raw like '%hunter2%' or text like '%hunter2%'",
  );
  expect(kept[0]?.count).toBe('0');
});

it('other bots, the bot itself, hidden, system and USLACK messages are not answered', async () => {
  const world = await startWorld({ script: () => ({ text: 'Only this.' }) });
  const text = `<@${world.slack.botUser}> answer me`;
  const base = { type: 'message', channel: general, channel_type: 'channel', text, team: world.slack.team };
  const at = (n: number) => ({ ts: `1700000000.00000${n}`, event_ts: `1700000000.00000${n}` });
  world.slack.emit({ ...base, ...at(1), bot_id: 'B0OTHER', user: 'U0OTHERBOT' });
  world.slack.emit({ ...base, ...at(2), bot_id: 'B0OTHER', subtype: 'bot_message' });
  world.slack.emit({ ...base, ...at(3), user: world.slack.botUser, bot_id: world.slack.botId });
  world.slack.emit({ ...base, ...at(4), user: ana, hidden: true });
  world.slack.emit({ ...base, ...at(5), user: ana, subtype: 'channel_topic' });
  world.slack.emit({ ...base, ...at(6), user: 'USLACK' });
  world.slack.emit({ ...base, ...at(7) });
  world.slack.emit({ ...base, ...at(8), type: 'app_mention', user: undefined });
  await answered(world, 'the only question');

  expect(world.model.calls()).toHaveLength(1);
  await expect.poll(() => world.slack.calls('chat.postMessage')).toHaveLength(1);
});

it('questions of one thread are answered in order and one at a time, other threads are not held up', async () => {
  const slow = dictation();
  const world = await startWorld({
    script: (question) =>
      question.includes('slow') ? { text: slow.text } : { text: `Answer to ${question}` },
  });
  const { ts } = world.slack.say(ana, general, '@skein slow one');
  await world.model.waitForCall();
  world.slack.say(ana, general, '@skein second', { threadTs: ts });
  world.slack.say(ana, general, '@skein third', { threadTs: ts });
  await everythingDelivered(world);
  await answered(world, 'from elsewhere');
  expect(world.model.calls().map((call) => turnsOf(call.body).at(-1))).toEqual([
    'user: [Ana Ruiz]: slow one',
    'user: [Ana Ruiz]: from elsewhere',
  ]);
  slow.say('Finally.');
  slow.end();
  await finishedReply(world, general, ts, 3);

  const order = world.slack.thread(general, ts).filter((message) => message.user === world.slack.botUser);
  expect(order.map((message) => message.visible.trim())).toEqual([
    'Finally.',
    expect.stringContaining('second'),
    expect.stringContaining('third'),
  ]);
});

it.each([
  ['unknown event', { type: 'event_callback', event: { type: 'moon_landed' } }],
  ['event without an event', { type: 'event_callback', team_id: 'T1' }],
  [
    'rate limit notice',
    { type: 'app_rate_limited', team_id: 'T0NORTHWIND', minute_rate_limited: 1, api_app_id: 'A' },
  ],
  ['list', [1, 2, 3]],
  ['null', null],
  [
    'giant message',
    {
      type: 'event_callback',
      team_id: 'T0NORTHWIND',
      event: { type: 'message', channel: general, user: ana, ts: '1.2', text: 'x'.repeat(500_000) },
    },
  ],
])(
  'a malformed or strange payload (%s) does no harm: the next question is answered',
  async (_name, payload) => {
    const world = await startWorld({ script: () => ({ text: 'Still here.' }) });
    world.slack.sendEnvelope({ envelope_id: 'odd', type: 'events_api', payload });
    await answered(world, 'are you still there?');
  },
);

async function answered(world: World, question: string): Promise<void> {
  const { ts } = world.slack.say(ana, 'C0ENGINEERING', `@skein ${question}`);
  await finishedReply(world, 'C0ENGINEERING', ts);
}
