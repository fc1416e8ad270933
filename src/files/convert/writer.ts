import { MOST_CHARACTERS } from '../limits.ts';
import { Enough } from './xml.ts';

/** Columns of a table that are kept: a sheet has up to 16,384. */
const MOST_COLUMNS = 200;

/** A document as Markdown while it is read, up to as much as is given on. */
export interface Writer {
  /** A paragraph; blank ones are dropped. Throws `Enough`, as all of these. */
  paragraph(text: string): void;
  heading(level: number, text: string): void;
  item(text: string): void;
  /** A row of the table that is open; the first becomes its header. */
  row(cells: readonly string[]): void;
  endTable(): void;
  /** Something was left out. */
  lost(): void;
  done(): { readonly text: string; readonly cut: boolean };
}

export function createWriter(): Writer {
  const parts: string[] = [];
  let length = 0;
  let cut = false;
  let rows = 0;
  let last: 'item' | 'row' | 'other' = 'other';

  const add = (text: string, kind: typeof last) => {
    const gap = parts.length === 0 ? '' : kind === last && kind !== 'other' ? '\n' : '\n\n';
    if (length + gap.length + text.length > MOST_CHARACTERS) {
      cut = true;
      throw new Enough();
    }
    parts.push(gap, text);
    length += gap.length + text.length;
    last = kind;
  };
  const tidy = (text: string) => text.replaceAll('\0', '').trim();

  return {
    paragraph(text) {
      if (tidy(text) !== '') add(tidy(text), 'other');
    },
    heading(level, text) {
      if (tidy(text) !== '') add(`${'#'.repeat(Math.min(6, Math.max(1, level)))} ${tidy(text)}`, 'other');
    },
    item(text) {
      if (tidy(text) !== '') add(`- ${tidy(text)}`, 'item');
    },
    row(cells) {
      if (cells.length > MOST_COLUMNS) cut = true;
      const shown = cells
        .slice(0, MOST_COLUMNS)
        .map((cell) => cell.replace(/\s+/g, ' ').replaceAll('\0', '').trim().replaceAll('|', '\\|'));
      if (rows === 0) last = 'other';
      add(`| ${shown.join(' | ')} |`, 'row');
      rows += 1;
      if (rows === 1) add(`|${' --- |'.repeat(Math.max(1, shown.length))}`, 'row');
    },
    endTable() {
      rows = 0;
      last = 'other';
    },
    lost() {
      cut = true;
    },
    done: () => ({ text: parts.join(''), cut }),
  };
}
