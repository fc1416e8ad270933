import type Anthropic from '@anthropic-ai/sdk';
import { expect, test } from 'vitest';
import { modelInfo } from '../../../playground/model/models.ts';
import { factsOf, MODELS, type ModelFacts } from '../../../src/model/catalogue.ts';
import { mannerOf, maxTokensFor } from '../../../src/model/effort.ts';
import { createFacts, factsFrom } from '../../../src/model/learned.ts';
import { createVirtualClock } from '../../support/virtual-clock.ts';

const infoOf = (facts: ModelFacts) => modelInfo(facts) as Anthropic.ModelInfo;
const known = (id: string): ModelFacts => {
  const facts = factsOf(id);
  if (facts === null) throw new Error(id);
  return facts;
};

test('what the API tells of a model agrees with what we know of it', () => {
  for (const facts of MODELS) {
    const { contextTokens, outputCap, thinkingTypes, efforts, name, retires } = facts;
    const learned = factsFrom(infoOf(facts));
    expect(learned).toMatchObject({ contextTokens, outputCap, efforts, name, retires });
    expect([...(learned?.thinkingTypes ?? [])].sort()).toEqual([...thinkingTypes].sort());
  }
});

test('a new model that always thinks has room for it, and one that need not think is told not to', async () => {
  const clock = createVirtualClock({ random: 0 });
  const always = createFacts(async () => infoOf(known('claude-opus-5-5')), clock);
  const facts = await always('claude-of-tomorrow');
  expect(mannerOf(facts, 'max').thinking).toEqual({ type: 'adaptive', display: 'summarized' });
  expect(maxTokensFor(facts, 1024, 'max')).toBe(1024 + 65_536);
  const quiet = await createFacts(async () => infoOf(known('claude-haiku-5-5')), clock)('claude-of-tomorrow');
  expect(mannerOf(quiet).thinking).toEqual({ type: 'disabled' });
  expect(maxTokensFor(quiet, 1024)).toBe(1024);
});

test('a model is asked about once an hour, and once a minute while nobody answers', async () => {
  const clock = createVirtualClock({ random: 0 });
  const asked: string[] = [];
  let works = false;
  const facts = createFacts(async (id) => {
    asked.push(id);
    if (!works) throw new Error('away');
    return infoOf(known('claude-opus-5-5'));
  }, clock);
  expect(await facts('claude-sonnet-4-6')).toBe(factsOf('claude-sonnet-4-6'));
  expect(await Promise.all([facts('new'), facts('new')])).toEqual([null, null]);
  expect(asked).toEqual(['new']);
  works = true;
  expect(await facts('new')).toBeNull();
  await clock.advance(60_001);
  expect(await facts('new')).toMatchObject({ outputCap: 128_000 });
  await clock.advance(59 * 60_000);
  expect(await facts('new')).not.toBeNull();
  expect(asked).toHaveLength(2);
});

test.each([[{}], [{ capabilities: null }], [{ capabilities: {}, max_tokens: null }]])(
  'an answer that tells nothing of a model gives no facts: %j',
  (answer) => {
    expect(factsFrom(answer as unknown as Anthropic.ModelInfo)).toBeNull();
  },
);

test('capabilities of tomorrow and missing ones are passed over', () => {
  const odd = { id: 'x', max_tokens: 5000, capabilities: { thinking: { supported: true }, hologram: 1 } };
  expect(factsFrom(odd as unknown as Anthropic.ModelInfo)).toMatchObject({
    outputCap: 5000,
    thinkingTypes: [],
    efforts: [],
  });
});
