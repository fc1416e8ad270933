import { expect, it } from 'vitest';
import type { SeenMessage } from '../../playground/slack/contract.ts';
import { startPressing } from './pressing.ts';
import { ana, ben, dictation, finishedReply, general, query, settled, turnsOf, type World } from './world.ts';

/** Waits until the reply looks as `shows` says and has no Stop button. */
function looks(world: World, ts: string, shows: (message: SeenMessage) => boolean): Promise<SeenMessage> {
  return world.slack.waitForMessage(
    (message) =>
      message.ts === ts && !JSON.stringify(message.blocks).includes('"reply_stop"') && shows(message),
  );
}

function labelsOf(message: SeenMessage): string[] {
  const json = JSON.stringify(message.blocks);
  return ['Continue', 'Regenerate', 'Answer again', 'Try again', '‹ Version', 'Delete this answer'].filter(
    (label) => json.includes(`"${label}`),
  );
}

/** Answers `First answer.`, `Second answer.`, … */
function counting() {
  const words = ['First', 'Second', 'Third', 'Fourth'];
  let at = 0;
  return () => ({ text: `${words[at++] ?? 'Another'} answer.` });
}

it('Regenerate writes another version into the same message, and the earlier one stays a press away', async () => {
  const world = await startPressing({ script: counting() });
  const { ts } = world.slack.say(ana, general, '@skein what?');
  const first = await finishedReply(world, general, ts);
  expect(labelsOf(first)).toEqual(['Regenerate', 'Delete this answer']);
  await world.slack.click(ana, { channel: general, ts: first.ts, actionId: 'reply_regenerate' });
  const second = await looks(world, first.ts, ({ visible }) => visible.includes('Second answer.'));
  expect(second.visible).toContain('Version 2 of 2');
  expect(second.visible).not.toContain('First answer.');
  expect(world.slack.calls('chat.postMessage')).toHaveLength(1);

  await world.slack.click(ana, { channel: general, ts: first.ts, actionId: 'reply_version_earlier' });
  const back = await looks(world, first.ts, ({ visible }) => visible.includes('Version 1 of 2'));
  expect(back.visible).toContain('First answer.');
  expect(world.model.calls()).toHaveLength(2);
});

it('the model is given the version that is shown when the next question comes', async () => {
  const world = await startPressing({ script: counting() });
  const { ts } = world.slack.say(ana, general, '@skein what?');
  const first = await finishedReply(world, general, ts);
  await world.slack.click(ana, { channel: general, ts: first.ts, actionId: 'reply_regenerate' });
  await looks(world, first.ts, ({ visible }) => visible.includes('Second answer.'));
  world.slack.say(ana, general, '@skein and then?', { threadTs: ts });
  await world.model.waitForCall((call) => turnsOf(call.body).length === 3);
  expect(turnsOf(world.model.calls()[1]?.body)).toEqual(['user: [Ana Ruiz]: what?']);
  expect(turnsOf(world.model.calls()[2]?.body)[1]).toBe('assistant: Second answer.');

  await looks(world, first.ts, ({ visible }) => visible.includes('Second answer.'));
  await world.slack.click(ana, { channel: general, ts: first.ts, actionId: 'reply_version_earlier' });
  await looks(world, first.ts, ({ visible }) => visible.includes('First answer.'));
  world.slack.say(ana, general, '@skein and now?', { threadTs: ts });
  await world.model.waitForCall((call) => turnsOf(call.body).length === 5);
  expect(turnsOf(world.model.calls()[3]?.body)[1]).toBe('assistant: First answer.');
});

it('pressed twice, and by two people at once, Regenerate makes one more version', async () => {
  const world = await startPressing({ script: counting() });
  const { ts } = world.slack.say(ana, general, '@skein what?');
  world.slack.say(ben, general, 'I wonder too', { threadTs: ts });
  const first = await finishedReply(world, general, ts);
  const press = { channel: general, ts: first.ts, actionId: 'reply_regenerate' };
  await Promise.all([
    world.slack.click(ana, press),
    world.slack.click(ben, press),
    world.slack.click(ana, press),
  ]);
  await looks(world, first.ts, ({ visible }) => visible.includes('Version 2 of 2'));
  await settled(world);
  expect(await query(world, 'select versions from skein.replies')).toEqual([{ versions: 2 }]);
  expect(world.model.calls()).toHaveLength(2);
});

it('who has not written in the thread may not change the answer, and is told so alone', async () => {
  const world = await startPressing({ script: counting() });
  const { ts } = world.slack.say(ana, general, '@skein what?');
  const first = await finishedReply(world, general, ts);
  await world.slack.click(ben, { channel: general, ts: first.ts, actionId: 'reply_regenerate' });
  const told = await world.slack.waitForMessage(({ ephemeralFor }) => ephemeralFor === ben);
  expect(told.visible).toBe('Only people who have written in this thread can do that.');
  expect(told.threadTs).toBe(ts);
  await world.slack.click(ben, { channel: general, ts: first.ts, actionId: 'reply_delete' });
  await world.slack.waitForMessage(
    ({ ephemeralFor, visible }) => ephemeralFor === ben && visible.includes('delete'),
  );
  expect(world.model.calls()).toHaveLength(1);
  expect(world.slack.thread(general, ts)).toHaveLength(2);
});

it('a regeneration goes on in the same message when its process is gone in the middle', async () => {
  const words = dictation();
  let asked = 0;
  const world = await startPressing({
    script: (question) => {
      if (question.includes('cut off')) return { text: 'by all and the rest.' };
      asked += 1;
      return { text: asked === 1 ? 'First answer.' : words.text };
    },
  });
  const { ts } = world.slack.say(ana, general, '@skein what?');
  const first = await finishedReply(world, general, ts);
  await world.slack.click(ana, { channel: general, ts: first.ts, actionId: 'reply_regenerate' });
  await world.model.waitForCall(() => world.model.calls().length === 2);
  words.say('The new one was seen by all ');
  await world.slack.waitForMessage(({ visible }) => visible.includes('seen by all'));
  await world.another();
  await world.bot.stop(0);
  const second = await looks(world, first.ts, ({ visible }) => visible.includes('and the rest.'));
  expect(second.visible).toContain('The new one was seen by all and the rest.');
  expect(second.visible).toContain('Version 2 of 2');
  expect(world.slack.calls('chat.postMessage')).toHaveLength(1);
  await world.slack.click(ana, { channel: general, ts: first.ts, actionId: 'reply_version_earlier' });
  await looks(world, first.ts, ({ visible }) => visible.includes('First answer.'));
});

it('a press reaches a reply that another process works on', async () => {
  const world = await startPressing({ env: { ROLE: 'work' }, script: counting() });
  await world.another({ ROLE: 'receive' });
  const { ts } = world.slack.say(ana, general, '@skein what?');
  const first = await finishedReply(world, general, ts);
  await world.slack.click(ana, { channel: general, ts: first.ts, actionId: 'reply_regenerate' });
  await looks(world, first.ts, ({ visible }) => visible.includes('Second answer.'));
  await world.slack.click(ana, { channel: general, ts: first.ts, actionId: 'reply_delete' });
  await world.slack.waitForCall(({ method, ok }) => method === 'chat.delete' && ok);
});

it('a shorter version leaves no old text in messages that only the longer one needed', async () => {
  const long = Array.from({ length: 400 }, (_, at) => `Line ${at} of a long answer with some words.`).join(
    '\n\n',
  );
  const texts = [long, 'Short.'];
  const world = await startPressing({
    mode: 'http',
    env: { DEFAULT_MAX_TOKENS: '20000' },
    script: () => ({ text: texts.shift() ?? '' }),
  });
  const { ts } = world.slack.say(ana, general, '@skein what?');
  await world.slack.waitForMessage(({ blocks }) => JSON.stringify(blocks).includes('reply_regenerate'));
  const [, head, ...more] = world.slack.thread(general, ts);
  const last = more.at(-1);
  expect(last?.visible).toContain('Line 399');
  await world.slack.click(ana, { channel: general, ts: last?.ts ?? '', actionId: 'reply_regenerate' });
  await looks(
    world,
    head?.ts ?? '',
    ({ visible }) => visible.includes('Short.') && visible.includes('Version 2 of 2'),
  );
  await world.slack.waitForMessage(
    ({ ts: at, visible }) =>
      at === last?.ts && visible === 'The version shown above does not reach this message.',
  );
  await world.slack.click(ana, { channel: general, ts: head?.ts ?? '', actionId: 'reply_version_earlier' });
  await world.slack.waitForMessage(
    ({ ts: at, visible }) =>
      at === last?.ts && visible.includes('Line 399') && visible.includes('Version 1 of 2'),
  );
});

it('Continue goes on where the answer was cut, as often as it is cut, and the history has it whole', async () => {
  const cutAt = '40';
  const world = await startPressing({
    env: { DEFAULT_MAX_TOKENS: cutAt },
    script: (question) =>
      question.includes('cut off')
        ? { text: 'word thirty, and this is the very end.' }
        : { text: `${Array.from({ length: 60 }, () => 'word').join(' ')} word thirty,` },
  });
  const { ts } = world.slack.say(ana, general, '@skein count');
  const cut = await finishedReply(world, general, ts);
  expect(cut.visible).toContain('Cut at 40 tokens.');
  expect(labelsOf(cut)).toEqual(['Continue', 'Regenerate', 'Delete this answer']);
  await world.slack.click(ana, { channel: general, ts: cut.ts, actionId: 'reply_continue' });
  const whole = await looks(world, cut.ts, ({ visible }) => visible.includes('the very end.'));
  expect(whole.visible).not.toContain('Cut');
  expect(labelsOf(whole)).toEqual(['Regenerate', 'Delete this answer']);
  expect(world.slack.calls('chat.postMessage')).toHaveLength(1);
  world.slack.say(ana, general, '@skein thanks', { threadTs: ts });
  const later = await world.model.waitForCall(
    (call) => turnsOf(call.body).at(-1)?.includes('thanks') ?? false,
  );
  expect(turnsOf(later.body)[1]).toContain('the very end.');
});

it('Delete takes the messages away and the answer out of what the model is given', async () => {
  const world = await startPressing({ script: counting() });
  const { ts } = world.slack.say(ana, general, '@skein what?');
  const first = await finishedReply(world, general, ts);
  const press = { channel: general, ts: first.ts, actionId: 'reply_delete' };
  await world.slack.click(ana, press);
  await world.slack.waitForCall(({ method, ok }) => method === 'chat.delete' && ok);
  expect(world.slack.thread(general, ts)).toHaveLength(1);
  world.slack.say(ana, general, '@skein and then?', { threadTs: ts });
  await world.model.waitForCall((call) => turnsOf(call.body).length === 2);
  expect(turnsOf(world.model.calls()[1]?.body)).toEqual([
    'user: [Ana Ruiz]: what?',
    'user: [Ana Ruiz]: and then?',
  ]);
  expect(await query(world, "select state, log from skein.replies where state = 'deleted'")).toEqual([
    { state: 'deleted', log: '' },
  ]);
});

it('a deletion that Slack does not take at first is done later', async () => {
  const world = await startPressing({ script: counting() });
  const { ts } = world.slack.say(ana, general, '@skein what?');
  const first = await finishedReply(world, general, ts);
  world.slack.faults.add({
    method: 'chat.delete',
    fault: { kind: 'error', error: 'internal_error' },
    times: 2,
  });
  await world.slack.click(ana, { channel: general, ts: first.ts, actionId: 'reply_delete' });
  await world.slack.waitForCall(({ method, ok }) => method === 'chat.delete' && ok);
  expect(world.slack.thread(general, ts)).toHaveLength(1);
});

it('an edited question offers to be answered again, and the new answer knows the new words', async () => {
  const world = await startPressing({ script: (question) => ({ text: `You asked: ${question}` }) });
  const { ts } = world.slack.say(ana, general, '@skein is it red?');
  const first = await finishedReply(world, general, ts);
  world.slack.people.edit(ana, general, ts, '@skein is it blue?');
  const offered = await looks(world, first.ts, ({ blocks }) =>
    JSON.stringify(blocks).includes('Answer again'),
  );
  expect(offered.visible).toContain('is it red?');
  expect(offered.visible).toContain('The question was edited after this answer.');
  expect(world.model.calls()).toHaveLength(1);
  await world.slack.click(ana, { channel: general, ts: first.ts, actionId: 'reply_regenerate' });
  const again = await looks(world, first.ts, ({ visible }) => visible.includes('is it blue?'));
  expect(labelsOf(again)).toEqual(['Regenerate', '‹ Version', 'Delete this answer']);
  expect(again.visible).not.toContain('edited after');
});

it('editing a question while it is answered answers the edited words, in the same message', async () => {
  const words = dictation();
  const world = await startPressing({
    script: (question) => ({ text: question.includes('red') ? words.text : 'It is blue.' }),
  });
  const { ts } = world.slack.say(ana, general, '@skein is it red?');
  await world.model.waitForCall();
  words.say('Yes, it is red ');
  const begun = await world.slack.waitForMessage(({ visible }) => visible.includes('it is red'));
  world.slack.people.edit(ana, general, ts, '@skein is it blue?');
  const reply = await looks(world, begun.ts, ({ visible }) => visible.includes('It is blue.'));
  expect(reply.visible).not.toContain('red');
  expect(labelsOf(reply)).toEqual(['Regenerate', 'Delete this answer']);
  expect(world.slack.calls('chat.postMessage')).toHaveLength(1);
  const usage = () => query(world, 'select call, estimated from skein.usage order by call');
  await expect.poll(usage).toEqual([
    { call: 1, estimated: true },
    { call: 2, estimated: false },
  ]);
});

const STOPS: [string, (world: World, at: { ts: string; reply: string }) => unknown][] = [
  [
    'the button',
    (world, { reply }) => world.slack.click(ana, { channel: general, ts: reply, actionId: 'reply_stop' }),
  ],
  [
    'a stop sign on the answer',
    (world, { reply }) => world.slack.people.react(ana, general, reply, 'octagonal_sign'),
  ],
  [
    'a stop sign on the question',
    (world, { ts }) => world.slack.people.react(ana, general, ts, 'octagonal_sign'),
  ],
  ['the word in the thread', (world, { ts }) => world.slack.say(ana, general, 'Stop!', { threadTs: ts })],
  [
    'a mention with the word',
    (world, { ts }) => world.slack.say(ana, general, '@skein stop', { threadTs: ts }),
  ],
  ['deleting the question', (world, { ts }) => world.slack.people.remove(ana, general, ts)],
];

it.each(STOPS)('%s stops the answer, keeps its text, and asks nothing more', async (_way, stop) => {
  const words = dictation();
  const world = await startPressing({ env: { ROLE: 'work' }, script: () => ({ text: words.text }) });
  await world.another({ ROLE: 'receive' });
  const { ts } = world.slack.say(ana, general, '@skein a long story');
  await world.model.waitForCall();
  words.say('Once upon a time ');
  const begun = await world.slack.waitForMessage(({ visible }) => visible.includes('Once upon'));
  await stop(world, { ts, reply: begun.ts });
  const reply = await looks(world, begun.ts, ({ visible }) => visible.includes('Stopped by Ana Ruiz.'));
  expect(reply.visible).toContain('Once upon a time');
  expect(world.model.calls()).toHaveLength(1);
  expect(await query(world, 'select count(*)::int as replies from skein.replies')).toEqual([{ replies: 1 }]);
});

it('a stop sign of somebody else is an opinion, and the word alone is a question where nothing is written', async () => {
  const words = dictation();
  const world = await startPressing({
    script: (question) => ({ text: question.includes('story') ? words.text : 'I have stopped.' }),
  });
  const { ts } = world.slack.say(ana, general, '@skein a long story');
  await world.model.waitForCall();
  words.say('Once upon a time ');
  const begun = await world.slack.waitForMessage(({ visible }) => visible.includes('Once upon'));
  world.slack.people.react(ben, general, begun.ts, 'octagonal_sign');
  await world.slack.waitForDelivery(
    ({ payload, state }) => state === 'acked' && JSON.stringify(payload).includes('reaction_added'),
  );
  words.say('there was a bot.');
  words.end();
  const whole = await looks(world, begun.ts, ({ visible }) => visible.includes('there was a bot.'));
  expect(whole.visible).not.toContain('Stopped');
  world.slack.say(ana, general, 'stop', { threadTs: ts });
  await world.slack.waitForMessage(({ visible }) => visible.includes('I have stopped.'));
});

it('“stop” to a bot that writes nothing is answered in one private line', async () => {
  const world = await startPressing({ script: () => ({ text: 'unused' }) });
  world.slack.say(ana, general, '@skein stop');
  const told = await world.slack.waitForMessage(({ ephemeralFor }) => ephemeralFor === ana);
  expect(told.visible).toBe('There is nothing to stop here.');
  expect(world.model.calls()).toHaveLength(0);
});

it('an answer that came as a native stream is regenerated in the same message', async () => {
  const world = await startPressing({ env: { DEFAULT_STREAMING: 'native' }, script: counting() });
  const { ts } = world.slack.say(ana, general, '@skein what?');
  const first = await finishedReply(world, general, ts);
  await world.slack.click(ana, { channel: general, ts: first.ts, actionId: 'reply_regenerate' });
  const second = await looks(world, first.ts, ({ visible }) => visible.includes('Second answer.'));
  expect(second.visible).toContain('Version 2 of 2');
  expect(world.slack.thread(general, ts)).toHaveLength(2);
});

it('a regeneration that fails leaves the earlier version a press away, and can be tried again', async () => {
  const world = await startPressing({ script: counting() });
  const { ts } = world.slack.say(ana, general, '@skein what?');
  const first = await finishedReply(world, general, ts);
  world.model.fault({ kind: 'status', status: 400 });
  await world.slack.click(ana, { channel: general, ts: first.ts, actionId: 'reply_regenerate' });
  const failed = await looks(world, first.ts, ({ visible }) => visible.includes('MODEL_REQUEST_REJECTED'));
  expect(labelsOf(failed)).toEqual(['Try again', '‹ Version', 'Delete this answer']);
  await world.slack.click(ana, { channel: general, ts: first.ts, actionId: 'reply_version_earlier' });
  await looks(
    world,
    first.ts,
    ({ visible }) => visible.includes('First answer.') && visible.includes('Version 1 of 2'),
  );
  world.slack.say(ana, general, '@skein and then?', { threadTs: ts });
  const later = await world.model.waitForCall((call) => turnsOf(call.body).length === 3);
  expect(turnsOf(later.body)[1]).toBe('assistant: First answer.');
});

it('a button that is out of date changes nothing and says so', async () => {
  const world = await startPressing({ script: counting() });
  const { ts } = world.slack.say(ana, general, '@skein what?');
  const first = await finishedReply(world, general, ts);
  const block = first.blocks.find((one) => JSON.stringify(one).includes('reply_regenerate'));
  const value = /"value":"([^"]+)"/.exec(JSON.stringify(block))?.[1] ?? '';
  await world.slack.click(ana, { channel: general, ts: first.ts, actionId: 'reply_regenerate' });
  await looks(world, first.ts, ({ visible }) => visible.includes('Second answer.'));
  // A moment before this is stored, a second press counts as one that came while the first was carried out.
  await settled(world);
  await world.slack.click(ana, { channel: general, ts: first.ts, actionId: 'reply_regenerate', value });
  const told = await world.slack.waitForMessage(({ ephemeralFor }) => ephemeralFor === ana);
  expect(told.visible).toBe('That button is out of date. Please use the ones that are under the answer now.');
  expect(world.model.calls()).toHaveLength(2);
});
