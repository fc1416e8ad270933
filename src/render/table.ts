/** GitHub's pipe tables, row by row. */
import { type Container, continuationPrefix, reopeningPrefix } from './containers.ts';
import type { RenderLimits } from './limits.ts';
import { sizeOf } from './size.ts';
import { rank, type Seam, type Unit } from './writer.ts';

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
function writeRow(cells: readonly string[], columns: number): string {
  const kept = cells.slice(0, columns);
  while (kept.length < columns) kept.push('');
  const surplus = cells.slice(columns).filter((cell) => cell !== '');
  if (surplus.length > 0) kept.push([kept.pop() ?? '', ...surplus].join(' \\| '));
  return `| ${kept.join(' | ')} |`;
}

/** A table whose header is written. */
export interface Table {
  readonly kind: 'table';
  readonly columns: number;
  /** Header and separator without their containers. */
  readonly header: readonly [string, string];
  readonly headerCharacters: number;
}

/** Where a table stands. */
interface TablePlace {
  readonly lead: string;
  readonly seam: Seam;
  /** Prefix of the header, and of the lines below it. */
  readonly prefix: string;
  readonly next: string;
}

/** A table and the unit that writes its header. `cells` are rendered. */
export function startTable(
  cells: readonly string[],
  separators: readonly string[],
  place: TablePlace,
): { table: Table; unit: Unit } {
  const columns = separators.length;
  const header = [writeRow(cells, columns), writeRow(separators, columns)] as const;
  const headerCharacters = cells.join('').length;
  return {
    table: { kind: 'table', columns, header, headerCharacters },
    unit: {
      lead: place.lead,
      text: `${place.prefix}${header[0]}\n${place.next}${header[1]}\n`,
      seam: place.seam,
      closing: '',
      table: { start: true, characters: headerCharacters, header: headerCharacters },
    },
  };
}

/** A row; `null` if it fits no segment together with the header. `cells` are rendered. */
export function rowUnit(
  table: Table,
  cells: readonly string[],
  containers: readonly Container[],
  limits: RenderLimits,
): Unit | null {
  const prefix = continuationPrefix(containers);
  const [names, separator] = table.header;
  const text = `${prefix}${writeRow(cells, table.columns)}\n`;
  const open = `${reopeningPrefix(containers)}${names}\n${prefix}${separator}\n`;
  const characters = cells.join('').length;
  const whole = sizeOf(open + text);
  if (whole.characters > limits.characters || whole.bytes > limits.bytes) return null;
  if (characters + table.headerCharacters > limits.tableCharacters) return null;
  return {
    lead: '',
    text,
    seam: { rank: rank.line, close: '', open, drop: 0 },
    closing: '',
    table: { start: false, characters, header: table.headerCharacters },
  };
}
