import fc from 'fast-check';
import { expect, test } from 'vitest';
import { NO_USAGE } from '../../../src/ledger/usage.ts';
import { readStopReason, readStreamEvent, withReport } from '../../../src/model/events.ts';

const start = (usage: object) => {
  const step = readStreamEvent({ type: 'message_start', message: { usage } });
  if (step.type !== 'start') throw new Error(`not a start: ${step.type}`);
  return step.usage;
};
const delta = (usage: object) => {
  const step = readStreamEvent({ type: 'message_delta', delta: { stop_reason: null }, usage });
  if (step.type !== 'progress') throw new Error(`not progress: ${step.type}`);
  return step.usage;
};

test('later counts replace earlier ones, missing ones leave them alone', () => {
  const first = withReport(
    NO_USAGE,
    start({
      input_tokens: 10,
      output_tokens: 1,
      cache_read_input_tokens: 2000,
      cache_creation_input_tokens: 300,
      cache_creation: { ephemeral_5m_input_tokens: 100, ephemeral_1h_input_tokens: 200 },
    }),
  );
  const last = withReport(
    first,
    delta({
      input_tokens: null,
      output_tokens: 50,
      output_tokens_details: { thinking_tokens: 20 },
      cache_read_input_tokens: 2500,
      server_tool_use: { web_search_requests: 3 },
    }),
  );
  expect(last).toEqual({
    inputTokens: 10,
    cacheReadTokens: 2500,
    cacheWrite5mTokens: 100,
    cacheWrite1hTokens: 200,
    outputTokens: 50,
    thinkingTokens: 20,
    webSearches: 3,
  });
});

test('cache writes without a split count as five minutes', () => {
  expect(withReport(NO_USAGE, start({ cache_creation_input_tokens: 300 }))).toMatchObject({
    cacheWrite5mTokens: 300,
    cacheWrite1hTokens: 0,
  });
});

test('cache writes that grow later keep the hour part of the split', () => {
  const first = withReport(
    NO_USAGE,
    start({ cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 200 } }),
  );
  expect(withReport(first, delta({ cache_creation_input_tokens: 260, output_tokens: 1 }))).toMatchObject({
    cacheWrite5mTokens: 60,
    cacheWrite1hTokens: 200,
  });
});

test('counts that are no counts are ignored', () => {
  const usage = { input_tokens: -1, output_tokens: 1.5, cache_read_input_tokens: '7' };
  expect(withReport(NO_USAGE, start(usage))).toEqual(NO_USAGE);
});

test('text and thoughts are told apart, empty texts and signatures are nothing', () => {
  const read = (part: object) => readStreamEvent({ type: 'content_block_delta', index: 0, delta: part });
  expect(read({ type: 'text_delta', text: 'a' })).toEqual({ type: 'text', text: 'a' });
  expect(read({ type: 'thinking_delta', thinking: 'b' })).toEqual({ type: 'thinking', text: 'b' });
  // A thought whose words the provider keeps to itself.
  expect(read({ type: 'thinking_delta', thinking: '' })).toEqual({ type: 'thinking', text: '' });
  expect(read({ type: 'signature_delta', signature: 'c' })).toEqual({ type: 'other' });
  expect(read({ type: 'colour_delta', text: 'd' })).toEqual({ type: 'other' });
});

test('text that stands in the start of a block is not lost', () => {
  const block = { type: 'text', text: 'early' };
  const event = { type: 'content_block_start', index: 0, content_block: block };
  expect(readStreamEvent(event)).toEqual({ type: 'text', text: 'early' });
});

test('any JSON is an event of some kind', () => {
  const types = ['message_start', 'content_block_start', 'content_block_delta', 'message_delta', 'error'];
  const keys = ['type', 'message', 'delta', 'content_block', 'usage', 'text'];
  const object = fc.dictionary(fc.constantFrom(...keys), fc.oneof(fc.constantFrom(...types), fc.jsonValue()));
  fc.assert(
    fc.property(fc.oneof(fc.jsonValue(), object), (event) => {
      expect(typeof readStreamEvent(event).type).toBe('string');
    }),
    { numRuns: 500 },
  );
});

test.each([
  ['end_turn', 'end'],
  ['max_tokens', 'max_tokens'],
  ['stop_sequence', 'stop_sequence'],
  ['refusal', 'refusal'],
  ['model_context_window_exceeded', 'context_full'],
  ['tool_use', 'tool_use'],
  ['pause_turn', 'paused'],
  ['a_reason_of_tomorrow', 'other'],
  [null, 'other'],
])('the stop reason %s is %s in our words', (raw, reason) => {
  expect(readStopReason(raw)).toBe(reason);
});
