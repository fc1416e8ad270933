import { expect, it } from 'vitest';
import type { Fault } from '../../playground/slack/faults.ts';
import type { Json } from '../../playground/slack/json.ts';
import { ana, dictation, finishedReply, general, startWorld } from './world.ts';

const hasBlocks = (args: Json) => JSON.stringify(args).includes('"type"');

it.each([
  ['the connection is cut after the post took effect', { kind: 'drop', when: 'after' }],
  ['Slack answers 503 after the post took effect', { kind: 'status', status: 503, when: 'after' }],
  [
    'Slack says internal_error after the post took effect',
    { kind: 'error', error: 'internal_error', when: 'after' },
  ],
] as [string, Fault][])(
  'when %s, the message is found again instead of posted twice',
  async (_name, fault) => {
    const world = await startWorld({ script: () => ({ text: 'Only one of me.' }) });
    world.slack.faults.add({ method: 'chat.postMessage', fault });
    const { ts } = world.slack.say(ana, general, '@skein hello');
    const reply = await finishedReply(world, general, ts);
    expect(reply.visible.trim()).toBe('Only one of me.');
    expect(world.slack.thread(general, ts)).toHaveLength(2);
  },
);

it.each([
  ['the connection is cut before the post took effect', { kind: 'drop', when: 'before' }],
  ['Slack answers 500 before the post took effect', { kind: 'status', status: 500, when: 'before' }],
] as [string, Fault][])('when %s, it is posted in the end', async (_name, fault) => {
  const world = await startWorld({ script: () => ({ text: 'Only one of me.' }) });
  world.slack.faults.add({ method: 'chat.postMessage', fault, times: 2 });
  const { ts } = world.slack.say(ana, general, '@skein hello');
  await finishedReply(world, general, ts);
  expect(world.slack.thread(general, ts)).toHaveLength(2);
});

it('a 429 on an edit pauses the edits for as long as Slack says, and the end of the text arrives', async () => {
  const words = dictation();
  const world = await startWorld({ script: () => ({ text: words.text }) });
  const { ts } = world.slack.say(ana, general, '@skein hello');
  await world.model.waitForCall();
  words.say('First words. ');
  await world.slack.waitForMessage(
    (message) => message.threadTs === ts && message.visible.includes('First words.'),
  );
  world.slack.faults.add({ method: 'chat.update', fault: { kind: 'rate_limited', retryAfterSeconds: 2 } });
  words.say('Last words.');
  words.end();
  const reply = await finishedReply(world, general, ts);

  expect(reply.visible.trim()).toBe('First words. Last words.');
  await world.slack.waitForCall(
    (call) => call.method === 'chat.update' && call.ok && JSON.stringify(call.args).includes('Last words'),
  );
  const updates = world.slack.calls('chat.update');
  const refused = updates.findIndex(({ status }) => status === 429);
  const [before, after] = [updates[refused], updates[refused + 1]];
  expect((after?.at ?? 0) - (before?.at ?? 0)).toBeGreaterThanOrEqual(2000);
});

it('an answer whose form Slack refuses is shown as plain text, and the model is not asked again', async () => {
  const world = await startWorld({ script: () => ({ text: 'A **bold** answer.' }) });
  world.slack.faults.add({
    method: 'chat.update',
    times: Number.POSITIVE_INFINITY,
    matches: (args) => JSON.stringify(args).includes('"markdown"'),
    fault: { kind: 'error', error: 'invalid_blocks' },
  });
  const { ts } = world.slack.say(ana, general, '@skein hello');
  const reply = await finishedReply(world, general, ts);
  expect(reply.visible).toContain('bold');
  expect(world.model.calls()).toHaveLength(1);
});

it.each([
  ['every block', (args: Json) => hasBlocks(args), /A bold answer\./],
  [
    'every block and every word of it',
    (args: Json) => hasBlocks(args) || JSON.stringify(args).includes('bold'),
    /does not let me show/,
  ],
] as const)(
  'an answer of which Slack refuses %s has an end that people see, without a button that does nothing',
  async (_name, refuses, shown) => {
    const world = await startWorld({ script: () => ({ text: 'A **bold** answer.' }) });
    world.slack.faults.add({
      method: 'chat.update',
      times: Number.POSITIVE_INFINITY,
      matches: refuses,
      fault: { kind: 'error', error: 'msg_blocks_too_long' },
    });
    const { ts } = world.slack.say(ana, general, '@skein hello');
    const reply = await world.slack.waitForMessage(
      (message) =>
        message.threadTs === ts && message.user === world.slack.botUser && shown.test(message.visible),
    );
    expect(reply.visible).toMatch(shown);
    expect(reply.visible).not.toContain('Thinking');
    expect(reply.blocks).toEqual([]);
    expect(world.model.calls()).toHaveLength(1);
  },
);

it('a word that nobody knows is no reason to give an answer up, nor to take its form away', async () => {
  const world = await startWorld({ script: () => ({ text: 'A **bold** answer.' }) });
  world.slack.faults.add({
    method: 'chat.update',
    times: 2,
    fault: { kind: 'error', error: 'galaxy_misaligned' },
  });
  world.slack.faults.add({
    method: 'chat.postMessage',
    times: 2,
    fault: { kind: 'error', error: 'team_added_to_org' },
  });
  const { ts } = world.slack.say(ana, general, '@skein hello');
  const reply = await finishedReply(world, general, ts);
  expect(JSON.stringify(reply.blocks)).toContain('"markdown"');
  expect(reply.visible).toContain('bold');
  expect(world.model.calls()).toHaveLength(1);
});

it('a reply whose message was deleted, or whose channel is gone, ends without spending more', async () => {
  const words = dictation();
  const world = await startWorld({ script: () => ({ text: words.text }) });
  const { ts } = world.slack.say(ana, general, '@skein hello');
  await world.model.waitForCall();
  words.say('First words. ');
  await world.slack.waitForMessage(
    (message) => message.threadTs === ts && message.visible.includes('First words.'),
  );
  world.slack.faults.add({
    method: 'chat.update',
    times: Number.POSITIVE_INFINITY,
    fault: { kind: 'error', error: 'is_archived' },
  });
  words.say('More words.');
  await world.model.waitForCall((call) => call.outcome === 'left');
  const { ts: other } = world.slack.say(ana, 'C0DESIGN', '@skein and here?');
  await world.slack.waitForMessage(
    (message) => message.threadTs === other && message.user === world.slack.botUser,
  );
});

it('Slack being down for a while delays an answer and loses nothing of it', async () => {
  const world = await startWorld({ script: () => ({ text: 'Worth waiting for.' }) });
  const up = world.slack.faults.add({
    method: 'chat.*',
    times: Number.POSITIVE_INFINITY,
    fault: { kind: 'status', status: 503 },
  });
  const { ts } = world.slack.say(ana, general, '@skein hello');
  await world.slack.waitForCall((call) => call.method === 'chat.postMessage' && call.status === 503);
  up();
  const reply = await finishedReply(world, general, ts);
  expect(reply.visible.trim()).toBe('Worth waiting for.');
  expect(world.slack.thread(general, ts)).toHaveLength(2);
});

it('no post or edit is ever repeated by the SDK on its own', async () => {
  const world = await startWorld({ script: () => ({ text: 'Fine.' }) });
  world.slack.faults.add({
    method: 'chat.postMessage',
    fault: { kind: 'status', status: 503, when: 'before' },
  });
  const { ts } = world.slack.say(ana, general, '@skein hello');
  await world.slack.waitForCall((call) => call.method === 'chat.postMessage' && call.ok);
  await finishedReply(world, general, ts);
  const posts = world.slack.calls('chat.postMessage');
  const reads = world.slack.calls('conversations.replies');
  expect(posts).toHaveLength(2);
  // Between the unclear post and the second one the thread was read.
  expect(reads.some((read) => read.at > (posts[0]?.at ?? 0) && read.at < (posts[1]?.at ?? 0))).toBe(true);
});

it('a post of unknown outcome is found in a long thread, also by an app that may read little and seldom', async () => {
  const world = await startWorld({
    script: () => ({ text: 'Said once.' }),
    // Fifteen messages at a time, as for apps that Slack has not approved; not once a minute, but often enough to wait.
    slack: { unlistedApp: true, tiers: { 'conversations.replies': { limit: 1, windowMs: 2000 } } },
  });
  const { ts: root } = world.slack.say(ana, general, 'a long talk');
  for (let n = 0; n < 40; n++) world.slack.say(ana, general, `remark ${n}`, { threadTs: root });
  world.slack.faults.add({
    method: 'chat.postMessage',
    fault: { kind: 'status', status: 503, when: 'after' },
  });
  const { ts } = world.slack.say(ana, general, '@skein hello', { threadTs: root });
  const reply = await world.slack.waitForMessage(
    (message) => message.threadTs === root && message.visible.includes('Said once.'),
  );
  expect(Number(reply.ts)).toBeGreaterThan(Number(ts));
  expect(world.slack.calls('chat.postMessage')).toHaveLength(1);
});

it('while Slack does not say who somebody is, people are answered, unless a rule says who may ask', async () => {
  const world = await startWorld({ script: () => ({ text: 'Here you are.' }) });
  const back = world.slack.faults.add({
    method: 'users.info',
    times: Number.POSITIVE_INFINITY,
    fault: { kind: 'status', status: 503 },
  });
  const { ts } = world.slack.say(ana, general, '@skein hello');
  expect((await finishedReply(world, general, ts)).visible).toContain('Here you are.');

  const strict = await startWorld({
    script: () => ({ text: 'Only for members.' }),
    env: { DEFAULT_ACCESS: 'members' },
  });
  const there = strict.slack.faults.add({
    method: 'users.info',
    times: Number.POSITIVE_INFINITY,
    fault: { kind: 'status', status: 503 },
  });
  const asked = strict.slack.say(ana, general, '@skein hello');
  for (let reads = 0; reads < 3; reads++)
    await strict.slack.waitForCall(
      ({ method }) => method === 'users.info' && strict.slack.calls('users.info').length > reads,
    );
  expect(strict.slack.calls('chat.postMessage')).toHaveLength(0);
  there();
  expect((await finishedReply(strict, general, asked.ts)).visible).toContain('Only for members.');
  back();
});

it('names that Slack can’t tell hold nothing up', async () => {
  const world = await startWorld({ script: () => ({ text: 'Hello whoever.' }) });
  world.slack.faults.add({
    method: 'users.info',
    times: Number.POSITIVE_INFINITY,
    fault: { kind: 'error', error: 'user_not_visible' },
  });
  const { ts } = world.slack.say(ana, general, '@skein hello');
  expect((await finishedReply(world, general, ts)).visible).toContain('Hello whoever.');
});
