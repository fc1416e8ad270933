import Anthropic from '@anthropic-ai/sdk';
import { afterEach, expect, test } from 'vitest';
import type { ModelStandin } from '../../../../playground/model/server.ts';
import { MODELS } from '../../../../src/model/catalogue.ts';
import { body, KEY, post, startStandin } from './support.ts';

let standin: ModelStandin | undefined;
afterEach(async () => {
  await standin?.stop();
  standin = undefined;
});

async function start(options: Parameters<typeof startStandin>[0] = {}): Promise<ModelStandin> {
  standin = await startStandin(options);
  return standin;
}

const clientOf = ({ url }: ModelStandin) => new Anthropic({ apiKey: KEY, baseURL: url, maxRetries: 0 });

const params = { ...body, messages: [{ role: 'user' as const, content: 'Hello' }] };

/** The events of a raw stream, as they stood on the wire. */
async function rawEvents(response: Response) {
  const wire = await response.text();
  return wire
    .split('\n\n')
    .filter((part) => part !== '')
    .map((part) => {
      const match = /^event: (\w+)\ndata: (\{.*\}) *$/.exec(part);
      if (match?.[1] === undefined || match[2] === undefined) throw new Error(`not an event: ${part}`);
      return { name: match[1], data: JSON.parse(match[2]) };
    });
}

test('a stream has the order, the shapes and the headers of the real one', async () => {
  const response = await post(await start(), { ...body, stream: true });
  expect(response.headers.get('content-type')).toContain('text/event-stream');
  expect(response.headers.get('request-id')).toMatch(/^req_/);
  expect(response.headers.get('anthropic-ratelimit-requests-remaining')).toMatch(/^\d+$/);
  expect(Date.parse(response.headers.get('anthropic-ratelimit-tokens-reset') ?? '')).not.toBeNaN();
  const events = await rawEvents(response);
  const names = events.map(({ name }) => name);
  expect(names.slice(0, 3)).toEqual(['message_start', 'content_block_start', 'ping']);
  expect(names.slice(-3)).toEqual(['content_block_stop', 'message_delta', 'message_stop']);
  expect(events.every(({ name, data }) => data.type === name)).toBe(true);
  expect(events[0]?.data.message).toMatchObject({ content: [], stop_reason: null, role: 'assistant' });
  expect(events[0]?.data.message.usage).toMatchObject({
    input_tokens: 2,
    cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 0 },
  });
  expect(events.at(-2)?.data).toMatchObject({
    delta: { stop_reason: 'end_turn', stop_sequence: null },
    usage: { input_tokens: 2 },
  });
});

test("the SDK's own helper reads a stream and a whole answer as the same message", async () => {
  const client = clientOf(await start());
  const streamed = await client.messages.stream(params).finalMessage();
  const whole = await client.messages.create(params);
  expect(streamed.content).toMatchObject([{ type: 'text', text: 'Hello there, Ana.' }]);
  expect(whole.content).toEqual(streamed.content);
  expect(whole.stop_reason).toBe('end_turn');
  expect(whole.usage.output_tokens).toBe(streamed.usage.output_tokens);
  expect(whole._request_id).toMatch(/^req_/);
});

test('a model that thinks by default thinks first, and its thought counts', async () => {
  const client = clientOf(await start({ script: () => ({ text: 'Hello', thinking: 'x'.repeat(80) }) }));
  const model = 'claude-opus-5-5';
  const hidden = await client.messages.stream({ ...params, model }).finalMessage();
  expect(hidden.content).toMatchObject([
    { type: 'thinking', thinking: '', signature: expect.stringMatching(/./) },
    { type: 'text', text: 'Hello' },
  ]);
  expect(hidden.usage).toMatchObject({
    output_tokens: 22,
    output_tokens_details: { thinking_tokens: 20 },
  });
  const thinking = { type: 'adaptive', display: 'summarized' } as const;
  const shown = await client.messages.stream({ ...params, model, thinking }).finalMessage();
  expect(shown.content[0]).toMatchObject({ type: 'thinking', thinking: 'x'.repeat(80) });
});

test('thinking can eat the whole of max_tokens', async () => {
  const client = clientOf(await start({ script: () => ({ text: 'Hello', thinking: 'x'.repeat(80) }) }));
  const message = await client.messages
    .stream({ ...params, model: 'claude-opus-5-5', max_tokens: 15 })
    .finalMessage();
  expect(message).toMatchObject({ stop_reason: 'max_tokens', usage: { output_tokens: 15 } });
  expect(message.content.map((block) => block.type)).toEqual(['thinking']);
});

test('a stop sequence ends the text before it', async () => {
  const client = clientOf(await start({ script: () => ({ text: 'one, two, three' }) }));
  const message = await client.messages.stream({ ...params, stop_sequences: [', three'] }).finalMessage();
  expect(message).toMatchObject({
    content: [{ text: 'one, two' }],
    stop_reason: 'stop_sequence',
    stop_sequence: ', three',
  });
});

test('a refusal before any text carries details and is not billed', async () => {
  const own = await start();
  own.fault({ kind: 'refusal', afterTokens: 0 });
  const message = await clientOf(own).messages.stream(params).finalMessage();
  expect(message).toMatchObject({ content: [], stop_reason: 'refusal', stop_details: { type: 'refusal' } });
  expect(own.calls()[0]?.billed).toMatchObject({ input_tokens: 0, output_tokens: 0 });
});

test('a thread that grows is read from the cache', async () => {
  const client = clientOf(await start());
  const system = 'You are patient. '.repeat(300);
  const cached = { ...params, system, cache_control: { type: 'ephemeral' as const } };
  const first = await client.messages.stream(cached).finalMessage();
  const more = [
    ...params.messages,
    { role: 'assistant' as const, content: 'Hi' },
    { role: 'user' as const, content: 'And?' },
  ];
  const second = await client.messages.stream({ ...cached, messages: more }).finalMessage();
  expect(first.usage.cache_read_input_tokens).toBe(0);
  expect(first.usage.cache_creation_input_tokens).toBeGreaterThan(1024);
  expect(second.usage.cache_read_input_tokens).toBe(first.usage.cache_creation_input_tokens);
  expect(second.usage.cache_creation_input_tokens).toBe(2);
});

test('an async script sends each delta when it comes', async () => {
  let open = () => {};
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  async function* text() {
    yield 'one ';
    await gate;
    yield 'two';
  }
  const own = await start({ script: () => ({ text: text() }) });
  const stream = clientOf(own).messages.stream(params);
  const early = await own.waitForCall((call) => call.text === 'one ');
  expect(early.outcome).toBe('running');
  open();
  expect(await stream.finalText()).toBe('one two');
});

test('the Models API lists, pages and resolves every model of the catalogue', async () => {
  const client = clientOf(await start());
  const ids: string[] = [];
  for await (const model of client.models.list({ limit: 5 })) ids.push(model.id);
  expect(ids).toEqual(MODELS.map((facts) => facts.id));
  const deprecated = await client.models.list({ lifecycle: ['deprecated'] });
  expect(deprecated.data.map((model) => model.id)).toEqual(['claude-sonnet-4-5']);
  expect(await client.models.retrieve('claude-sonnet-4-6')).toMatchObject({
    type: 'model',
    line: 'sonnet',
    capabilities: { effort: { xhigh: { supported: false }, max: { supported: true } } },
  });
  await expect(client.models.retrieve('claude-of-tomorrow')).rejects.toBeInstanceOf(Anthropic.NotFoundError);
});

test('a status fault has the envelope, the class and the header of the real one', async () => {
  const own = await start();
  own.fault({
    kind: 'status',
    status: 429,
    errorCode: 'enforced_spend_limit_reached',
    retryAfter: '7',
  });
  const error: unknown = await clientOf(own)
    .messages.create(params)
    .catch((thrown: unknown) => thrown);
  if (!(error instanceof Anthropic.RateLimitError)) throw new Error(`not a rate limit: ${String(error)}`);
  expect(error).toMatchObject({ type: 'rate_limit_error', errorCode: 'enforced_spend_limit_reached' });
  expect(error.headers.get('retry-after')).toBe('7');
  expect(error.requestID).toBe(own.calls()[0]?.requestId);
});
