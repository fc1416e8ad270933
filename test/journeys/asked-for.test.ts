import { describe, expect, it } from 'vitest';
import { startPressing } from './pressing.ts';
import { skein } from './slash.ts';
import { ana, ben, finishedReply, general, query, type World } from './world.ts';

const options = { script: () => ({ text: 'An answer.' }) };

const form = (world: World) =>
  world.slack.waitForView((view) => view.open && view.user === ana && view.kind === 'modal');

const answered = (world: World) =>
  world.slack.waitForMessage(({ visible }) => visible.includes('An answer.'));

const pending = (world: World) => query(world, 'select id from skein.pending_questions');

/** Posts of questions that Slack took or may have taken. */
const posts = (world: World) =>
  world.slack.calls('chat.postMessage').filter(({ args }) => JSON.stringify(args).includes('skein_question'));

const isQuestion = (args: object) => JSON.stringify(args).includes('skein_question');

/** The two ways in which a question is posted for somebody: at the top of a channel, and in a thread. */
const WAYS = {
  'a command': async (world: World) => {
    await world.slack.slash(ana, general, '/skein', 'ask why is it down?');
  },
  'a shortcut': async (world: World) => {
    const { ts } = world.slack.say(ben, general, 'the deploy is broken');
    await world.slack.interactions.shortcut(ana, 'ask_about_message', { channel: general, ts });
    const { id } = await form(world);
    await world.slack.interactions.submitView(ana, id, { question: { text: 'why is it down?' } });
  },
};

describe.each(Object.entries(WAYS))('a question by %s', (_name, ask) => {
  const asked = (world: World) =>
    world.slack.waitForMessage(({ visible }) => visible.includes('why is it down?'));

  it('whose process ends between post and commit is found by the next one and answered, once', async () => {
    const world = await startPressing(options);
    world.slack.faults.add({
      method: 'chat.postMessage',
      matches: isQuestion,
      fault: { kind: 'hang', when: 'after' },
    });
    const asking = ask(world);
    const { ts, threadTs } = await asked(world);
    expect(await pending(world)).toHaveLength(1);
    expect(await query(world, 'select 1 from skein.replies')).toEqual([]);
    await asking;
    await world.restart();
    const reply = await answered(world);
    expect(reply.threadTs).toBe(threadTs ?? ts);
    await expect.poll(() => posts(world)).toHaveLength(1);
    await expect.poll(() => pending(world)).toEqual([]);
    expect(world.model.calls()).toHaveLength(1);
  });

  it('that Slack took without saying so is adopted, not posted again', async () => {
    const world = await startPressing(options);
    world.slack.faults.add({
      method: 'chat.postMessage',
      matches: isQuestion,
      fault: { kind: 'drop', when: 'after' },
    });
    await ask(world);
    await asked(world);
    await answered(world);
    await expect.poll(() => posts(world)).toHaveLength(1);
    await expect.poll(() => pending(world)).toEqual([]);
  });

  it('that never reached Slack is posted later', async () => {
    const world = await startPressing(options);
    world.slack.faults.add({
      method: 'chat.postMessage',
      matches: isQuestion,
      fault: { kind: 'status', status: 503, when: 'before' },
    });
    await ask(world);
    await asked(world);
    await answered(world);
    expect(posts(world)).toHaveLength(2);
    expect(world.model.calls()).toHaveLength(1);
  });
});

it('a question that can not be stored is not posted: a command says so, and a form stays open with all of it', async () => {
  const world = await startPressing(options);
  await query(world, 'alter table skein.pending_questions add constraint none check (false) not valid');
  const told = await skein(world, ana, general, 'ask why is it down?');
  expect(told.visible).toContain('Please try again.');
  await world.slack.interactions.shortcut(ana, 'ask_skein');
  const { id } = await form(world);
  const { errors } = await world.slack.interactions.submitView(ana, id, { question: { text: 'Why?' } });
  expect(errors).toEqual({ question: 'I could not ask that. Please try again in a moment.' });
  expect(posts(world)).toEqual([]);
  await query(world, 'alter table skein.pending_questions drop constraint none');
  await world.slack.interactions.submitView(ana, id, { question: { text: 'Why?' } });
  await answered(world);
});

it('a form that is delivered twice asks once', async () => {
  const world = await startPressing(options);
  await world.slack.interactions.shortcut(ana, 'ask_skein');
  const { id } = await form(world);
  const values = {
    question: { text: 'What is new?' },
    channel: { pick: { type: 'conversations_select', selected_conversation: general } },
  };
  await Promise.all([
    world.slack.interactions.submitView(ana, id, values),
    world.slack.interactions.submitView(ana, id, values),
  ]);
  const root = await world.slack.waitForMessage(({ visible }) => visible.includes('What is new?'));
  await finishedReply(world, general, root.ts);
  // Both were carried out: a process waits for them before it ends.
  await world.bot.stop();
  expect(
    world.slack.deliveries().filter(({ payload }) => JSON.stringify(payload).includes('view_submission')),
  ).toHaveLength(2);
  expect(posts(world)).toHaveLength(1);
});

it('the same question by two commands is asked twice', async () => {
  const world = await startPressing(options);
  for (const count of [1, 2]) {
    await world.slack.slash(ana, general, '/skein', 'ask again?');
    await world.slack.waitForCall(
      ({ method }) => method === 'chat.postMessage' && posts(world).length === count,
    );
  }
});

it('where nothing can be posted, the one who asks is told in private', async () => {
  const world = await startPressing(options);
  const refuse = () =>
    world.slack.faults.add({
      method: 'chat.postMessage',
      matches: isQuestion,
      fault: { kind: 'error', error: 'is_archived' },
    });
  refuse();
  const told = await skein(world, ana, general, 'ask anyone &amp; everyone?');
  expect(told).toMatchObject({ ephemeralFor: ana });
  expect(told.visible).toContain('I am not in this channel.');
  expect(told.visible).toContain('anyone & everyone?');
  refuse();
  await WAYS['a shortcut'](world);
  const line = await world.slack.waitForMessage(
    ({ visible }) => visible.includes('These were your words') && visible.includes('why is it down?'),
  );
  expect(line.ephemeralFor).toBe(ana);
  await expect.poll(() => pending(world)).toEqual([]);
});

it.each(['stop', `<@U0SKEIN> usage`, 'Stop!'])(
  'a question that reads “%s” is a question all the same',
  async (text) => {
    const world = await startPressing(options);
    await world.slack.slash(ana, general, '/skein', `ask ${text}`);
    await answered(world);
    expect(posts(world)).toHaveLength(1);
    expect(world.model.calls()).toHaveLength(1);
  },
);

it('a question that waits for Slack keeps nobody from being answered, however few hands there are', async () => {
  const world = await startPressing({ ...options, env: { CONCURRENCY: '1' } });
  world.slack.faults.add({
    method: 'chat.postMessage',
    matches: isQuestion,
    fault: { kind: 'rate_limited', retryAfterSeconds: 60 },
  });
  await world.slack.slash(ana, general, '/skein', 'ask why is it down?');
  await world.slack.waitForCall(({ method, ok }) => method === 'chat.postMessage' && !ok);
  const { ts } = world.slack.say(ben, general, '@skein and me?');
  await finishedReply(world, general, ts);
  expect(await pending(world)).toHaveLength(1);
});
