import { describe, expect, it } from 'vitest';
import type { ModelFault } from '../../playground/model/types.ts';
import { quickest } from '../support/quickest.ts';
import { ana, dictation, finishedReply, general, query, startWorld, turnsOf } from './world.ts';

const SENTENCE = 'One two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen.';

/** Goes on as a model does that was asked to repeat the last words. */
function obedient(question: string): string {
  const repeated = /repeating its last words exactly \("(.*?)"\)/s.exec(question)?.[1];
  if (repeated === undefined) return SENTENCE;
  return SENTENCE.slice(SENTENCE.indexOf(repeated));
}

it('an overloaded model is tried again in the same message, and says so', async () => {
  const world = await startWorld({ script: () => ({ text: 'Made it.' }) });
  world.model.fault({ kind: 'status', status: 529 }, 3);
  const { ts } = world.slack.say(ana, general, '@skein hello');
  const busy = await world.slack.waitForMessage((message) => /trying again \(2 of 5\)/.test(message.visible));
  const reply = await finishedReply(world, general, ts);
  expect(reply.ts).toBe(busy.ts);
  expect(reply.visible.trim()).toBe('Made it.');
});

describe.each([
  ['an error event', { kind: 'error_event', afterTokens: 8, type: 'overloaded_error' }],
  ['a reset connection', { kind: 'reset', afterTokens: 8 }],
  ['a stream that ends too early', { kind: 'early_close', afterTokens: 8 }],
  ['a broken event', { kind: 'broken_event', afterTokens: 8 }],
] as [string, ModelFault][])('%s in mid-answer', (_name, fault) => {
  it('is gone on after in the same message, no word lost or doubled, and both calls are in the ledger', async () => {
    const world = await startWorld({ script: (question) => ({ text: obedient(question) }) });
    world.model.fault(fault);
    const { ts } = world.slack.say(ana, general, '@skein count');
    const reply = await finishedReply(world, general, ts);

    expect(reply.visible.trim()).toBe(SENTENCE);
    expect(world.slack.calls('chat.postMessage')).toHaveLength(1);
    const rows = () => query(world, 'select call, estimated from skein.usage order by call');
    await expect.poll(rows).toEqual([
      { call: 1, estimated: true },
      { call: 2, estimated: false },
    ]);
  });
});

it('a stream that breaks again and again keeps the text and offers to continue', async () => {
  const world = await startWorld({ script: (question) => ({ text: obedient(question) }) });
  world.model.fault({ kind: 'reset', afterTokens: 8 });
  world.model.fault({ kind: 'status', status: 401 });
  const { ts } = world.slack.say(ana, general, '@skein count');
  const failed = await finishedReply(world, general, ts);
  expect(failed.visible).toContain('One two three');
  expect(failed.visible).toContain('MODEL_KEY_REJECTED');
  expect(failed.visible).toContain('stays');

  await world.slack.click(ana, { channel: general, ts: failed.ts, actionId: 'reply_retry' });
  const reply = await world.slack.waitForMessage(
    (message) => message.ts === failed.ts && message.visible.trim() === SENTENCE,
  );
  expect(JSON.stringify(reply.blocks)).not.toContain('reply_retry');
});

it.each([
  [401, 'authentication_error', 'MODEL_KEY_REJECTED'],
  [402, 'billing_error', 'MODEL_BILLING'],
  [403, 'permission_error', 'MODEL_NOT_ALLOWED'],
  [404, 'not_found_error', 'MODEL_ADDRESS_WRONG'],
  [400, 'invalid_request_error', 'MODEL_REQUEST_REJECTED'],
])(
  'an answer of %i ends in one clear sentence with a code, and is not asked for again',
  async (status, type, code) => {
    const world = await startWorld({ script: () => ({ text: 'never' }) });
    world.model.fault({
      kind: 'status',
      status,
      type,
      message: 'internal words with a sk-ant-secret-key-123456',
    });
    const { ts } = world.slack.say(ana, general, '@skein hello');
    const reply = await finishedReply(world, general, ts);
    expect(reply.visible).toContain(code);
    expect(reply.visible).not.toContain('internal words');
    expect(world.model.calls()).toHaveLength(1);
    expect(JSON.stringify(world.log)).not.toContain('sk-ant-secret-key-123456');
  },
);

it.each([
  ['a web page with 413', { kind: 'html_413' }, 'MODEL_REQUEST_TOO_LARGE'],
  [
    'a prompt that is too long',
    { kind: 'status', status: 400, message: 'prompt is too long: 203052 tokens > 200000 maximum' },
    'MODEL_PROMPT_TOO_LONG',
  ],
] as [string, ModelFault, string][])('%s ends in its own sentence', async (_name, fault, code) => {
  const world = await startWorld({ script: () => ({ text: 'never' }) });
  world.model.fault(fault);
  const { ts } = world.slack.say(ana, general, '@skein hello');
  expect((await finishedReply(world, general, ts)).visible).toContain(code);
});

it('a filter that stops an answer is told, and that turn is in no later question until it is answered', async () => {
  const world = await startWorld({ script: (question) => ({ text: obedient(question) }) });
  const message = 'Output blocked by content filtering policy';
  world.model.fault({ kind: 'error_event', afterTokens: 8, type: 'invalid_request_error', message });
  const { ts } = world.slack.say(ana, general, '@skein count');
  const stopped = await finishedReply(world, general, ts);
  expect(stopped.visible).toContain('One two three');
  expect(stopped.visible).toContain('MODEL_FILTERED');
  expect(world.model.calls()).toHaveLength(1);
  world.slack.say(ana, general, '@skein something else', { threadTs: ts });
  await finishedReply(world, general, ts, 2);
  expect(turnsOf(world.model.calls().at(-1)?.body)).toEqual(['user: [Ana Ruiz]: something else']);

  await world.slack.click(ana, { channel: general, ts: stopped.ts, actionId: 'reply_retry' });
  await world.slack.waitForMessage(({ ts, visible }) => ts === stopped.ts && visible.trim() === SENTENCE);
  world.slack.say(ana, general, '@skein and now?', { threadTs: ts });
  await finishedReply(world, general, ts, 3);
  expect(turnsOf(world.model.calls().at(-1)?.body).slice(0, 2)).toEqual([
    'user: [Ana Ruiz]: count',
    `assistant: ${SENTENCE}`,
  ]);
});

it('a pause that the provider wants for minutes is told at once instead of waited for', async () => {
  const world = await startWorld({ script: () => ({ text: 'never' }) });
  world.model.fault({ kind: 'status', status: 429, retryAfter: '600' }, Number.POSITIVE_INFINITY);
  const { ts } = world.slack.say(ana, general, '@skein hello');
  const reply = await finishedReply(world, general, ts);
  expect(reply.visible).toContain('MODEL_BUSY');
  expect(JSON.stringify(reply.blocks)).toContain('Try again');
});

it('a refusal takes the partial text back and stays out of what comes later', async () => {
  const world = await startWorld({
    script: () => ({ text: 'Something that should not stand here at all.' }),
  });
  world.model.fault({ kind: 'refusal', afterTokens: 5 });
  const { ts } = world.slack.say(ana, general, '@skein something bad');
  const reply = await finishedReply(world, general, ts);
  expect(reply.visible).toContain('declined');
  expect(reply.visible).not.toContain('Something that');
  world.slack.say(ana, general, '@skein something good', { threadTs: ts });
  await finishedReply(world, general, ts, 2);
  expect(turnsOf(world.model.calls().at(-1)?.body)).toEqual(['user: [Ana Ruiz]: something good']);
});

it('an answer cut by max_tokens says where it was cut', async () => {
  const world = await startWorld({ env: { DEFAULT_MAX_TOKENS: '6' }, script: () => ({ text: SENTENCE }) });
  const { ts } = world.slack.say(ana, general, '@skein count');
  const reply = await finishedReply(world, general, ts);
  expect(reply.visible).toContain('One two three');
  expect(reply.visible).toContain('Cut at 6 tokens');
});

it('an empty answer is asked for once more, and a second empty one is told', async () => {
  const world = await startWorld({ script: () => ({ text: 'Words at last.' }) });
  world.model.fault({ kind: 'empty' });
  const { ts } = world.slack.say(ana, general, '@skein hello');
  expect((await finishedReply(world, general, ts)).visible).toContain('Words at last.');
  world.model.fault({ kind: 'empty' }, 2);
  const { ts: second } = world.slack.say(ana, general, '@skein hello again');
  expect((await finishedReply(world, general, second)).visible).toContain('MODEL_EMPTY');
});

it('an answer whose tokens all went into thinking is asked for once at low effort, then told as what it is', async () => {
  const world = await startWorld({
    env: { DEFAULT_MODEL: 'claude-opus-5-5', DEFAULT_EFFORT: 'high' },
    script: () => ({ text: 'never', thinking: 'hmm '.repeat(100_000) }),
  });
  const { ts } = world.slack.say(ana, general, '@skein hello');
  const reply = await finishedReply(world, general, ts);
  expect(reply.visible).toContain('Claude used up all tokens of this answer for thinking');
  expect(reply.visible).toContain('MODEL_ONLY_THINKING');
  const efforts = world.model.calls().map(({ body }) => body?.['output_config']);
  expect(efforts).toEqual([{ effort: 'high' }, { effort: 'low' }]);
  // What the thinking cost is in the ledger.
  const rows = () => query(world, 'select output_tokens from skein.usage order by call');
  await expect.poll(rows).toEqual([{ output_tokens: 1024 + 16_384 }, { output_tokens: 1024 + 4096 }]);
});

it('a full context window ends in words that say so', async () => {
  const world = await startWorld({ script: () => ({ text: SENTENCE }) });
  world.model.fault({ kind: 'context_full', afterTokens: 6 });
  const { ts } = world.slack.say(ana, general, '@skein hello');
  expect((await finishedReply(world, general, ts)).visible).toContain('A new thread starts fresh');
});

it('Stop ends the answer within a second, keeps the text, says who stopped it, and bills the tokens', async () => {
  let words = dictation();
  const world = await startWorld({ script: () => ({ text: words.text }) });
  const took = await quickest(1000, async () => {
    words = dictation();
    const { ts } = world.slack.say(ana, general, '@skein a long story');
    const { id } = await world.model.waitForCall(({ outcome }) => outcome === 'running');
    words.say('Once upon a time ');
    const writing = await world.slack.waitForMessage(
      (message) => message.threadTs === ts && message.visible.includes('Once upon'),
    );
    const pressed = performance.now();
    const { acked } = await world.slack.click(ana, {
      channel: general,
      ts: writing.ts,
      actionId: 'reply_stop',
    });
    await world.model.waitForCall((call) => call.id === id && call.outcome === 'left');
    const ms = performance.now() - pressed;
    const reply = await finishedReply(world, general, ts);
    expect(acked).toBe(true);
    expect(reply.visible).toContain('Once upon a time');
    expect(reply.visible).toContain('Stopped by Ana Ruiz.');
    return ms;
  });
  expect(took).toBeLessThan(1000);
  const entries = () => query(world, 'select estimated from skein.usage where output_tokens > 0');
  await expect.poll(entries).toEqual(world.model.calls().map(() => ({ estimated: true })));
});

it('Stop reaches a reply that another process writes', async () => {
  const words = dictation();
  const world = await startWorld({ env: { ROLE: 'work' }, script: () => ({ text: words.text }) });
  await world.another({ ROLE: 'receive' });
  const { ts } = world.slack.say(ana, general, '@skein a long story');
  await world.model.waitForCall();
  words.say('Once upon a time ');
  const writing = await world.slack.waitForMessage(
    (message) => message.threadTs === ts && message.visible.includes('Once upon'),
  );
  await world.slack.click(ana, { channel: general, ts: writing.ts, actionId: 'reply_stop' });
  expect((await finishedReply(world, general, ts)).visible).toContain('Stopped by Ana Ruiz.');
});
