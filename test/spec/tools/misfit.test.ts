import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { misfitOf } from '../../../src/tools/mcp/misfit.ts';

const TICKET = {
  type: 'object',
  properties: {
    title: { type: 'string', minLength: 1 },
    kind: { enum: ['bug', 'wish'] },
    parts: { type: 'array', items: { $ref: '#/$defs/part' } },
  },
  required: ['title'],
  additionalProperties: false,
  $defs: {
    part: {
      type: 'object',
      properties: { name: { type: 'string' }, parts: { type: 'array', items: { $ref: '#/$defs/part' } } },
      required: ['name'],
    },
  },
} as const;

describe('an input against the schema of its tool', () => {
  it.each([
    [{ title: 'Fire' }],
    [{ title: 'Fire', kind: 'bug', parts: [{ name: 'a' }] }],
    [{ title: 'Fire', parts: [{ name: 'a', parts: [{ name: 'b' }] }] }],
  ])('%j fits', (input) => {
    expect(misfitOf(TICKET, input)).toBeNull();
  });

  it.each([
    [{}, 'title'],
    [{ title: 7 }, 'string'],
    [{ title: 'Fire', kind: 'joke' }, 'kind'],
    [{ title: 'Fire', more: 1 }, 'more'],
    [{ title: 'Fire', parts: [{}] }, 'name'],
    [[], 'object'],
    ['Fire', 'object'],
    [null, 'object'],
  ])('%j does not, and the words say why', (input, word) => {
    expect(misfitOf(TICKET, input)).toContain(word);
  });

  it('an older draft is read as what it says it is', () => {
    const schema = {
      $schema: 'http://json-schema.org/draft-07/schema#',
      type: 'object',
      properties: { pair: { type: 'array', items: [{ type: 'string' }, { type: 'number' }] } },
    };
    expect(misfitOf(schema, { pair: ['a', 1] })).toBeNull();
    expect(misfitOf(schema, { pair: [1, 'a'] })).not.toBeNull();
  });
});

describe('a schema of somebody who means ill', () => {
  it('does not get its expressions run: the server may judge by them', () => {
    const schema = { type: 'object', properties: { a: { type: 'string', pattern: '^(a+)+$' } } };
    expect(misfitOf(schema, { a: `${'a'.repeat(60)}!` })).toBeNull();
  });

  it('is no end of work where it contains itself, doubles itself, or points nowhere', () => {
    const doubling = Object.fromEntries(
      Array.from({ length: 60 }, (_, n) => [
        `d${n}`,
        { allOf: [{ $ref: `#/$defs/d${n + 1}` }, { $ref: `#/$defs/d${n + 1}` }] },
      ]),
    );
    for (const schema of [
      { $ref: '#' },
      { allOf: [{ $ref: '#' }, { $ref: '#' }] },
      { type: 'object', $ref: '#/$defs/d0', $defs: doubling },
      { properties: { a: { $ref: '#/$defs/none' } } },
      { properties: { a: { $ref: 'https://example.com/schema' } } },
      { properties: { __proto__: { type: 'string' } } },
      { properties: 7, required: 'title', enum: 3 },
    ])
      expect(() => misfitOf(schema, { a: 1 })).not.toThrow();
  });

  it('whatever it is, the answer is words or nothing', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.jsonValue(), (schema, input) => {
        const told = misfitOf(schema, input);
        expect(told === null || told.length <= 601).toBe(true);
      }),
    );
  });
});
