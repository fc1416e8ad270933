import fc from 'fast-check';
import { expect, test } from 'vitest';
import { countTokens, firstTokens, toDeltas } from '../../../../playground/model/tokens.ts';

const anyText = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 200 }),
  fc.string({ unit: 'binary', maxLength: 200 }),
);

test('the deltas of a text, joined, are the text', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      // A lone surrogate belongs to no class of characters; no request can carry one, so no script sees one.
      const sound = text.replace(/\p{Surrogate}/gu, '');
      expect(toDeltas(sound).join('')).toBe(sound);
    }),
    { numRuns: 300 },
  );
});

test('the first tokens of a text are its beginning, count as asked for and split no character', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 80 }), fc.nat(30), (text, tokens) => {
      const first = firstTokens(text, tokens);
      expect(text.startsWith(first)).toBe(true);
      expect(/\p{Surrogate}/u.test(first)).toBe(false);
      if (first !== '') expect(countTokens(first)).toBeLessThanOrEqual(tokens);
      if (countTokens(text) <= tokens) expect(first).toBe(text);
    }),
    { numRuns: 300 },
  );
});

test('four characters are a token and nothing is free', () => {
  expect([countTokens(''), countTokens('abcd'), countTokens('abcde')]).toEqual([1, 1, 2]);
});
