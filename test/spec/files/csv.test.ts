import fc from 'fast-check';
import { expect, test } from 'vitest';
import { csv } from '../../../src/files/csv.ts';

test.each([
  ['=1+1', "'=1+1"],
  ['+cmd', "'+cmd"],
  ["-2+3+cmd|' /C calc'!A0", "'-2+3+cmd|' /C calc'!A0"],
  ['@SUM(A1)', "'@SUM(A1)"],
  ['  =HYPERLINK("http://x")', '"\'  =HYPERLINK(""http://x"")"'],
  ['\t=1', '"\'\t=1"'],
  ['＝1+1', "'＝1+1"],
  ['a\n=1', '"a\n=1"'],
  ['-5', '-5'],
  ['-1,234.50', '"-1,234.50"'],
  ['+3 %', '+3 %'],
  ['a;b', '"a;b"'],
  ['Ana "A" Ruiz', '"Ana ""A"" Ruiz"'],
])('%j stands in a file so that a spreadsheet shows it and runs nothing', (text, cell) => {
  expect(csv([[text]])).toBe(`\ufeff${cell}\r\n`);
});

/** Reads CSV by RFC 4180, with nothing of ours. */
function read(text: string): string[][] {
  const rows: string[][] = [[]];
  let cell = '';
  let quoted = false;
  for (let at = 1; at < text.length; at += 1) {
    const one = text[at] ?? '';
    if (quoted && one === '"' && text[at + 1] === '"') {
      cell += '"';
      at += 1;
    } else if (one === '"') quoted = !quoted;
    else if (!quoted && (one === ',' || one === '\r')) {
      rows.at(-1)?.push(cell);
      cell = '';
      if (one === '\r') {
        rows.push([]);
        at += 1;
      }
    } else cell += one;
  }
  return rows.slice(0, -1);
}

test('whatever people are called, each cell is read back as it was, but for the mark before what would run', () => {
  const hostile = fc.array(
    fc.constantFrom('=', '+', '-', '@', ' ', '\t', '"', ',', ';', '\n', '\r', '1', 'a', '＝'),
  );
  const cell = fc.oneof(
    fc.string(),
    hostile.map((parts) => parts.join('')),
  );
  fc.assert(
    fc.property(
      fc.array(fc.array(cell, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 4 }),
      (rows) => {
        const found = read(csv(rows));
        expect(found.map((row) => row.map((one) => one))).toEqual(
          rows.map((row, y) => row.map((one, x) => (found[y]?.[x] === `'${one}` ? `'${one}` : one))),
        );
        for (const one of found.flat())
          expect(/^\s*[=@＝＠]/.test(one) || /^\s*[+\-＋－].*[^\d.,%\s]/s.test(one)).toBe(false);
      },
    ),
  );
});
