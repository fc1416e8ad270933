import { createTables } from './table-cells.ts';
import type { Writer } from './writer.ts';
import { readXml } from './xml.ts';
import type { Entry } from './zip.ts';

/** Parts of a document whose text is no text of it: what older readers show instead, and what was struck out. */
const SKIPPED = new Set(['mc:Fallback', 'w:del', 'w:instrText', 'w:moveFrom']);

/** `word/document.xml` (ECMA-376, WordprocessingML): paragraphs, headings, lists and tables. */
export async function readWord(bytes: Uint8Array, entry: Entry, writer: Writer): Promise<void> {
  const tables = createTables(writer);
  let words = '';
  let level = 0;
  let listed = false;
  let skipped = 0;
  let inText = false;
  await readXml(bytes, entry, {
    open(name, attributes) {
      if (SKIPPED.has(name)) skipped += 1;
      if (skipped > 0) return;
      switch (name) {
        case 'w:t':
          inText = true;
          break;
        case 'w:tab':
          words += '\t';
          break;
        case 'w:br':
        case 'w:cr':
          words += '\n';
          break;
        case 'w:pStyle': {
          const style = attributes['w:val'] ?? '';
          level = /^title$/i.test(style) ? 1 : Number(/^heading\s?([1-9])$/i.exec(style)?.[1] ?? level);
          break;
        }
        case 'w:numPr':
          listed = true;
          break;
        case 'w:tbl':
          tables.openTable();
          break;
        case 'w:tr':
          tables.openRow();
          break;
        case 'w:tc':
          tables.openCell();
          break;
      }
    },
    text(text) {
      if (inText && skipped === 0) words += text;
    },
    close(name) {
      if (SKIPPED.has(name)) skipped -= 1;
      if (skipped > 0) return;
      switch (name) {
        case 'w:t':
          inText = false;
          break;
        case 'w:p':
          if (!tables.take(words)) {
            if (level > 0) writer.heading(level, words);
            else if (listed) writer.item(words);
            else writer.paragraph(words);
          }
          [words, level, listed] = ['', 0, false];
          break;
        case 'w:tc':
          tables.closeCell();
          break;
        case 'w:tr':
          tables.closeRow();
          break;
        case 'w:tbl':
          tables.closeTable();
          break;
      }
    },
  });
}
