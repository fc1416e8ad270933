import { relationsOf } from './relations.ts';
import type { Writer } from './writer.ts';
import { Enough, readXml } from './xml.ts';
import type { Entry } from './zip.ts';

/** Characters of texts that cells share, which are all read before the first sheet. */
const MOST_SHARED = 12_000_000;
/** The first column has number 1; sheets end at `XFD`. */
const MOST_COLUMN = 16_384;
/** Empty rows between two full ones that are told as empty rows. */
const MOST_EMPTY = 1;

/** The sheets of a workbook (ECMA-376, SpreadsheetML), each as a table under its name: values as they were last shown. */
export async function readSheets(
  bytes: Uint8Array,
  entries: ReadonlyMap<string, Entry>,
  writer: Writer,
): Promise<void> {
  const shared = await sharedTexts(bytes, entries, writer);
  const dates = await dateStyles(bytes, entries);
  const sheets: { name: string; id: string; hidden: boolean }[] = [];
  let from1904 = false;
  const workbook = entries.get('xl/workbook.xml');
  if (workbook !== undefined)
    await readXml(bytes, workbook, {
      open(name, attributes) {
        if (name === 'workbookPr') from1904 = /^(?:1|true)$/.test(attributes['date1904'] ?? '');
        if (name === 'sheet')
          sheets.push({
            name: attributes['name'] ?? '',
            id: attributes['r:id'] ?? '',
            hidden: (attributes['state'] ?? 'visible') !== 'visible',
          });
      },
    });
  const relations = await relationsOf(bytes, entries, 'xl/workbook.xml');
  for (const { name, id, hidden } of sheets) {
    const entry = entries.get(relations.get(id)?.target ?? '');
    if (entry === undefined) continue;
    writer.heading(2, `Sheet "${name.slice(0, 100)}"${hidden ? ' (hidden)' : ''}`);
    await readSheet(bytes, entry, { shared, dates, from1904, writer });
    writer.endTable();
  }
}

interface Book {
  readonly shared: readonly string[];
  /** Numbers of the styles that show a number as a date. */
  readonly dates: ReadonlySet<number>;
  readonly from1904: boolean;
  readonly writer: Writer;
}

async function readSheet(bytes: Uint8Array, entry: Entry, book: Book): Promise<void> {
  const { writer } = book;
  let row: string[] = [];
  let column = 0;
  let rowNumber = 0;
  let lastRow = 0;
  let [type, style, value] = ['', 0, ''];
  let inValue = false;
  let phonetic = false;
  let full = false;
  await readXml(bytes, entry, {
    open(name, attributes) {
      if (name === 'row') {
        rowNumber = Number(attributes['r']) || rowNumber + 1;
        [row, column] = [[], 0];
      } else if (name === 'c') {
        column = columnOf(attributes['r'] ?? '') ?? column + 1;
        [type, style, value] = [attributes['t'] ?? 'n', Number(attributes['s']) || 0, ''];
      } else if (name === 'rPh') phonetic = true;
      else if (name === 'v' || name === 't') inValue = !phonetic;
    },
    text(text) {
      if (inValue) value += text;
    },
    close(name) {
      if (name === 'v' || name === 't') inValue = false;
      else if (name === 'rPh') phonetic = false;
      else if (name === 'c' && value !== '' && column <= MOST_COLUMN) {
        while (row.length < column - 1) row.push('');
        row[column - 1] = shown(value, type, style, book);
      } else if (name === 'row' && row.some((cell) => cell !== '')) {
        // A hole of a million rows is told as one empty row.
        if (lastRow > 0 && rowNumber - lastRow > MOST_EMPTY) writer.row(['']);
        lastRow = rowNumber;
        try {
          writer.row(row);
        } catch (thrown) {
          full = thrown instanceof Enough;
          throw thrown;
        }
      }
    },
  });
  if (full) throw new Enough();
}

/** `BC23` → 55; null: no reference. */
function columnOf(reference: string): number | null {
  const letters = /^([A-Z]{1,3})\d/.exec(reference)?.[1];
  if (letters === undefined) return null;
  return [...letters].reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 64, 0);
}

function shown(value: string, type: string, style: number, { shared, dates, from1904 }: Book): string {
  switch (type) {
    case 's':
      return shared[Number(value)] ?? '';
    case 'b':
      return value === '1' ? 'TRUE' : 'FALSE';
    case 'n':
      return dates.has(style) ? dateOf(Number(value), from1904) : tidyNumber(value);
    default:
      return value;
  }
}

/** Written by a program with all digits of a double: `0.30000000000000004`. */
function tidyNumber(value: string): string {
  const number = Number(value);
  return /^-?\d+\.\d{13,}/.test(value) && Number.isFinite(number)
    ? String(Number(number.toPrecision(15)))
    : value;
}

/** Days since the end of 1899 (or 1904) as a date; with a time where there is one. */
function dateOf(days: number, from1904: boolean): string {
  if (!Number.isFinite(days) || Math.abs(days) > 3_000_000) return String(days);
  const epoch = from1904 ? Date.UTC(1904, 0, 1) : Date.UTC(1899, 11, 30);
  const iso = new Date(Math.round((epoch + days * 86_400_000) / 1000) * 1000).toISOString();
  if (Math.abs(days) < 1) return iso.slice(11, 19);
  return Number.isInteger(days) ? iso.slice(0, 10) : iso.slice(0, 19).replace('T', ' ');
}

async function sharedTexts(
  bytes: Uint8Array,
  entries: ReadonlyMap<string, Entry>,
  writer: Writer,
): Promise<readonly string[]> {
  const texts: string[] = [];
  const entry = entries.get('xl/sharedStrings.xml');
  if (entry === undefined) return texts;
  let text = '';
  let inText = false;
  let phonetic = false;
  let characters = 0;
  await readXml(bytes, entry, {
    open(name) {
      if (name === 'si') text = '';
      else if (name === 'rPh') phonetic = true;
      else if (name === 't') inText = !phonetic;
    },
    text(piece) {
      if (inText) text += piece;
    },
    close(name) {
      if (name === 't') inText = false;
      else if (name === 'rPh') phonetic = false;
      else if (name === 'si') {
        characters += text.length;
        if (characters > MOST_SHARED) {
          writer.lost();
          throw new Enough();
        }
        texts.push(text);
      }
    },
  });
  return texts;
}

/** Built-in formats of dates and times (ECMA-376 part 1, 18.8.30). */
const isBuiltInDate = (id: number) =>
  (id >= 14 && id <= 22) || (id >= 27 && id <= 36) || (id >= 45 && id <= 47);

/** Styles by which a number is shown as a date. */
async function dateStyles(
  bytes: Uint8Array,
  entries: ReadonlyMap<string, Entry>,
): Promise<ReadonlySet<number>> {
  const found = new Set<number>();
  const entry = entries.get('xl/styles.xml');
  if (entry === undefined) return found;
  const formats = new Map<number, string>();
  let inCells = false;
  let style = 0;
  await readXml(bytes, entry, {
    open(name, attributes) {
      if (name === 'numFmt') formats.set(Number(attributes['numFmtId']), attributes['formatCode'] ?? '');
      else if (name === 'cellXfs') inCells = true;
      else if (name === 'xf' && inCells) {
        const id = Number(attributes['numFmtId']);
        const code = (formats.get(id) ?? '').replace(/"[^"]*"|\\.|\[[^\]]*\]/g, '');
        if (isBuiltInDate(id) || /[ymdhs]/i.test(code)) found.add(style);
        style += 1;
      }
    },
    close(name) {
      if (name === 'cellXfs') inCells = false;
    },
  });
  return found;
}
