import fc from 'fast-check';
import { expect, test } from 'vitest';
import { outFiles } from '../../../src/files/out.ts';

const code = (lines: number, language = 'python') =>
  `\`\`\`${language}\n${Array.from({ length: lines }, (_, n) => `line ${n}`).join('\n')}\n\`\`\``;
const table = (rows: number) =>
  `| a | b |\n|---|:-:|\n${Array.from({ length: rows }, (_, n) => `| ${n} | x |`).join('\n')}`;
const names = (question: string, answer: string) => outFiles(question, answer).map(({ name }) => name);

test.each([
  ['short code', 'write it', code(10), []],
  ['long code', 'write it', code(61), ['code.py']],
  ['code in a language without an ending of its own', 'write it', code(61, 'brainf'), ['code.txt']],
  ['a short table', 'compare them', table(5), []],
  ['a long table', 'compare them', table(26), ['table.csv']],
  ['a short table as CSV', 'give it as a CSV', table(2), ['table.csv']],
  ['a short table as Excel', 'bitte als Excel', table(2), ['table.csv']],
  ['short code as a file', 'put it in a file please, as a file', code(3, 'sh'), ['code.sh']],
  ['CSV in a fence', 'as csv please', code(3, 'csv'), ['table.csv']],
  ['two of a kind', 'as a file', `${code(2)}\n\n${code(3)}`, ['code.py', 'code-2.py']],
  ['a fence that is not closed', 'as a file', '```python\nprint(1)', []],
  ['no table at all', 'as CSV', 'a | b', []],
  ['words about CSV', 'what is csv?', table(2), []],
])('of %s come as files what is worth it', (_what, question, answer, files) => {
  expect(names(question, answer)).toEqual(files);
});

test('a table becomes CSV that spreadsheets read and do not run', () => {
  const answer = '| **name** | sum |\n| --- | ---: |\n| a, "b" | =1+1 |\n| c\\|d | -5 |';
  expect(outFiles('as CSV', answer)[0]?.text).toBe('\ufeffname,sum\r\n"a, ""b""",\'=1+1\r\nc|d,-5\r\n');
});

test('any answer gives the same few files each time, and never an exception', () => {
  const part = fc.constantFrom('```', '~~~', '| a | b |', '|---|---|', '\n', 'text', '`', '    ', '|');
  fc.assert(
    fc.property(fc.array(fc.oneof(part, fc.string())), fc.string(), (parts, question) => {
      const answer = parts.join('\n');
      const files = outFiles(`${question} as a file`, answer);
      expect(files).toEqual(outFiles(`${question} as a file`, answer));
      expect(files.length).toBeLessThanOrEqual(5);
      expect(new Set(files.map(({ name }) => name)).size).toBe(files.length);
      for (const { text } of files) expect(text).not.toBe('');
    }),
  );
});

test('a table at the end of an answer that may go on waits for the rest, and what came before keeps its place', () => {
  const cut = `${table(2)}\n\nand\n\n${table(1)}`;
  const whole = `${table(2)}\n\nand\n\n${table(5)}\n\nDone.`;
  const first = outFiles('as CSV', cut, { cut: true });
  expect(first).toHaveLength(1);
  const then = outFiles('as CSV', whole);
  expect(then).toHaveLength(2);
  expect(then[0]).toEqual(first[0]);
});
