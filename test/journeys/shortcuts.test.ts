import { expect, it } from 'vitest';
import { channel, northwind } from '../../playground/slack/seed.ts';
import { startPressing } from './pressing.ts';
import { textOf } from './views.ts';
import { ana, ben, dictation, finishedReply, general, query, set, turnsOf, type World } from './world.ts';

const lab = 'C0LAB';
const secret = 'C0SECRET';
const seed = {
  ...northwind,
  channels: [
    ...northwind.channels,
    channel(lab, 'lab', 'public', [ana, ben]),
    channel(secret, 'secret', 'private', [ben, northwind.app.user]),
  ],
};

const form = (world: World, user: string) =>
  world.slack.waitForView((view) => view.open && view.user === user && view.kind === 'modal');

const options = { slack: { seed }, script: () => ({ text: 'An answer.' }) };
const toMe = { to: { pick: { type: 'radio_buttons', selected_option: { value: 'me' } } } };
const inChannel = (id: string) => ({
  channel: { pick: { type: 'conversations_select', selected_conversation: id } },
});
const summarise = { ready: { pick: { type: 'static_select', selected_option: { value: 'summarise' } } } };

/** A thread of people, without us. */
function talk(world: World) {
  const { ts } = world.slack.say(ana, general, 'the deploy is broken');
  const answer = world.slack.say(ben, general, 'since noon, <tell> nobody', { threadTs: ts });
  return { ts, answer: answer.ts };
}

it.each(['socket', 'http'] as const)(
  'over %s a question about a message is asked and answered in its thread',
  async (mode) => {
    const world = await startPressing({ ...options, mode });
    const { ts, answer } = talk(world);
    await world.slack.interactions.shortcut(ana, 'ask_about_message', { channel: general, ts: answer });
    const view = await form(world, ana);
    expect(textOf(view)).toContain('Ready question');
    const { errors } = await world.slack.interactions.submitView(ana, view.id, {
      question: { text: 'Whose fault, <!channel>?' },
    });
    expect(errors).toEqual({});
    const asked = await world.slack.waitForMessage(({ visible }) => visible.includes('asks about'));
    expect(asked.threadTs).toBe(ts);
    expect(asked.text).toContain(`<@${ana}>`);
    expect(asked.text).toContain('&lt;!channel&gt;');
    const reply = await world.slack.waitForMessage(({ visible }) => visible.includes('An answer.'));
    expect(reply.threadTs).toBe(ts);
    const turns = turnsOf(world.model.calls()[0]?.body);
    expect(turns[0]).toContain('the deploy is broken');
    expect(turns[1]).toContain('since noon');
    expect(turns[2]).toContain('[Ana Ruiz]: Whose fault');
    expect(turns[2]).toContain('The message that I ask about');
    // Ana asked, so hers is the answer to delete.
    await world.slack.waitForMessage(
      ({ ts: at, blocks }) =>
        at === reply.ts && JSON.stringify(blocks).includes(`"visible_to_user_ids":["${ana}"]`),
    );
  },
);

it('an answer only to me comes in a direct message, with the thread known, and nothing in the channel', async () => {
  const world = await startPressing(options);
  const { ts } = talk(world);
  await world.slack.interactions.shortcut(ana, 'ask_about_message', { channel: general, ts });
  const view = await form(world, ana);
  await world.slack.interactions.submitView(ana, view.id, { ...summarise, ...toMe });
  const reply = await world.slack.waitForMessage(({ visible }) => visible.includes('An answer.'));
  expect(world.slack.workspace.channels.get(reply.channel)?.kind).toBe('im');
  expect(world.slack.thread(general, ts)).toHaveLength(2);
  const [turn] = turnsOf(world.model.calls()[0]?.body);
  expect(turn).toContain('Summarise this thread');
  expect(turn).toContain('[Ben Okafor]: since noon');
});

it('the global shortcut asks in a channel that was picked, or in the direct message', async () => {
  const world = await startPressing(options);
  await world.slack.interactions.shortcut(ana, 'ask_skein');
  const first = await form(world, ana);
  await world.slack.interactions.submitView(ana, first.id, {
    question: { text: 'What is new?' },
    channel: { pick: { type: 'conversations_select', selected_conversation: general } },
  });
  const root = await world.slack.waitForMessage(({ visible }) => visible.includes('asks:'));
  expect(root.channel).toBe(general);
  await finishedReply(world, general, root.ts);

  await world.slack.interactions.shortcut(ana, 'ask_skein');
  const second = await world.slack.waitForView(
    (view) => view.open && view.user === ana && view.id !== first.id,
  );
  await world.slack.interactions.submitView(ana, second.id, { question: { text: 'And for me?' } });
  const mine = await world.slack.waitForMessage(({ visible }) => visible.includes('You asked:'));
  expect(world.slack.workspace.channels.get(mine.channel)?.kind).toBe('im');
  await finishedReply(world, mine.channel, mine.ts);
});

it('a form without a question, or for a channel that one may not ask in, says so at its field', async () => {
  const world = await startPressing(options);
  const { ts } = talk(world);
  await world.slack.interactions.shortcut(ana, 'ask_about_message', { channel: general, ts });
  const about = await form(world, ana);
  const empty = await world.slack.interactions.submitView(ana, about.id, {});
  expect(empty.errors).toEqual({ question: 'Please write a question, or pick a ready one.' });

  await world.slack.interactions.shortcut(ana, 'ask_skein');
  const anywhere = await world.slack.waitForView(
    (view) => view.open && view.user === ana && view.id !== about.id,
  );
  const foreign = await world.slack.interactions.submitView(ana, anywhere.id, {
    question: { text: 'What do they say?' },
    channel: { pick: { type: 'conversations_select', selected_conversation: secret } },
  });
  expect(foreign.errors).toEqual({ channel: 'You are not in that channel.' });
  expect(world.model.calls()).toHaveLength(0);
});

it('a message that is gone, a channel without us, and a place that was forged are not asked about', async () => {
  const world = await startPressing(options);
  const inLab = world.slack.say(ana, lab, 'nobody invited the bot');
  await world.slack.interactions.shortcut(ana, 'ask_about_message', { channel: lab, ts: inLab.ts });
  const unread = await form(world, ana);
  const first = await world.slack.interactions.submitView(ana, unread.id, summarise);
  expect(first.errors).toEqual({ question: 'I am not in that channel, or cannot read it. Invite me first.' });

  const { ts } = world.slack.say(ana, general, 'soon gone');
  await world.slack.interactions.shortcut(ana, 'ask_about_message', { channel: general, ts });
  const view = await world.slack.waitForView((one) => one.open && one.user === ana && one.id !== unread.id);
  world.slack.people.remove(ana, general, ts);
  const second = await world.slack.interactions.submitView(ana, view.id, summarise);
  expect(second.errors).toEqual({ question: 'That message is not there any more.' });

  const hidden = world.slack.say(ben, secret, 'the plan');
  const content = { ...view.content, private_metadata: `${secret}:${hidden.ts}` };
  world.slack.workspace.put({ table: 'view', key: view.id, value: { ...view, content } });
  const third = await world.slack.interactions.submitView(ana, view.id, { ...summarise, ...toMe });
  expect(third.errors).toEqual({ question: 'You are not in that channel.' });
  expect(world.model.calls()).toHaveLength(0);
});

it.each([
  ['on a message', true],
  ['anywhere', false],
])('a shortcut %s whose trigger is too old ends in a private line', async (_where, onMessage) => {
  const world = await startPressing(options);
  const { ts } = talk(world);
  world.slack.faults.add({ method: 'views.open', fault: { kind: 'error', error: 'expired_trigger_id' } });
  if (onMessage) await world.slack.interactions.shortcut(ana, 'ask_about_message', { channel: general, ts });
  else await world.slack.interactions.shortcut(ana, 'ask_skein');
  const told = await world.slack.waitForMessage(({ visible }) =>
    visible.includes('no time to open the form'),
  );
  if (onMessage) expect(told.ephemeralFor).toBe(ana);
  else expect(world.slack.workspace.channels.get(told.channel)?.kind).toBe('im');
});

it('a question asked by a form can be stopped as any other', async () => {
  const words = dictation();
  const world = await startPressing({ ...options, script: () => ({ text: words.text }) });
  const { ts } = talk(world);
  await world.slack.interactions.shortcut(ana, 'ask_about_message', { channel: general, ts });
  const view = await form(world, ana);
  await world.slack.interactions.submitView(ana, view.id, summarise);
  await world.model.waitForCall();
  words.say('So far ');
  const begun = await world.slack.waitForMessage(({ visible }) => visible.includes('So far'));
  await world.slack.click(ana, { channel: general, ts: begun.ts, actionId: 'reply_stop' });
  await world.slack.waitForMessage(({ visible }) => visible.includes('Stopped by Ana Ruiz.'));
  expect(await query(world, 'select count(*)::int as replies from skein.replies')).toEqual([{ replies: 1 }]);
});

const dana = 'U0DANA';
const forms = async (
  world: World,
  user: string,
  callback = 'ask_skein',
  on?: { channel: string; ts: string },
) => {
  const before = new Set(world.slack.workspace.views.keys());
  await world.slack.interactions.shortcut(user, callback, on);
  return world.slack.waitForView((view) => view.open && view.user === user && !before.has(view.id));
};
const posted = (world: World) => world.slack.calls('chat.postMessage');

it('for somebody who may not ask nothing is posted, and the form stays open and says why', async () => {
  const world = await startPressing(options);
  const { ts } = world.slack.say(ana, general, 'the deploy is broken');
  const ask = { question: { text: 'Why?' } };
  const anywhere = await forms(world, dana);
  for (const [values, block] of [
    [{ ...ask, ...inChannel(general) }, 'channel'],
    [ask, 'question'],
  ] as const) {
    const { errors } = await world.slack.interactions.submitView(dana, anywhere.id, values);
    expect(errors).toEqual({ [block]: expect.stringContaining('I do not answer guests') });
  }
  const about = await forms(world, dana, 'ask_about_message', { channel: general, ts });
  for (const values of [ask, { ...ask, ...toMe }]) {
    const { errors } = await world.slack.interactions.submitView(dana, about.id, values);
    expect(errors).toEqual({ question: expect.stringContaining('I do not answer guests') });
  }
  expect(posted(world)).toEqual([]);

  await set(world, ['workspace', world.slack.team], ['access', 'members_and_guests']);
  await world.slack.interactions.submitView(dana, about.id, ask);
  await world.slack.waitForMessage(({ visible }) => visible.includes('An answer.'));
});

it('for a channel that we are not in the form stays open with what was typed', async () => {
  const world = await startPressing(options);
  const view = await forms(world, ana);
  const values = { question: { text: 'Anyone?' }, ...inChannel(lab) };
  const { errors } = await world.slack.interactions.submitView(ana, view.id, values);
  expect(errors).toEqual({ channel: 'I am not in that channel, or cannot read it. Invite me first.' });
  expect(posted(world)).toEqual([]);
  const invited = world.slack.workspace.channels.get(lab);
  if (invited === undefined) throw new Error('there is no lab');
  const members = [...invited.members, world.slack.botUser];
  world.slack.workspace.put({ table: 'channel', key: lab, value: { ...invited, members } });
  await world.slack.interactions.submitView(ana, view.id, values);
  await world.slack.waitForMessage(({ visible }) => visible.includes('An answer.'));
});

it('a message of the direct message with us is asked about, although Slack tells no members of one', async () => {
  const world = await startPressing(options);
  // As with the scopes of the manifest.
  world.slack.faults.add({
    method: 'conversations.members',
    times: Number.POSITIVE_INFINITY,
    fault: { kind: 'error', error: 'missing_scope' },
  });
  const { channel: direct, ts } = world.slack.dm(ana, 'something of mine');
  const view = await forms(world, ana, 'ask_about_message', { channel: direct, ts });
  const { errors } = await world.slack.interactions.submitView(ana, view.id, summarise);
  expect(errors).toEqual({});
  await world.slack.waitForMessage(
    ({ visible }) => visible.includes('You asked') || visible.includes('asks about'),
  );
});

it('while Slack does not say who is in a channel nobody reads that they are not', async () => {
  const world = await startPressing(options);
  const clear = ['users.conversations', 'conversations.members'].map((method) =>
    world.slack.faults.add({ method, times: 99, fault: { kind: 'rate_limited', retryAfterSeconds: 30 } }),
  );
  const view = await forms(world, ana);
  const values = { question: { text: 'Anyone?' }, ...inChannel(general) };
  const { errors } = await world.slack.interactions.submitView(ana, view.id, values);
  expect(errors).toEqual({ channel: expect.stringContaining('I could not check with Slack') });
  for (const away of clear) away();
  await world.slack.interactions.submitView(ana, view.id, values);
  await world.slack.waitForMessage(({ visible }) => visible.includes('An answer.'));
});

it('a form that takes longer than Slack waits is stored first: another process asks it, once', async () => {
  const world = await startPressing(options);
  const { ts } = talk(world);
  const view = await forms(world, ana, 'ask_about_message', { channel: general, ts });
  const held = world.slack.faults.add({
    method: 'conversations.replies',
    times: 99,
    fault: { kind: 'hang', when: 'before' },
  });
  const values = { question: { text: 'Whose fault?' } };
  const [first, again] = await Promise.all([
    world.slack.interactions.submitView(ana, view.id, values),
    world.slack.interactions.submitView(ana, view.id, values),
  ]);
  expect([first.errors, again.errors]).toEqual([{}, {}]);
  expect(await query(world, 'select 1 from skein.pending_wishes')).toHaveLength(1);
  expect(posted(world)).toEqual([]);
  held();
  await world.restart();
  await world.slack.waitForMessage(({ visible }) => visible.includes('An answer.'));
  expect(posted(world).filter(({ args }) => JSON.stringify(args).includes('skein_question'))).toHaveLength(1);
  await expect.poll(() => query(world, 'select 1 from skein.pending_wishes')).toEqual([]);
});

it('a form that turned out not to be allowed after it was closed is given back with its words', async () => {
  const world = await startPressing(options);
  const { ts } = world.slack.say(ana, general, 'soon gone');
  const view = await forms(world, ana, 'ask_about_message', { channel: general, ts });
  const held = world.slack.faults.add({
    method: 'conversations.replies',
    times: 99,
    fault: { kind: 'hang', when: 'before' },
  });
  const { errors } = await world.slack.interactions.submitView(ana, view.id, {
    question: { text: 'Why <so>?' },
  });
  expect(errors).toEqual({});
  world.slack.people.remove(ana, general, ts);
  held();
  await world.restart();
  const told = await world.slack.waitForMessage(({ visible }) => visible.includes('not there any more'));
  expect(world.slack.workspace.channels.get(told.channel)?.kind).toBe('im');
  expect(told.text).toContain('These were your words:\n>Why &lt;so&gt;?');
});

it('a form that Slack could not open is told apart from one that came too late', async () => {
  const world = await startPressing(options);
  world.slack.faults.add({ method: 'views.open', fault: { kind: 'status', status: 503 } });
  await world.slack.interactions.shortcut(ana, 'ask_skein');
  await world.slack.waitForMessage(({ visible }) =>
    visible.includes('Slack could not open the form just now.'),
  );
});
