import { expect, test } from 'vitest';
import { EFFORTS, factsOf, MODELS } from '../../../src/model/catalogue.ts';
import * as effort from '../../../src/model/effort.ts';
import type { Effort } from '../../../src/reply/ports.ts';

const mannerOf = (model: string, wanted?: Effort) => effort.mannerOf(factsOf(model), wanted);
const maxTokensFor = (model: string, tokens: number, wanted?: Effort) =>
  effort.maxTokensFor(factsOf(model), tokens, wanted);
const SHOWN = { type: 'adaptive', display: 'summarized' };

test.each([
  ['claude-sonnet-4-6', { output_config: { effort: 'medium' } }],
  ['claude-haiku-4-5', {}],
  ['claude-opus-4-5', { output_config: { effort: 'medium' } }],
  ['claude-sonnet-5', { thinking: { type: 'disabled' }, output_config: { effort: 'medium' } }],
  ['claude-haiku-5-5', { thinking: { type: 'disabled' }, output_config: { effort: 'medium' } }],
  ['claude-sonnet-5-5', { thinking: { type: 'between_tools' }, output_config: { effort: 'medium' } }],
  ['claude-opus-5-5', { thinking: SHOWN, output_config: { effort: 'medium' } }],
  ['claude-of-tomorrow', {}],
])('%s is asked with as little thinking as it allows', (model, manner) => {
  expect(mannerOf(model)).toEqual(manner);
});

test('an effort that a model lacks becomes the next lower one', () => {
  expect(mannerOf('claude-sonnet-4-6', 'xhigh')).toEqual({ output_config: { effort: 'high' } });
  expect(mannerOf('claude-opus-4-5', 'max')).toEqual({ output_config: { effort: 'high' } });
});

test('the highest efforts leave thinking to the model, whose thoughts come as a sign of life', () => {
  const high = (effort: string) => ({ thinking: SHOWN, output_config: { effort } });
  expect(mannerOf('claude-haiku-5-5', 'xhigh')).toEqual(high('xhigh'));
  expect(mannerOf('claude-sonnet-5-5', 'max')).toEqual(high('max'));
});

test('only models that can not be kept from thinking get room for it', () => {
  expect(maxTokensFor('claude-sonnet-4-6', 1024)).toBe(1024);
  expect(maxTokensFor('claude-sonnet-4-6', 1024, 'max')).toBe(1024);
  expect(maxTokensFor('claude-sonnet-5-5', 1024)).toBe(1024);
  expect(maxTokensFor('claude-opus-5-5', 128_000)).toBe(128_000);
  expect(maxTokensFor('claude-of-tomorrow', 1024)).toBe(1024);
});

test('the more effort is asked for, the more room thinking has, up to the cap of the model', () => {
  const rooms = EFFORTS.map((wanted) => maxTokensFor('claude-opus-5-5', 1024, wanted) - 1024);
  expect(rooms).toEqual([4096, 8192, 16_384, 32_768, 65_536]);
  expect(maxTokensFor('claude-haiku-5-5', 1024, 'max')).toBe(1024 + 65_536);
});

test('every model is known by its plain and its dated id', () => {
  for (const { id } of MODELS) {
    expect(factsOf(id)?.id).toBe(id);
    expect(factsOf(`${id}-20261122`)?.id).toBe(id);
  }
  expect(factsOf('claude-sonnet-4')).toBeNull();
});

test('the effort levels of every model are in rising order', () => {
  for (const { efforts } of MODELS) {
    const places = efforts.map((effort) => EFFORTS.indexOf(effort));
    expect(places).toEqual([...places].sort((a, b) => a - b));
  }
});
