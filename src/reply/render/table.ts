/** GitHub's pipe tables, row by row. */

const separatorRow = /^ {0,3}\|?(?: *:?-+:? *\|)* *:?-+:? *\|? *$/;

/** True for a row such as `| --- | :-: |`. */
export function isSeparator(line: string): boolean {
  return line.includes('-') && /[|:]/.test(line) && separatorRow.test(line);
}

/** Cells of a row, trimmed. A pipe behind a backslash belongs to its cell. */
export function cellsOf(line: string): string[] {
  const inner = line.trim().replace(/^\|/, '');
  const cells: string[] = [];
  let cell = '';
  let at = 0;
  for (; at < inner.length; at++) {
    const char = inner[at] ?? '';
    if (char === '\\' && at + 1 < inner.length) {
      cell += char + (inner[at + 1] ?? '');
      at++;
    } else if (char === '|') {
      cells.push(cell.trim());
      cell = '';
    } else cell += char;
  }
  if (cell.trim() !== '' || cells.length === 0) cells.push(cell.trim());
  return cells;
}

/** A row with exactly so many cells. What is too much joins the last cell: a parser would drop it. */
export function writeRow(cells: readonly string[], columns: number): string {
  const kept = cells.slice(0, columns);
  while (kept.length < columns) kept.push('');
  const surplus = cells.slice(columns).filter((cell) => cell !== '');
  if (surplus.length > 0) kept.push([kept.pop() ?? '', ...surplus].join(' \\| '));
  return `| ${kept.join(' | ')} |`;
}
