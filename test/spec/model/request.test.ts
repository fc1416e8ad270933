import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Refused } from '../../../playground/model/refused.ts';
import { readRequest } from '../../../playground/model/validate.ts';
import { factsOf, MODELS } from '../../../src/model/catalogue.ts';
import * as request from '../../../src/model/request.ts';
import type { Effort, Keep, ModelRequest, Turn } from '../../../src/reply/ports.ts';
import { question } from './support.ts';

const buildRequest = (some: ModelRequest) => request.buildRequest(some, factsOf(some.model));

const user = (...texts: string[]): Turn => ({
  role: 'user',
  blocks: texts.map((text) => ({ type: 'text', text })),
});
const assistant = (...texts: string[]): Turn => ({ ...user(...texts), role: 'assistant' });

function built(some: ModelRequest) {
  const result = buildRequest(some);
  if (!result.ok) throw new Error(result.problem);
  return result.params;
}

test('a request to the default model carries cache, user and effort, and no thinking', () => {
  expect(built(question)).toEqual({
    model: 'claude-sonnet-4-6',
    max_tokens: 1024,
    stream: true,
    system: [{ type: 'text', text: 'You are a helpful bot.', cache_control: { type: 'ephemeral' } }],
    messages: [{ role: 'user', content: [{ type: 'text', text: 'What is a skein?' }] }],
    cache_control: { type: 'ephemeral' },
    output_config: { effort: 'medium' },
    metadata: { user_id: 'person-hash' },
  });
});

test('what a thread will need again is marked: the instructions, the end of the call before, and the end of this one', () => {
  const turns = [user('one'), assistant('answer'), user('remark'), user('two')];
  const hour = { type: 'ephemeral', ttl: '1h' } as const;
  const { system, messages, cache_control } = built({
    ...question,
    turns,
    keep: { next: 'hour', sentBefore: 1, keptBefore: 0 },
  });
  expect(system).toEqual([{ type: 'text', text: question.system, cache_control: hour }]);
  expect(cache_control).toEqual(hour);
  expect(messages.map(({ content }) => content)).toEqual([
    [{ type: 'text', text: 'one', cache_control: hour }],
    [{ type: 'text', text: 'answer' }],
    [{ type: 'text', text: 'remark' }],
    [{ type: 'text', text: 'two' }],
  ]);
});

test('what was sent before outlasts an hour for the price of one message more, and what is new is kept for minutes', () => {
  const turns = [user('one'), assistant('answer'), user('remark'), user('two')];
  const keep = { next: 'stable', sentBefore: 1, keptBefore: 0 } as const;
  const { system, messages, cache_control } = built({ ...question, turns, keep });
  const hour = { type: 'ephemeral', ttl: '1h' } as const;
  expect(system).toEqual([{ type: 'text', text: question.system, cache_control: hour }]);
  expect(cache_control).toEqual({ type: 'ephemeral' });
  expect(messages.map(({ content }) => content)).toEqual([
    [{ type: 'text', text: 'one' }],
    [{ type: 'text', text: 'answer', cache_control: hour }],
    [{ type: 'text', text: 'remark' }],
    [{ type: 'text', text: 'two' }],
  ]);
  // Nothing lies between what was sent and the question, or nothing is known to have been sent.
  const short = [user('one'), user('two')];
  expect(JSON.stringify(built({ ...question, turns: short, keep }).messages[0])).toContain('1h');
  expect(JSON.stringify(built({ ...question, turns, keep: { ...keep, sentBefore: 0 } }))).not.toContain('1h');
});

test('of a call that nothing comes after, nothing is kept', () => {
  const turns = [user('one'), assistant('answer'), user('two')];
  const params = built({ ...question, turns, keep: { next: 'never', sentBefore: 1, keptBefore: 0 } });
  expect(JSON.stringify(params)).not.toContain('cache_control');
});

test('blank blocks and turns are left out, and so are answers whose question was cut away', () => {
  const turns = [assistant('lost'), user('  ', 'one', ''), assistant('\n'), user('two')];
  expect(built({ ...question, turns }).messages).toEqual([
    { role: 'user', content: [{ type: 'text', text: 'one' }] },
    { role: 'user', content: [{ type: 'text', text: 'two' }] },
  ]);
});

test('a blank system prompt and an empty user id are not sent', () => {
  const params = built({ ...question, system: ' \n', user: '' });
  expect(params).not.toHaveProperty('system');
  expect(params).not.toHaveProperty('metadata');
});

test.each([
  ['no turns', []],
  ['only blank turns', [user(' ')]],
  ['only answers', [assistant('hello')]],
  ['an answer at the end', [user('hello'), assistant('hi')]],
])('a transcript with %s is refused before it is sent', (_label, turns) => {
  expect(buildRequest({ ...question, turns }).ok).toBe(false);
});

test.each([0, -1, 1.5, Number.NaN])('max_tokens of %s is refused before it is sent', (maxTokens) => {
  expect(buildRequest({ ...question, maxTokens }).ok).toBe(false);
});

test('max_tokens never exceeds the cap of the model', () => {
  expect(built({ ...question, maxTokens: 500_000 }).max_tokens).toBe(128_000);
  expect(built({ ...question, model: 'claude-haiku-4-5-20251001', maxTokens: 99_000 }).max_tokens).toBe(
    64_000,
  );
});

test('half a surrogate pair is replaced, a whole one is kept', () => {
  const params = built({ ...question, turns: [user('a\ud83d b \ud83e\uddf6')] });
  expect(params.messages[0]?.content).toEqual([{ type: 'text', text: 'a\ufffd b \ud83e\uddf6' }]);
});

test('whatever the transcript, a request that is built is one that the API takes', () => {
  const text = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.constantFrom('', ' ', '\ud83d', '\u0000', '\n\t', '[Ana]: hi'),
  );
  const turn = fc.record({
    role: fc.constantFrom('user', 'assistant'),
    blocks: fc.array(fc.record({ type: fc.constant('text' as const), text }), { maxLength: 3 }),
  });
  const requests = fc.record({
    model: fc.constantFrom(...MODELS.map((facts) => facts.id)),
    maxTokens: fc.integer({ min: 1, max: 300_000 }),
    system: text,
    turns: fc.array(turn, { maxLength: 6 }),
    user: fc.constantFrom('', 'hash'),
    effort: fc.constantFrom<Effort>('low', 'medium', 'high', 'xhigh', 'max'),
    keep: fc.record({
      next: fc.constantFrom<Keep['next']>('minutes', 'stable', 'hour', 'never'),
      sentBefore: fc.nat({ max: 8 }),
      keptBefore: fc.nat({ max: 8 }),
    }),
  });
  fc.assert(
    fc.property(requests, (some) => {
      const result = buildRequest(some);
      if (!result.ok) return;
      try {
        readRequest(JSON.stringify(result.params), false);
      } catch (thrown) {
        if (thrown instanceof Refused) throw new Error(`the stand-in answers 400: ${thrown.message}`);
        throw thrown;
      }
    }),
    { numRuns: 300 },
  );
});
