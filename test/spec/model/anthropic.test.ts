import { afterEach, expect, test } from 'vitest';
import type { ModelFault, Script } from '../../../playground/model/types.ts';
import { systemClock } from '../../../src/clock.ts';
import { hear, modelFor, never, type Pair, question, startPair } from './support.ts';

const TEXT = 'A skein is a length of thread, wound so that it does not tangle. '.repeat(5).trim();
const script: Script = () => ({ text: TEXT });

let pair: Pair | undefined;
afterEach(async () => {
  await pair?.standin.stop();
  pair = undefined;
});

async function meet(fault: ModelFault, options: Parameters<typeof startPair>[1] = {}) {
  pair = await startPair(script, options);
  pair.standin.fault(fault);
  return hear(pair.model);
}

test('an answer arrives whole, with its request id, its usage and its end', async () => {
  pair = await startPair(script);
  const heard = await hear(pair.model);
  expect(heard.text).toBe(TEXT);
  expect(heard.last).toEqual({ type: 'stop', reason: 'end', raw: 'end_turn' });
  const call = pair.standin.calls()[0];
  expect(heard.events[0]).toMatchObject({ type: 'started', requestId: call?.requestId });
  expect(heard.usage).toMatchObject({
    inputTokens: call?.billed.input_tokens,
    outputTokens: call?.billed.output_tokens,
  });
  expect(heard.usage?.outputTokens).toBeGreaterThan(50);
});

test.each([
  ['refusal', 'refusal'],
  ['context_full', 'context_full'],
  ['pause_turn', 'paused'],
] as const)('a %s after some text ends with the reason %s', async (kind, reason) => {
  const heard = await meet({ kind, afterTokens: 5 });
  expect(heard.text.length).toBeGreaterThan(3);
  expect(heard.last).toMatchObject({ type: 'stop', reason });
});

test('an empty answer ends without text and without failure', async () => {
  const heard = await meet({ kind: 'empty' });
  expect(heard.text).toBe('');
  expect(heard.last).toMatchObject({ type: 'stop', reason: 'end' });
});

test('an answer that max_tokens cut says so', async () => {
  pair = await startPair(script);
  const heard = await hear(pair.model, { ...question, maxTokens: 7 });
  expect(TEXT.startsWith(heard.text)).toBe(true);
  expect(heard.last).toMatchObject({ type: 'stop', reason: 'max_tokens' });
  expect(heard.usage?.outputTokens).toBe(7);
});

const status = (code: number, more: object = {}): ModelFault => ({ kind: 'status', status: code, ...more });
const beforeText: readonly [string, ModelFault, object][] = [
  ['400', status(400), { kind: 'rejected', code: 'MODEL_REQUEST_REJECTED', retryable: false, status: 400 }],
  [
    '400, prompt too long',
    status(400, { message: 'prompt is too long: 203052 tokens > 200000 maximum' }),
    { kind: 'rejected', code: 'MODEL_PROMPT_TOO_LONG' },
  ],
  ['401', status(401), { kind: 'rejected', code: 'MODEL_KEY_REJECTED', type: 'authentication_error' }],
  ['402', status(402), { kind: 'rejected', code: 'MODEL_BILLING' }],
  ['403', status(403), { kind: 'rejected', code: 'MODEL_NOT_ALLOWED' }],
  ['404', status(404, { message: 'model: claude-x' }), { kind: 'rejected', code: 'MODEL_UNKNOWN' }],
  ['409', status(409), { kind: 'unavailable', code: 'MODEL_ERROR', retryable: true }],
  ['413 in JSON', status(413), { kind: 'rejected', code: 'MODEL_REQUEST_TOO_LARGE' }],
  [
    '413 as a web page',
    { kind: 'html_413' },
    { kind: 'rejected', code: 'MODEL_REQUEST_TOO_LARGE', type: null },
  ],
  [
    '429 with seconds',
    status(429, { retryAfter: '17' }),
    { kind: 'unavailable', code: 'MODEL_BUSY', retryable: true, retryAfterMs: 17_000 },
  ],
  [
    '429 of a spend limit',
    status(429, { errorCode: 'enforced_spend_limit_reached' }),
    { kind: 'rejected', code: 'MODEL_SPEND_LIMIT', retryable: false },
  ],
  ['500', status(500), { kind: 'unavailable', code: 'MODEL_ERROR', retryable: true }],
  ['503', status(503), { kind: 'unavailable', code: 'MODEL_ERROR', retryable: true }],
  [
    '529',
    status(529),
    { kind: 'unavailable', code: 'MODEL_OVERLOADED', retryable: true, type: 'overloaded_error' },
  ],
  ['200 with a web page', { kind: 'not_json' }, { kind: 'malformed', code: 'MODEL_MALFORMED', status: 200 }],
  [
    'reset before the headers',
    { kind: 'reset_at_once' },
    { kind: 'unavailable', code: 'MODEL_UNREACHABLE', retryable: true },
  ],
];

test.each(beforeText)('%s is one failure and no text', async (_label, fault, expected) => {
  const heard = await meet(fault);
  expect(heard.events).toHaveLength(1);
  expect(heard.failure).toMatchObject(expected);
});

const inText: readonly [string, ModelFault, object][] = [
  [
    'an overloaded_error event',
    { kind: 'error_event', afterTokens: 8 },
    { kind: 'error_event', code: 'MODEL_OVERLOADED', type: 'overloaded_error', status: null },
  ],
  [
    'an api_error event',
    { kind: 'error_event', afterTokens: 8, type: 'api_error' },
    { kind: 'error_event', code: 'MODEL_STREAM_ERROR', type: 'api_error' },
  ],
  [
    'a socket reset',
    { kind: 'reset', afterTokens: 8 },
    { kind: 'connection_lost', code: 'MODEL_STREAM_CUT' },
  ],
  [
    'a clean early close',
    { kind: 'early_close', afterTokens: 8 },
    { kind: 'ended_early', code: 'MODEL_STREAM_ENDED_EARLY' },
  ],
  [
    'an event that is not JSON',
    { kind: 'broken_event', afterTokens: 8 },
    { kind: 'malformed', code: 'MODEL_MALFORMED' },
  ],
];

test.each(inText)('%s keeps the text so far and names the request', async (_label, fault, expected) => {
  const heard = await meet(fault);
  const call = pair?.standin.calls()[0];
  expect(heard.text).toBe(call?.text);
  expect(heard.text).not.toBe('');
  expect(heard.failure).toMatchObject({ ...expected, retryable: true, requestId: call?.requestId });
});

test('a stream that falls silent fails after the limit, pings or not', async () => {
  const idleMs = { headers: 10_000, firstContent: 10_000, between: 150, pingsOnly: 60_000 };
  const heard = await meet({ kind: 'stall', afterTokens: 8, pingEveryMs: 20 }, { idleMs });
  expect(heard.text).not.toBe('');
  expect(heard.failure).toMatchObject({ kind: 'stalled', code: 'MODEL_STALLED', retryable: true });
  await pair?.standin.waitForCall((call) => call.outcome === 'left');
});

test('silence before the first word is measured by its own limit', async () => {
  const idleMs = { headers: 10_000, firstContent: 500, between: 10_000, pingsOnly: 60_000 };
  const heard = await meet({ kind: 'stall', afterTokens: 0 }, { idleMs });
  expect(heard.events.map((event) => event.type)).toEqual(['started', 'failure']);
  expect(heard.failure).toMatchObject({ kind: 'stalled' });
});

test('a server that never sends headers is given up, without a second try', async () => {
  const idleMs = { headers: 1000, firstContent: 10_000, between: 10_000, pingsOnly: 60_000 };
  const heard = await meet({ kind: 'hang' }, { idleMs, maxRetries: 3 });
  expect(heard.events).toHaveLength(1);
  expect(heard.failure).toMatchObject({ kind: 'unavailable', code: 'MODEL_UNREACHABLE' });
  expect(pair?.standin.calls()).toHaveLength(1);
});

test('a reader who takes long over an event does not make the stream count as silent', async () => {
  const limitMs = 1000;
  const idleMs = { headers: 10_000, firstContent: limitMs, between: limitMs, pingsOnly: 60_000 };
  pair = await startPair(() => ({ text: ['one ', 'two ', 'three'] }), { idleMs });
  const texts: string[] = [];
  for await (const event of pair.model.stream(question, never)) {
    if (event.type !== 'text') continue;
    if (texts.length === 0) await systemClock.sleep(limitMs * 2);
    texts.push(event.text);
  }
  expect(texts).toEqual(['one ', 'two ', 'three']);
});

test('a refused connection is one failure', async () => {
  const gone = await startPair(script);
  await gone.standin.stop();
  const heard = await hear(modelFor(gone.standin.url));
  expect(heard.failure).toMatchObject({ kind: 'unavailable', code: 'MODEL_UNREACHABLE', retryable: true });
});

test.each(['/', '/v1', '/v1/', '//v1//', '/v1/messages', '/v1/messages/'])(
  'an address that ends in %s is the same address',
  async (end) => {
    pair = await startPair(script);
    const model = modelFor(`${pair.standin.url}${end}`);
    expect((await hear(model)).text).toBe(TEXT);
    expect(await model.checkModel()).toEqual({ ok: true });
  },
);

test('an address where no API answers is a failure that trying again does not cure', async () => {
  pair = await startPair(script);
  const heard = await hear(modelFor(`${pair.standin.url}/elsewhere`));
  expect(heard.failure).toMatchObject({ code: 'MODEL_ADDRESS_WRONG', retryable: false });
});
