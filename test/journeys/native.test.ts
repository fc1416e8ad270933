import { expect, it } from 'vitest';
import type { Fault } from '../../playground/slack/faults.ts';
import {
  ana,
  ben,
  dictation,
  finishedReply,
  general,
  query,
  settled,
  startWorld,
  type World,
  type WorldOptions,
} from './world.ts';

const PROSE = 'Some words that come one after another and are easily told apart. ';
const native = (options: WorldOptions = {}): Promise<World> =>
  startWorld({
    ...options,
    slack: { tiers: 'real', ...options.slack },
    env: { DEFAULT_STREAMING: 'native', ...options.env },
  });

/** What people see of the bot in a thread, message by message. */
function shown(world: World, ts: string): string[] {
  return world.slack
    .thread(general, ts)
    .filter(({ user }) => user === world.slack.botUser)
    .map(({ visible }) => visible.trim());
}

/** No call was one too many, none met an open stream, and no stream is left open. */
function expectClean(world: World): void {
  expect(world.slack.calls().filter(({ status }) => status === 429)).toEqual([]);
  const open = world.slack.messages(general).filter(({ streaming }) => streaming?.state === 'in_progress');
  expect(open).toEqual([]);
}

/** Begins a reply and waits until its first words stand in a stream. */
async function begun(world: World, words: ReturnType<typeof dictation>, first = 'The first words are ') {
  const { ts } = world.slack.say(ana, general, '@skein tell me');
  await world.model.waitForCall();
  words.say(`${first}here `);
  const message = await world.slack.waitForMessage(
    (seen) => seen.threadTs === ts && seen.visible.includes(first.trim()),
  );
  return { ts, message };
}

it('an answer grows in a native stream for the one who asked, and ends as an ordinary message', async () => {
  const words = dictation();
  const world = await native({ script: () => ({ text: words.text }) });
  const { ts, message } = await begun(world, words);
  expect(message.streaming?.state).toBe('in_progress');
  expect(JSON.stringify(message.blocks)).toContain('"reply_stop"');
  words.say('and **more** of them follow. ');
  await world.slack.waitForMessage((seen) => seen.ts === message.ts && seen.visible.includes('more'));
  words.say('The end.');
  words.end();
  await settled(world);

  expect(shown(world, ts)).toEqual(['The first words are here and **more** of them follow. The end.']);
  const [start] = world.slack.calls('chat.startStream');
  expect(start?.args).toMatchObject({ recipient_user_id: ana, recipient_team_id: world.slack.team });
  expect(world.slack.calls('assistant.threads.setStatus')[0]?.args['status']).toBe('is thinking…');
  // The only edit takes the Stop button away.
  expect(world.slack.calls('chat.postMessage')).toEqual([]);
  expect(world.slack.calls('chat.update')).toHaveLength(1);
  const ended = world.slack.thread(general, ts).at(-1);
  expect(JSON.stringify(ended?.blocks)).not.toContain('"reply_stop"');
  expect(JSON.stringify(ended?.blocks)).toContain('"reply_regenerate"');
  expectClean(world);
});

it('the Stop button in a stream ends the answer while it grows', async () => {
  const words = dictation();
  const world = await native({ script: () => ({ text: words.text }) });
  const { ts, message } = await begun(world, words);
  // As a page does: it knows the block that the button is in.
  const blockId = message.blocks
    .filter((block) => JSON.stringify(block).includes('"reply_stop"'))
    .map((block) => (block as { block_id?: string }).block_id ?? '')[0];
  await world.slack.click(ana, {
    channel: general,
    ts: message.ts,
    actionId: 'reply_stop',
    ...(blockId === undefined ? {} : { blockId }),
  });
  await settled(world);
  expect(shown(world, ts)[0]).toMatch(/^The first words are here\s+Stopped by Ana/);
  expect(JSON.stringify(world.slack.thread(general, ts).at(-1)?.blocks)).not.toContain('"reply_stop"');
  expectClean(world);
});

it('a workspace that takes no buttons in a stream has its streams without them, and is not asked again', async () => {
  const words = dictation();
  const world = await native({ script: () => ({ text: words.text }) });
  world.slack.faults.add({ method: 'chat.startStream', fault: { kind: 'error', error: 'invalid_chunks' } });
  const { ts, message } = await begun(world, words);
  expect(message.streaming?.state).toBe('in_progress');
  words.say('The end.');
  words.end();
  await settled(world);
  expect(shown(world, ts)).toEqual(['The first words are here The end.']);
  expect(world.slack.calls('chat.startStream').map(({ ok }) => ok)).toEqual([false, true]);
  expect(world.slack.calls('chat.update')).toEqual([]);
  expectClean(world);
});

it('a Stop button for which there was no edit at the end is taken away by a later job, once, in another process too', async () => {
  const words = dictation();
  const world = await native({
    script: () => ({ text: words.text }),
    env: { DEFAULT_MAX_TOKENS: '20000' },
  });
  const free = world.slack.faults.add({
    method: 'chat.update',
    times: Number.POSITIVE_INFINITY,
    fault: { kind: 'error', error: 'internal_error' },
  });
  const { ts } = await begun(world, words);
  const stops = () =>
    world.slack.thread(general, ts).filter(({ blocks }) => JSON.stringify(blocks).includes('"reply_stop"'));
  words.say(`${PROSE.repeat(8)}\n\n`.repeat(26));
  // What begins when the answer is whole has no Stop button.
  await expect.poll(stops).toHaveLength(2);
  words.say('The end.');
  words.end();
  await settled(world);
  const left = () => query<{ leftovers: number[] }>(world, 'select leftovers from skein.replies');
  // Its two messages were streams, and say all that they have to.
  const before = shown(world, ts);
  expect(before).toHaveLength(2);
  expect(stops()).toHaveLength(2);
  expect(await left()).toEqual([{ leftovers: [0, 1] }]);

  free();
  const tried = world.slack.calls('chat.update').length;
  await world.restart();
  await expect.poll(stops).toEqual([]);
  await expect.poll(left).toEqual([{ leftovers: [] }]);
  expect(world.slack.calls('chat.update').slice(tried)).toHaveLength(2);
  expect(shown(world, ts)).toEqual(before);
  expectClean(world);
});

it('an answer that is complete before it began is one post', async () => {
  const world = await native({ script: () => ({ text: 'Yes.' }) });
  const { ts } = world.slack.say(ana, general, '@skein yes?');
  await settled(world);
  expect(shown(world, ts)).toEqual(['Yes.']);
  expect(world.slack.calls('chat.startStream')).toEqual([]);
});

it('direct messages are streamed too, also where no status can be shown', async () => {
  const words = dictation();
  const world = await native({ script: () => ({ text: words.text }) });
  world.slack.faults.add({
    method: 'assistant.threads.setStatus',
    times: Number.POSITIVE_INFINITY,
    fault: { kind: 'error', error: 'method_not_supported_for_channel_type' },
  });
  const { channel, ts } = world.slack.dm(ana, 'tell me');
  await world.model.waitForCall();
  words.say('Between you and me, ');
  await world.slack.waitForMessage((seen) => seen.channel === channel && seen.visible.includes('you and'));
  words.end();
  await settled(world);
  expect(world.slack.thread(channel, ts).at(-1)?.visible.trim()).toBe('Between you and me,');
  expect(world.slack.calls('chat.startStream')).toHaveLength(1);
});

it('a wait that is long without any status gets a placeholder after all', async () => {
  const words = dictation();
  const world = await native({ script: () => ({ text: words.text }) });
  world.slack.faults.add({
    method: 'assistant.threads.setStatus',
    times: Number.POSITIVE_INFINITY,
    fault: { kind: 'error', error: 'missing_scope' },
  });
  const { ts } = world.slack.say(ana, general, '@skein think hard');
  await world.slack.waitForMessage((seen) => seen.threadTs === ts && seen.visible.includes('Thinking…'));
  words.say('Done thinking.');
  words.end();
  await settled(world);
  expect(shown(world, ts)).toEqual(['Done thinking.']);
});

it('a long answer goes on in further messages, each well-formed, code and tables included', async () => {
  const code = `\`\`\`ts\n${'const value = compute(1);\n'.repeat(300)}\`\`\`\n\n`;
  const table = `| a | b |\n|---|---|\n${'| one | two |\n'.repeat(60)}\n`;
  const text = `${`${PROSE.repeat(8)}\n\n`.repeat(20)}${code}${table}${PROSE}The end.`;
  const world = await native({
    script: () => ({ text }),
    model: { tokensPerSecond: 1500 },
    env: { DEFAULT_MAX_TOKENS: '20000' },
  });
  const { ts } = world.slack.say(ana, general, '@skein at length');
  await settled(world);
  // The code and the table also come as files, in messages that have no words.
  const whole = shown(world, ts).filter((words) => words !== '');
  expect(whole.length).toBeGreaterThan(2);
  const flat = whole.join('\n').replace(/\s+/g, ' ');
  expect(flat.split(PROSE.trim()).length - 1).toBe(161);
  expect(flat.split('const value = compute(1);').length - 1).toBe(300);
  expect(flat.endsWith('The end.')).toBe(true);
  expect(world.slack.calls('chat.startStream').length).toBeGreaterThan(0);
  expectClean(world);
});

it('Slack’s own stop ends the answer, keeps the text, and tells who pressed it', async () => {
  const words = dictation();
  const world = await native({ script: () => ({ text: words.text }) });
  const { ts, message } = await begun(world, words);
  world.slack.people.stopStream(ben, general, message.ts);
  await settled(world);
  expect(shown(world, ts)[0]).toMatch(/^The first words are here\s+Stopped by Ben/);
  expectClean(world);
});

it('Slack’s own stop ends the answer also when its event never comes', async () => {
  const words = dictation();
  const world = await native({
    script: () => ({ text: words.text }),
    slack: { subscriptions: ['app_mention', 'message.channels'] },
  });
  const { ts, message } = await begun(world, words);
  world.slack.people.stopStream(ben, general, message.ts);
  words.say('and these are refused ');
  words.say('by Slack ');
  await settled(world);
  expect(shown(world, ts)[0]).toMatch(/Stopped by someone/);
  expect(world.slack.thread(general, ts)).toHaveLength(2);
});

const refusals = [
  'channel_type_not_supported',
  'missing_recipient_user_id',
  'missing_recipient_team_id',
  'unknown_method',
  'method_deprecated',
  'feature_not_enabled',
  'msg_too_long',
  'messages_tab_disabled',
  'invalid_thread_ts',
  'not_in_channel',
  'user_not_found',
  'messaging_processing_failed',
  'message_not_in_streaming_state',
];
const broken: [string, Fault][] = [
  ...refusals.map((error): [string, Fault] => [error, { kind: 'error', error }]),
  ['internal_error, though it took effect', { kind: 'error', error: 'internal_error', when: 'after' }],
  ['503', { kind: 'status', status: 503, when: 'before' }],
  ['503, though it took effect', { kind: 'status', status: 503, when: 'after' }],
  ['a connection cut before it took effect', { kind: 'drop', when: 'before' }],
  ['a connection cut after it took effect', { kind: 'drop', when: 'after' }],
  ['429', { kind: 'rate_limited', retryAfterSeconds: 1 }],
];

it.each(broken)('when a start meets %s, the answer is shown once and whole', async (_name, fault) => {
  const words = dictation();
  const world = await native({ script: () => ({ text: words.text }) });
  world.slack.faults.add({ method: 'chat.startStream', fault });
  const { ts } = await begun(world, words);
  words.say('and then some more. The end.');
  words.end();
  await settled(world);
  expect(shown(world, ts)).toEqual(['The first words are here and then some more. The end.']);
});

it.each([
  ...broken,
  ['a person’s stop', { kind: 'error', error: 'streaming_state_conflict' }] as [string, Fault],
])('when an append meets %s, the answer is shown once and whole', async (_name, fault) => {
  const words = dictation();
  const world = await native({ script: () => ({ text: words.text }) });
  world.slack.faults.add({ method: 'chat.appendStream', fault });
  const { ts, message } = await begun(world, words);
  words.say('and then some more, ');
  await world.slack.waitForCall(({ method }) => method === 'chat.appendStream');
  words.say('and still more. The end.');
  words.end();
  await settled(world);
  expect(shown(world, ts)).toEqual(['The first words are here and then some more, and still more. The end.']);
  expect(world.slack.thread(general, ts).at(-1)?.ts).toBe(message.ts);
});

it.each(broken)('when a stop meets %s, the answer is shown once and whole', async (_name, fault) => {
  const words = dictation();
  const world = await native({ script: () => ({ text: words.text }) });
  world.slack.faults.add({ method: 'chat.stopStream', fault });
  const { ts, message } = await begun(world, words);
  words.say('and then some more. The end.');
  words.end();
  await settled(world);
  expect(shown(world, ts)).toEqual(['The first words are here and then some more. The end.']);
  expect(world.slack.thread(general, ts).at(-1)?.ts).toBe(message.ts);
});

it('a workspace without streams is asked once, not for every reply', async () => {
  const world = await native({ script: () => ({ text: PROSE.repeat(30) }), model: { tokensPerSecond: 300 } });
  world.slack.faults.add({
    method: 'chat.startStream',
    times: Number.POSITIVE_INFINITY,
    fault: { kind: 'error', error: 'feature_not_enabled' },
  });
  for (let count = 1; count <= 3; count++) {
    const { ts } = world.slack.say(ana, general, '@skein tell me');
    await settled(world, count);
    expect(shown(world, ts)).toEqual([PROSE.repeat(30).trim()]);
  }
  expect(world.slack.calls('chat.startStream')).toHaveLength(1);
});

it('a stream that Slack ended by its age goes on by edits in the same message', async () => {
  const words = dictation();
  const world = await native({ script: () => ({ text: words.text }), slack: { streams: { expiryMs: 300 } } });
  const { ts, message } = await begun(world, words);
  await new Promise((resolve) => setTimeout(resolve, 400));
  words.say('and these came after a long pause. ');
  await world.slack.waitForMessage((seen) => seen.ts === message.ts && seen.visible.includes('long pause'));
  words.say('The end.');
  words.end();
  await settled(world);
  expect(shown(world, ts)).toEqual(['The first words are here and these came after a long pause. The end.']);
});

it('a stream is stopped before Slack would end it, and has a Stop button from then on', async () => {
  const words = dictation();
  const world = await native({ script: () => ({ text: words.text }), tuning: { streamAgeMs: 500 } });
  const { ts, message } = await begun(world, words);
  await world.slack.waitForMessage(
    (seen) => seen.ts === message.ts && JSON.stringify(seen.blocks).includes('"reply_stop"'),
  );
  words.say('and these came later. The end.');
  words.end();
  await settled(world);
  expect(shown(world, ts)).toEqual(['The first words are here and these came later. The end.']);
  expect(world.slack.calls().filter(({ ok }) => !ok)).toEqual([]);
  expectClean(world);
});

it('the next owner stops the stream of one that is gone, and goes on in the same message', async () => {
  const first = dictation();
  const world = await native({
    script: (question) =>
      question.includes('cut off') ? { text: 'words are here and the rest of it.' } : { text: first.text },
  });
  const { ts, message } = await begun(world, first);
  await world.another();
  await world.bot.stop(0);
  await settled(world);
  expect(shown(world, ts)).toEqual(['The first words are here and the rest of it.']);
  expect(world.slack.thread(general, ts).at(-1)?.ts).toBe(message.ts);
  expectClean(world);
});

it('a stream whose start was never confirmed is found by the next owner', async () => {
  const first = dictation();
  const world = await native({
    script: (question) =>
      question.includes('cut off') ? { text: 'words are here and the rest of it.' } : { text: first.text },
  });
  world.slack.faults.add({ method: 'chat.startStream', fault: { kind: 'hang', when: 'after' } });
  const { ts, message } = await begun(world, first);
  await world.another();
  await world.bot.stop(0);
  await settled(world);
  expect(shown(world, ts)).toEqual(['The first words are here and the rest of it.']);
  expect(world.slack.thread(general, ts).at(-1)?.ts).toBe(message.ts);
  expectClean(world);
});

it('a crowd of ten shares both budgets: no 429, no word lost or doubled', async () => {
  const text = `${PROSE.repeat(60)}The end.`;
  const world = await native({
    script: () => ({ text }),
    model: { tokensPerSecond: 60 },
    env: { DEFAULT_STREAMING: 'auto', DEFAULT_MAX_TOKENS: '8000' },
  });
  const asked = Array.from({ length: 10 }, (_, index) => {
    const channel = index % 2 === 0 ? general : 'C0DESIGN';
    return { channel, ts: world.slack.say(ana, channel, `@skein question ${index}`).ts };
  });
  await settled(world, 10);
  for (const { channel, ts } of asked) {
    const [, ...replies] = world.slack.thread(channel, ts);
    expect(replies.map(({ visible }) => visible.trim())).toEqual([text]);
  }
  expect(world.slack.calls('chat.startStream').length).toBeGreaterThan(2);
  expect(world.slack.calls('chat.update').length).toBeGreaterThan(5);
  expectClean(world);
});

it('in auto a single short answer moves by edits', async () => {
  const world = await native({
    script: () => ({ text: PROSE.repeat(20) }),
    model: { tokensPerSecond: 200 },
    env: { DEFAULT_STREAMING: 'auto' },
  });
  const { ts } = world.slack.say(ana, general, '@skein tell me');
  await finishedReply(world, general, ts);
  await settled(world);
  expect(world.slack.calls('chat.startStream')).toEqual([]);
  expect(shown(world, ts)).toEqual([PROSE.repeat(20).trim()]);
});
