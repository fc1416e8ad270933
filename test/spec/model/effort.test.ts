import { expect, test } from 'vitest';
import { EFFORTS, factsOf, MODELS } from '../../../src/model/catalogue.ts';
import { mannerOf, maxTokensFor } from '../../../src/model/effort.ts';

test.each([
  ['claude-sonnet-4-6', { output_config: { effort: 'medium' } }],
  ['claude-haiku-4-5', {}],
  ['claude-opus-4-5', { output_config: { effort: 'medium' } }],
  ['claude-sonnet-5', { thinking: { type: 'disabled' }, output_config: { effort: 'medium' } }],
  ['claude-haiku-5-5', { thinking: { type: 'disabled' }, output_config: { effort: 'medium' } }],
  ['claude-sonnet-5-5', { thinking: { type: 'between_tools' }, output_config: { effort: 'medium' } }],
  ['claude-opus-5-5', { output_config: { effort: 'medium' } }],
  ['claude-of-tomorrow', {}],
])('%s is asked with as little thinking as it allows', (model, manner) => {
  expect(mannerOf(model)).toEqual(manner);
});

test('an effort that a model lacks becomes the next lower one', () => {
  expect(mannerOf('claude-sonnet-4-6', 'xhigh')).toEqual({ output_config: { effort: 'high' } });
  expect(mannerOf('claude-opus-4-5', 'max')).toEqual({ output_config: { effort: 'high' } });
});

test('the highest efforts leave thinking to the model', () => {
  expect(mannerOf('claude-haiku-5-5', 'xhigh')).toEqual({ output_config: { effort: 'xhigh' } });
  expect(mannerOf('claude-sonnet-5-5', 'max')).toEqual({ output_config: { effort: 'max' } });
});

test('only models that can not be kept from thinking get room for it', () => {
  expect(maxTokensFor('claude-sonnet-4-6', 1024)).toBe(1024);
  expect(maxTokensFor('claude-sonnet-5-5', 1024)).toBe(1024);
  expect(maxTokensFor('claude-opus-5-5', 1024)).toBe(5120);
  expect(maxTokensFor('claude-haiku-5-5', 1024, 'max')).toBe(5120);
  expect(maxTokensFor('claude-opus-5-5', 128_000)).toBe(128_000);
  expect(maxTokensFor('claude-of-tomorrow', 1024)).toBe(1024);
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
