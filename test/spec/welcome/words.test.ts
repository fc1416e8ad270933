import fc from 'fast-check';
import { expect, it } from 'vitest';
import { titleOf } from '../../../src/reply/show/heading.ts';
import { GREETING, PROMPTS } from '../../../src/words/welcome.ts';

it.each([
  ['What is *the* answer?', 'What is the answer?'],
  ['# A heading\n\nand more', 'A heading and more'],
  ['see [the docs](https://example.com) please', 'see the docs please'],
  ['```js\ncode\n``` why does this fail?', 'why does this fail?'],
  ['  ', null],
  ['*_`', null],
])('the title of %j is %j', (question, title) => {
  expect(titleOf(question)).toBe(title);
});

it('a title is short, of one line, and cut between words where there are any', () => {
  expect(titleOf('word '.repeat(40))).toBe(`${'word '.repeat(12).trim()}…`);
  expect(titleOf('x'.repeat(300))).toBe(`${'x'.repeat(60)}…`);
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (question) => {
      const title = titleOf(question);
      if (title === null) return;
      expect([...title].length).toBeLessThanOrEqual(61);
      expect(title).not.toMatch(/[\n*`<]/);
    }),
  );
});

it('what is offered keeps to what Slack takes, and pings nobody', () => {
  expect(PROMPTS.length).toBeLessThanOrEqual(4);
  expect(GREETING).not.toMatch(/<[@!#]/);
});
