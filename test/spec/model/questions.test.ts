import { createServer } from 'node:http';
import { afterEach, expect, test } from 'vitest';
import { startModelStandin } from '../../../playground/model/server.ts';
import { systemClock } from '../../../src/clock.ts';
import { hear, modelFor, type Pair, question, startPair } from './support.ts';

let pair: Pair | undefined;
afterEach(async () => {
  await pair?.standin.stop();
  pair = undefined;
});

test('the check is good when the API answers and takes the key', async () => {
  pair = await startPair(() => ({ text: '' }));
  expect(await pair.model.checkModel()).toEqual({ ok: true });
});

test('the check says that the key is refused, and so does an answer', async () => {
  const standin = await startModelStandin({ clock: systemClock, apiKey: 'sk-ant-right' });
  try {
    const model = modelFor(standin.url, { apiKey: 'sk-ant-wrong' });
    const failure = { kind: 'rejected', code: 'MODEL_KEY_REJECTED', retryable: false };
    expect(await model.checkModel()).toMatchObject({ ok: false, failure });
    expect((await hear(model)).failure).toMatchObject(failure);
  } finally {
    await standin.stop();
  }
});

test('the check says what the account is refused for until a call is taken again', async () => {
  pair = await startPair(() => ({ text: 'fine' }));
  const message = 'Your credit balance is too low to access the Anthropic API.';
  pair.standin.fault({ kind: 'status', status: 400, message });
  await hear(pair.model);
  expect(await pair.model.checkModel()).toMatchObject({ ok: false, failure: { code: 'MODEL_BILLING' } });
  pair.standin.fault({ kind: 'status', status: 529 });
  await hear(pair.model);
  expect(await pair.model.checkModel()).toMatchObject({ ok: false, failure: { code: 'MODEL_BILLING' } });
  await hear(pair.model);
  expect(await pair.model.checkModel()).toEqual({ ok: true });
});

test('the check says that nobody answers', async () => {
  const gone = await startPair(() => ({ text: '' }));
  await gone.standin.stop();
  const checked = await gone.model.checkModel();
  expect(checked).toMatchObject({ ok: false, failure: { code: 'MODEL_UNREACHABLE', retryable: true } });
});

test.each([
  ['text/html', '<html>Welcome</html>'],
  ['application/json', '<html>Welcome</html>'],
  ['application/json', '{"surprise":true}'],
])('a 200 of %s that is not a list is malformed: %s', async (type, body) => {
  const server = createServer((_req, res) => res.writeHead(200, { 'content-type': type }).end(body));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : null;
  try {
    const model = modelFor(`http://127.0.0.1:${port}`);
    const malformed = { ok: false, failure: { kind: 'malformed', code: 'MODEL_MALFORMED' } };
    expect(await model.checkModel()).toMatchObject(malformed);
    expect(await model.listModels()).toMatchObject(malformed);
    expect(await model.countTokens(question)).toMatchObject(malformed);
    expect((await hear(model)).failure).toMatchObject(malformed.failure);
  } finally {
    server.closeAllConnections();
    server.close();
  }
});

test('the list of models comes newest first, with caps and retirement', async () => {
  pair = await startPair(() => ({ text: '' }));
  const listed = await pair.model.listModels();
  if (!listed.ok) throw new Error(listed.failure.message);
  expect(listed.models[0]?.id).toBe('claude-fable-5-2');
  expect(listed.models.find((model) => model.id === 'claude-sonnet-4-6')).toEqual({
    id: 'claude-sonnet-4-6',
    name: 'Claude Sonnet 4.6',
    lifecycle: 'active',
    outputCap: 128_000,
    contextTokens: 1_000_000,
    efforts: ['low', 'medium', 'high', 'max'],
    retiresAt: null,
  });
  expect(listed.models.find((model) => model.id === 'claude-sonnet-4-5')).toMatchObject({
    lifecycle: 'deprecated',
    retiresAt: '2026-11-30T00:00:00Z',
  });
});

test('counting agrees with what the same request is billed for', async () => {
  pair = await startPair(() => ({ text: 'fine' }));
  const counted = await pair.model.countTokens(question);
  const { usage } = await hear(pair.model);
  expect(counted).toEqual({ ok: true, tokens: usage?.inputTokens });
});

test('counting a transcript that cannot be sent is a refusal without a request', async () => {
  const counted = await modelFor('http://127.0.0.1:9').countTokens({ ...question, turns: [] });
  expect(counted).toMatchObject({ ok: false, failure: { code: 'MODEL_REQUEST_REJECTED' } });
});
