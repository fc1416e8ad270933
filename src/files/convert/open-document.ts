import { createTables } from './table-cells.ts';
import type { Writer } from './writer.ts';
import { readXml } from './xml.ts';
import type { Entry } from './zip.ts';

/** What is in the text and not of it: remarks, what was struck out, what stands for a picture. */
const SKIPPED = new Set(['office:annotation', 'text:tracked-changes', 'svg:title', 'svg:desc', 'text:note']);
/** Equal cells or rows that a file counts instead of repeating them; empty ones fill up whole sheets. */
const MOST_REPEATED = 100;

/** `content.xml` of an OpenDocument text, spreadsheet or presentation (OASIS ODF 1.3, part 3). */
export async function readOpenDocument(bytes: Uint8Array, entry: Entry, writer: Writer): Promise<void> {
  const tables = createTables(writer);
  const sheet = { open: false, row: [] as string[], repeatRow: 1, cell: [] as string[], repeatCell: 1 };
  let words = '';
  let skipped = 0;
  let paragraphs = 0;
  let level = 0;
  let items = 0;
  let page = 0;
  let isSheet = false;

  const endParagraph = () => {
    const text = words;
    words = '';
    if (isSheet && sheet.open) sheet.cell.push(text);
    else if (!tables.take(text)) {
      if (level > 0) writer.heading(level, text);
      else if (items > 0) writer.item(text);
      else writer.paragraph(text);
    }
    level = 0;
  };

  await readXml(bytes, entry, {
    open(name, attributes) {
      if (SKIPPED.has(name)) skipped += 1;
      if (skipped > 0) return;
      switch (name) {
        case 'office:spreadsheet':
          isSheet = true;
          break;
        case 'draw:page':
          page += 1;
          writer.heading(2, `Slide ${page}`);
          break;
        case 'text:h':
          level = Number(attributes['text:outline-level']) || 1;
          paragraphs += 1;
          break;
        case 'text:p':
          paragraphs += 1;
          break;
        case 'text:list-item':
          items += 1;
          break;
        case 'text:s':
          words += ' '.repeat(Math.min(20, Number(attributes['text:c']) || 1));
          break;
        case 'text:tab':
          words += '\t';
          break;
        case 'text:line-break':
          words += '\n';
          break;
        case 'table:table':
          if (isSheet) writer.heading(2, `Sheet "${(attributes['table:name'] ?? '').slice(0, 100)}"`);
          else tables.openTable();
          break;
        case 'table:table-row':
          if (isSheet)
            [sheet.row, sheet.repeatRow] = [[], repeated(attributes['table:number-rows-repeated'])];
          else tables.openRow();
          break;
        case 'table:table-cell':
        case 'table:covered-table-cell':
          if (isSheet) {
            sheet.open = true;
            sheet.cell = [];
            sheet.repeatCell = repeated(attributes['table:number-columns-repeated']);
          } else tables.openCell();
          break;
      }
    },
    text(text) {
      if (paragraphs > 0 && skipped === 0) words += text;
    },
    close(name) {
      if (SKIPPED.has(name)) skipped -= 1;
      if (skipped > 0) return;
      switch (name) {
        case 'text:h':
        case 'text:p':
          paragraphs -= 1;
          endParagraph();
          break;
        case 'text:list-item':
          items -= 1;
          break;
        case 'table:table-cell':
        case 'table:covered-table-cell':
          if (isSheet) {
            sheet.open = false;
            const text = sheet.cell.join(' ');
            for (let n = 0; n < sheet.repeatCell; n += 1) sheet.row.push(text);
          } else tables.closeCell();
          break;
        case 'table:table-row':
          if (isSheet) {
            while (sheet.row.at(-1) === '') sheet.row.pop();
            if (sheet.row.length > 0) for (let n = 0; n < sheet.repeatRow; n += 1) writer.row(sheet.row);
          } else tables.closeRow();
          break;
        case 'table:table':
          if (isSheet) writer.endTable();
          else tables.closeTable();
          break;
      }
    },
  });
}

function repeated(count: string | undefined): number {
  return Math.min(MOST_REPEATED, Math.max(1, Math.floor(Number(count)) || 1));
}
