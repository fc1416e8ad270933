import { expect, it } from 'vitest';
import { channel, northwind } from '../../playground/slack/seed.ts';
import { startPressing } from './pressing.ts';
import { textOf } from './views.ts';
import { ana, ben, dictation, finishedReply, general, query, turnsOf, type World } from './world.ts';

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
