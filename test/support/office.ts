import { zipOf } from './zip.ts';

/** Small office documents, with the parts that their readers look for. */

const rels = (relations: Readonly<Record<string, readonly [type: string, target: string]>>) =>
  `<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">${Object.entries(
    relations,
  )
    .map(
      ([id, [type, target]]) =>
        `<Relationship Id="${id}" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/${type}" Target="${target}"/>`,
    )
    .join('')}</Relationships>`;

export function docx(body: string): Buffer {
  return zipOf({
    '[Content_Types].xml': '<Types/>',
    'word/document.xml': `<?xml version="1.0" encoding="UTF-8"?><w:document xmlns:w="w"><w:body>${body}</w:body></w:document>`,
  });
}

export const paragraph = (text: string, style = '') =>
  `<w:p>${style === '' ? '' : `<w:pPr><w:pStyle w:val="${style}"/></w:pPr>`}<w:r><w:t xml:space="preserve">${text}</w:t></w:r></w:p>`;

/** A workbook; a cell is a number, or a text that is shared. */
export function xlsx(sheets: Readonly<Record<string, readonly (readonly (string | number)[])[]>>): Buffer {
  const shared: string[] = [];
  const columns = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';
  const cell = (value: string | number, reference: string) => {
    if (typeof value === 'number') return `<c r="${reference}"><v>${value}</v></c>`;
    shared.push(value);
    return `<c r="${reference}" t="s"><v>${shared.length - 1}</v></c>`;
  };
  const names = Object.keys(sheets);
  const parts = Object.fromEntries(
    Object.values(sheets).map((rows, index) => [
      `xl/worksheets/sheet${index + 1}.xml`,
      `<worksheet><sheetData>${rows
        .map(
          (row, at) =>
            `<row r="${at + 1}">${row.map((value, column) => cell(value, `${columns[column]}${at + 1}`)).join('')}</row>`,
        )
        .join('')}</sheetData></worksheet>`,
    ]),
  );
  return zipOf({
    '[Content_Types].xml': '<Types/>',
    'xl/workbook.xml': `<workbook xmlns:r="r"><sheets>${names
      .map((name, index) => `<sheet name="${name}" sheetId="${index + 1}" r:id="rId${index + 1}"/>`)
      .join('')}</sheets></workbook>`,
    'xl/_rels/workbook.xml.rels': rels(
      Object.fromEntries(
        names.map((_, index) => [
          `rId${index + 1}`,
          ['worksheet', `worksheets/sheet${index + 1}.xml`] as const,
        ]),
      ),
    ),
    'xl/sharedStrings.xml': `<sst>${shared.map((text) => `<si><t>${text}</t></si>`).join('')}</sst>`,
    ...parts,
  });
}

export function pptx(slides: readonly { readonly text: string; readonly notes?: string }[]): Buffer {
  const shape = (text: string) =>
    `<p:sld xmlns:a="a" xmlns:p="p"><a:p><a:r><a:t>${text}</a:t></a:r><a:fld type="slidenum"><a:t>7</a:t></a:fld></a:p></p:sld>`;
  const parts: Record<string, string> = {};
  for (const [index, { text, notes }] of slides.entries()) {
    parts[`ppt/slides/slide${index + 1}.xml`] = shape(text);
    if (notes === undefined) continue;
    parts[`ppt/notesSlides/notes${index + 1}.xml`] = shape(notes);
    parts[`ppt/slides/_rels/slide${index + 1}.xml.rels`] = rels({
      rId1: ['notesSlide', `../notesSlides/notes${index + 1}.xml`],
    });
  }
  return zipOf({
    'ppt/presentation.xml': `<p:presentation xmlns:r="r" xmlns:p="p"><p:sldIdLst>${slides
      .map((_, index) => `<p:sldId id="${256 + index}" r:id="rId${index + 1}"/>`)
      .join('')}</p:sldIdLst></p:presentation>`,
    'ppt/_rels/presentation.xml.rels': rels(
      Object.fromEntries(
        slides.map((_, index) => [`rId${index + 1}`, ['slide', `slides/slide${index + 1}.xml`] as const]),
      ),
    ),
    ...parts,
  });
}

export function openDocument(kind: 'text' | 'spreadsheet' | 'presentation', body: string): Buffer {
  return zipOf({
    mimetype: `application/vnd.oasis.opendocument.${kind}`,
    'content.xml': `<office:document-content xmlns:office="o" xmlns:text="t" xmlns:table="tb" xmlns:draw="d"><office:body><office:${kind}>${body}</office:${kind}></office:body></office:document-content>`,
  });
}

/** A PDF of so many empty pages, each with its number as text. */
export function pdf(pages: number): Buffer {
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    `<< /Type /Pages /Kids [${Array.from({ length: pages }, (_, n) => `${3 + 2 * n} 0 R`).join(' ')}] /Count ${pages} >>`,
  ];
  for (let n = 0; n < pages; n += 1) {
    const text = `BT /F1 12 Tf 72 720 Td (Page ${n + 1}) Tj ET`;
    objects.push(
      `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents ${4 + 2 * n} 0 R >>`,
      `<< /Length ${text.length} >>\nstream\n${text}\nendstream`,
    );
  }
  const body = objects.map((object, n) => `${n + 1} 0 obj\n${object}\nendobj\n`).join('');
  return Buffer.from(
    `%PDF-1.4\n${body}trailer << /Root 1 0 R /Size ${objects.length + 1} >>\n%%EOF\n`,
    'latin1',
  );
}
