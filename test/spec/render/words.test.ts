import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createWholeWords } from '../../../src/render/words.ts';

const scripts = fc.string({
  unit: fc.constantFrom('a', 'b', 'é', ' ', ' ', '\n', '語', 'か', 'ไ', 'ท', 'ย', '👍🏽', '`', '.', '-'),
  maxLength: 200,
});

it('pieces add up to the text, and all but the last end where a reader would not stumble', () => {
  fc.assert(
    fc.property(scripts, fc.array(fc.nat({ max: 200 }), { maxLength: 30 }), (text, cuts) => {
      const words = createWholeWords();
      const places = [...cuts.map((cut) => cut % (text.length + 1)), text.length].sort((a, b) => a - b);
      let shown = '';
      let from = 0;
      for (const place of places) {
        shown += words.push(text.slice(from, place));
        from = place;
        expect(text.startsWith(shown)).toBe(true);
        if (shown === '' || shown.length === text.length || /\S{41}$/u.test(shown)) continue;
        expect(shown).toMatch(/(?:\s|[語かไทย])$/u);
        // What is held back is short.
        expect(from - shown.length).toBeLessThanOrEqual(48);
      }
      expect(shown + words.finish()).toBe(text);
    }),
  );
});

it.each([
  ['Hello wor', 'Hello '],
  ['Hello world', 'Hello '],
  ['Hello world ', 'Hello world '],
  ['one\ntw', 'one\n'],
  ['日本語の文', '日本語の文'],
  ['ภาษาไทย', 'ภาษาไทย'],
  ['see https', 'see '],
])('of %j can be shown %j', (text, whole) => {
  expect(createWholeWords().push(text)).toBe(whole);
});

it('a stretch without blanks is not waited for, and costs no more than others', () => {
  const words = createWholeWords();
  let shown = '';
  for (let piece = 0; piece < 20_000; piece++) shown += words.push('abcde');
  expect(shown.length).toBeGreaterThan(99_900);
  expect(shown + words.finish()).toHaveLength(100_000);
});

it.each([
  ['Let me see. That is up.', true],
  ['Is it “done”?', true],
  ['It is **done**!', true],
  ['Well…', true],
  ['Let me lo', false],
  ['It is 3.', false],
  ['e.', false],
  ['see www.example.', false],
  ['first,', false],
  ['std:', false],
  ['x=foo?', false],
  ['It is done. ', false],
])('of %j the held end can be shown in a pause: %s', (text, ends) => {
  const words = createWholeWords();
  const shown = words.push(text);
  expect(words.sentenceEnds()).toBe(ends);
  expect(shown + words.finish()).toBe(text);
  expect(words.sentenceEnds()).toBe(false);
});
