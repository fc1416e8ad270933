import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ModelStandin } from '../../../../playground/model/server.ts';
import { body, post, startStandin } from './support.ts';

let standin: ModelStandin;
beforeAll(async () => {
  standin = await startStandin();
});
afterAll(() => standin.stop());

const said = (...content: unknown[]) => [{ role: 'user', content }];
const text = (words: string, more: object = {}) => ({ type: 'text', text: words, ...more });
const ephemeral = (ttl?: string) => ({ cache_control: { type: 'ephemeral', ...(ttl ? { ttl } : {}) } });

const refused: readonly [string, object, RegExp][] = [
  ['a temperature, even the default', { temperature: 1 }, /^temperature: /],
  ['top_p', { top_p: 0.9 }, /^top_p: /],
  ['a field nobody knows', { max_token: 5 }, /^max_token: Extra inputs are not permitted$/],
  ['no max_tokens', { max_tokens: undefined }, /^max_tokens: Field required$/],
  ['max_tokens above the cap', { max_tokens: 128_001 }, /^max_tokens: 128001 > 128000, which is the maximum/],
  ['max_tokens that is no integer', { max_tokens: 1.5 }, /^max_tokens: /],
  ['no messages', { messages: [] }, /at least one message/],
  ['an assistant first', { messages: [{ role: 'assistant', content: 'Hi' }] }, /first message/],
  [
    'an assistant last',
    { messages: [...body.messages, { role: 'assistant', content: 'He' }] },
    /does not support assistant message prefill/,
  ],
  ['an empty text', { messages: said(text('')) }, /^messages: text content blocks must be non-empty$/],
  ['a blank text', { messages: said(text(' \n')) }, /must contain non-whitespace text$/],
  ['a blank system text', { system: ' ' }, /^system: text content blocks must contain/],
  ['half a surrogate pair', { messages: said(text('a\ud83d')) }, /not valid JSON/],
  ['a system role', { messages: [{ role: 'system', content: 'x' }] }, /role 'system' is not supported/],
  ['a speaker name', { messages: [{ role: 'user', content: 'x', name: 'Ana' }] }, /name: Extra inputs/],
  ['adaptive thinking below its budget', { thinking: { type: 'enabled', budget_tokens: 100 } }, /1024/],
  ['an effort that the model lacks', { output_config: { effort: 'xhigh' } }, /^output_config\.effort/],
  [
    'disabled thinking on a model that always thinks',
    { model: 'claude-opus-5-5', thinking: { type: 'disabled' } },
    /thinking\.type/,
  ],
  [
    'a document from the assistant',
    {
      messages: [...body.messages, { role: 'assistant', content: [{ type: 'document' }] }, ...body.messages],
    },
    /not permitted in assistant messages/,
  ],
  [
    'a fifth breakpoint',
    { messages: said(...'abcde'.split('').map((c) => text(c, ephemeral()))) },
    /maximum of 4/,
  ],
  [
    'a breakpoint of an hour after one of five minutes',
    { messages: said(text('a', ephemeral('5m')), text('b', ephemeral('1h'))) },
    /must not come after/,
  ],
  ['metadata beyond user_id', { metadata: { user_id: 'x', name: 'Ana' } }, /^metadata\.name: Extra/],
  ['an unsigned thought', { messages: said({ type: 'thinking', thinking: 'x' }) }, /Invalid `signature`/],
  [
    'a prompt beyond the window',
    { model: 'claude-haiku-4-5', messages: said(text('x'.repeat(4 * 200_000 + 1))) },
    /^prompt is too long: 200001 tokens > 200000 maximum$/,
  ],
];

test.each(refused)('%s is a 400', async (_label, change, message) => {
  const response = await post(standin, { ...body, ...change });
  const answer = await response.json();
  expect(response.status).toBe(400);
  expect(answer).toMatchObject({
    type: 'error',
    error: { type: 'invalid_request_error', message: expect.stringMatching(message) },
    request_id: response.headers.get('request-id'),
  });
});

test('a body that is not JSON is a 400', async () => {
  expect((await post(standin, '{"model":')).status).toBe(400);
});

test('a model that does not exist is a 404', async () => {
  const response = await post(standin, { ...body, model: 'claude-sonnet-4' });
  expect(response.status).toBe(404);
  expect(await response.json()).toMatchObject({ error: { type: 'not_found_error' } });
});

test('a body over 32 MB is a 413', async () => {
  const response = await post(standin, { ...body, system: 'x'.repeat(33 * 1024 * 1024) });
  expect(response.status).toBe(413);
  expect(await response.json()).toMatchObject({ error: { type: 'request_too_large' } });
});

test('several turns of one role in a row are taken', async () => {
  expect((await post(standin, { ...body, messages: [...body.messages, ...body.messages] })).status).toBe(200);
});

test.each<[string, Record<string, string>, number]>([
  ['no key', {}, 401],
  ['a wrong key', { 'x-api-key': 'other' }, 401],
  ['the key as a bearer token', { authorization: 'Bearer right' }, 200],
  ['the key in x-api-key', { 'x-api-key': 'right' }, 200],
  ['x-api-key before a bearer token', { 'x-api-key': 'other', authorization: 'Bearer right' }, 401],
])('%s answers as the API would', async (_label, headers, status) => {
  const own = await startStandin({ apiKey: 'right' });
  try {
    expect((await post(own, body, headers)).status).toBe(status);
  } finally {
    await own.stop();
  }
});

test('the version header is demanded', async () => {
  const response = await fetch(`${standin.url}/v1/models`, { headers: { 'x-api-key': 'x' } });
  expect(response.status).toBe(400);
});

test('counting follows the same rules and knows no max_tokens', async () => {
  const { max_tokens: _, ...counted } = body;
  const count = await post(standin, counted, undefined, '/v1/messages/count_tokens');
  expect(await count.json()).toEqual({ input_tokens: 2 });
  expect((await post(standin, body, undefined, '/v1/messages/count_tokens')).status).toBe(400);
});
