import { expect, it } from 'vitest';
import { systemClock } from '../../../src/clock.ts';
import type { AnthropicModel, ListedModel } from '../../../src/model/anthropic.ts';
import { factsOf } from '../../../src/model/catalogue.ts';
import { createModels } from '../../../src/model/choices.ts';
import { quickest, timed } from '../../support/quickest.ts';

const listed = (id: string, lifecycle: ListedModel['lifecycle'] = 'active'): ListedModel => ({
  id,
  name: id,
  lifecycle,
  outputCap: 64_000,
  contextTokens: 200_000,
  efforts: id === 'claude-of-tomorrow' ? ['low', 'max'] : (factsOf(id)?.efforts ?? []),
  retiresAt: lifecycle === 'deprecated' ? '2026-11-30T00:00:00Z' : null,
});

/** Models over a provider that answers as told, one answer after the other; the clock stands still. */
function modelsOf(...answers: readonly Awaited<ReturnType<AnthropicModel['listModels']>>[]) {
  let now = 0;
  let asked = 0;
  const clock = { ...systemClock, monotonic: () => now };
  const listModels: AnthropicModel['listModels'] = async () => {
    const answer = answers[Math.min(asked, answers.length - 1)];
    asked += 1;
    return answer ?? new Promise(() => {});
  };
  const models = createModels({ listModels }, clock);
  const later = (ms: number) => {
    now += ms;
  };
  return { models, later, asked: () => asked };
}

const failed = { ok: false } as Awaited<ReturnType<AnthropicModel['listModels']>>;

it('the list is what the API has, without what is retired, with prices and days of retirement', async () => {
  const { models } = modelsOf({
    ok: true,
    models: [
      listed('claude-sonnet-4-6'),
      listed('claude-of-tomorrow'),
      listed('old', 'deprecated'),
      listed('gone', 'retired'),
    ],
  });
  const list = await models();
  expect(list.live).toBe(true);
  expect(list.models).toMatchObject([
    { id: 'claude-sonnet-4-6', price: { input: 3, output: 15 }, deprecated: false, retires: null },
    { id: 'claude-of-tomorrow', price: null, efforts: ['low', 'max'] },
    { id: 'old', deprecated: true, retires: '2026-11-30' },
  ]);
});

it('it is asked for once by all who want it at the same time, and again after five minutes', async () => {
  const { models, later, asked } = modelsOf({ ok: true, models: [listed('a')] });
  await Promise.all([models(), models(), models()]);
  await models();
  expect(asked()).toBe(1);
  later(5 * 60_000 + 1);
  await models();
  expect(asked()).toBe(2);
});

it('while the API can’t be asked, the last list stands, and before there is one the models that we know', async () => {
  const first = await modelsOf(failed).models();
  expect(first.live).toBe(false);
  expect(first.models.map(({ id }) => id)).toContain('claude-sonnet-4-6');
  const { models, later } = modelsOf({ ok: true, models: [listed('a')] }, failed);
  await models();
  later(5 * 60_000 + 1);
  expect(await models()).toMatchObject({ live: true, models: [{ id: 'a' }] });
});

it('an API that does not answer is not waited for longer than a form can wait', async () => {
  const ask = async () => expect((await modelsOf().models()).live).toBe(false);
  expect(await quickest(2200, () => timed(ask))).toBeLessThan(2200);
});
