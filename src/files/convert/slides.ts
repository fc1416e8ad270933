import { relationsOf } from './relations.ts';
import { createTables } from './table-cells.ts';
import type { Writer } from './writer.ts';
import { readXml } from './xml.ts';
import type { Entry } from './zip.ts';

/** The slides of a presentation (ECMA-376, PresentationML) in their order, each with its notes. */
export async function readSlides(
  bytes: Uint8Array,
  entries: ReadonlyMap<string, Entry>,
  writer: Writer,
): Promise<void> {
  const order: string[] = [];
  const presentation = entries.get('ppt/presentation.xml');
  if (presentation !== undefined)
    await readXml(bytes, presentation, {
      open(name, attributes) {
        if (name === 'p:sldId') order.push(attributes['r:id'] ?? '');
      },
    });
  const relations = await relationsOf(bytes, entries, 'ppt/presentation.xml');
  let number = 0;
  for (const id of order) {
    const path = relations.get(id)?.target ?? '';
    const slide = entries.get(path);
    if (slide === undefined) continue;
    number += 1;
    writer.heading(2, `Slide ${number}`);
    await readShapes(bytes, slide, writer);
    for (const { type, target } of (await relationsOf(bytes, entries, path)).values()) {
      const notes = type.endsWith('/notesSlide') ? entries.get(target) : undefined;
      if (notes === undefined) continue;
      writer.heading(3, `notes of slide ${number}`);
      await readShapes(bytes, notes, writer);
    }
  }
}

async function readShapes(bytes: Uint8Array, entry: Entry, writer: Writer): Promise<void> {
  const tables = createTables(writer);
  let words = '';
  let inText = false;
  /** The number of the page, which every slide and every page of notes has. */
  let field = false;
  await readXml(bytes, entry, {
    open(name, attributes) {
      if (name === 'a:t') inText = !field;
      else if (name === 'a:fld') field = attributes['type'] === 'slidenum';
      else if (name === 'a:br') words += '\n';
      else if (name === 'a:tbl') tables.openTable();
      else if (name === 'a:tr') tables.openRow();
      else if (name === 'a:tc') tables.openCell();
    },
    text(text) {
      if (inText) words += text;
    },
    close(name) {
      if (name === 'a:t') inText = false;
      else if (name === 'a:fld') field = false;
      else if (name === 'a:p') {
        if (!tables.take(words)) writer.paragraph(words);
        words = '';
      } else if (name === 'a:tc') tables.closeCell();
      else if (name === 'a:tr') tables.closeRow();
      else if (name === 'a:tbl') tables.closeTable();
    },
  });
}
