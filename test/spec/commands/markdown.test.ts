import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bar, code, escapeMarkdown, table } from '../../../src/commands/markdown.ts';

test('a text of anybody’s stays one piece of code on its line, without a live token', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 120 }), (text) => {
      const made = code(text);
      expect(made).not.toMatch(/[\n|]/);
      expect(made).not.toMatch(/<[@!#][A-Za-z]/);
      const [fence] = /^`+/.exec(made) ?? [''];
      if (made !== '—') expect(made.slice(fence.length, -fence.length)).not.toContain(fence);
    }),
  );
  expect(code('<!channel> `x`')).not.toContain('<!channel>');
});

test('a name never becomes Markdown or a ping', () => {
  expect(escapeMarkdown('*bold* _x_ [a](b) <!here> | `c`')).toBe(
    '\\*bold\\* \\_x\\_ \\[a\\]\\(b\\) \\<\u2060\\!here\\> \\| \\`c\\`',
  );
});

test('a share is said in digits first, with a bar as long as it behind', () => {
  expect(bar(1n, 4n)).toBe('25 % `███`');
  expect(bar(9n, 3n)).toBe('300 % `██████████`');
  expect(bar(5n, 0n)).toBe('0 %');
});

test('a table keeps to the rows that Slack shows', () => {
  expect(table(['A', 'B'], [['1', '2']])).toBe('| A | B |\n| --- | --- |\n| 1 | 2 |');
  const long = table(
    ['A'],
    Array.from({ length: 200 }, () => ['x']),
  );
  expect(long.split('\n')).toHaveLength(101);
});
