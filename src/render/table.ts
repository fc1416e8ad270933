/** GitHub's pipe tables, row by row. */
import { type Container, continuationPrefix, reopeningPrefix } from './containers.ts';
import type { RenderLimits, RenderOptions } from './limits.ts';
import { fits, sizeOf } from './size.ts';
import { rank, type Seam, type Unit } from './writer.ts';

const separatorRow = /^ {0,3}\|?(?: *:?-+:? *\|)* *:?-+:? *\|? *$/;

/** True for a row such as `| --- | :-: |`. */
export function isSeparator(line: string): boolean {
  return line.includes('-') && /[|:]/.test(line) && separatorRow.test(line);
}

/**
 * Cells of a row, trimmed. A pipe behind a backslash belongs to its cell, and so does one in code, which gets the
 * backslash that GitHub's rules ask for; unless the row has `columns` cells only without that.
 */
export function cellsOf(line: string, columns?: number): string[] {
  const inner = line.trim().replace(/^\|/, '');
  if (!inner.includes('`')) return split(inner);
  const guarded = split(guardCode(inner));
  if (columns === undefined || guarded.length === columns) return guarded;
  const plain = split(inner);
  return plain.length === columns ? plain : guarded;
}

/** The row with a backslash before every pipe that stands in code. */
function guardCode(row: string): string {
  const runs = [...row.matchAll(/`+/g)].map((found) => ({ at: found.index, length: found[0].length }));
  const nextOf = new Map<number, number>();
  const partner = runs.map(() => -1);
  for (const [back, run] of runs.toReversed().entries()) {
    const index = runs.length - 1 - back;
    partner[index] = nextOf.get(run.length) ?? -1;
    nextOf.set(run.length, index);
  }
  let out = '';
  let from = 0;
  for (let index = 0; index < runs.length; index++) {
    const run = runs[index];
    const close = runs[partner[index] ?? -1];
    if (!run || !close || row[run.at - 1] === '\\') continue;
    const end = close.at + close.length;
    out += row.slice(from, run.at) + row.slice(run.at, end).replace(/\\?\|/g, '\\|');
    from = end;
    index = partner[index] ?? index;
  }
  return out + row.slice(from);
}

function split(inner: string): string[] {
  const cells: string[] = [];
  let cell = '';
  for (let at = 0; at < inner.length; at++) {
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

/** Header and separators of a table, or null where two lines are none; so is a header that leaves no room for rows. */
export function readHeader(
  header: string,
  separator: string,
  limits: RenderOptions,
): { names: string[]; separators: string[] } | null {
  const separators = cellsOf(separator);
  const names = cellsOf(header, separators.length);
  if (names.length !== separators.length || !header.includes('|')) return null;
  if (limits.steady && !header.startsWith('|')) return null;
  if (header.length * 2 > limits.tableCharacters || !fits(sizeOf((header + separator).repeat(2)), limits))
    return null;
  return { names, separators };
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
  if (!fits(sizeOf(open + text), limits)) return null;
  if (characters + table.headerCharacters > limits.tableCharacters) return null;
  return {
    lead: '',
    text,
    seam: { rank: rank.line, close: '', open, drop: 0 },
    closing: '',
    table: { start: false, characters, header: table.headerCharacters },
  };
}
