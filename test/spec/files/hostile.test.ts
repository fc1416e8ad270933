import fc from 'fast-check';
import sharp from 'sharp';
import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../../src/clock.ts';
import { createConverter } from '../../../src/files/convert/converter.ts';
import { convert } from '../../../src/files/convert/document.ts';
import { convertImage } from '../../../src/files/convert/image.ts';
import { kindOf } from '../../../src/files/kinds.ts';
import { MOST_CHARACTERS } from '../../../src/files/limits.ts';
import { createLog } from '../../../src/log.ts';
import { docx, openDocument, paragraph, pdf, pptx, xlsx } from '../../support/office.ts';
import { zipOf } from '../../support/zip.ts';

const log = createLog('error', { write: () => {} });
const MOST_GROWTH = 150_000_000;

const samples: readonly Buffer[] = [
  docx(paragraph('We ship on Friday.', 'Heading1')),
  xlsx({ Sales: [['May', 12.5]] }),
  pptx([{ text: 'Hello', notes: 'loud' }]),
  openDocument('text', '<text:p>words</text:p>'),
  pdf(3),
  Buffer.from('{\\rtf1 words}'),
  Buffer.from(
    'From: a@b\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nx\r\n--b--',
  ),
  await sharp({ create: { width: 40, height: 30, channels: 3, background: 'red' } })
    .png()
    .toBuffer(),
  await sharp({ create: { width: 40, height: 30, channels: 3, background: 'red' } })
    .jpeg()
    .toBuffer(),
  await sharp({ create: { width: 40, height: 30, channels: 3, background: 'red' } })
    .webp()
    .toBuffer(),
  bitmap(),
];

/** A bitmap of Windows of 2 × 1 pixels. */
function bitmap(): Buffer {
  const bytes = Buffer.alloc(62);
  bytes.write('BM');
  for (const [at, value] of [
    [10, 54],
    [14, 40],
    [18, 2],
    [22, 1],
  ] as const)
    bytes.writeInt32LE(value, at);
  bytes.writeUInt16LE(24, 28);
  return bytes;
}

/** A file of which bytes are changed, cut off or repeated. */
const hurt: fc.Arbitrary<Uint8Array> = fc
  .record({
    file: fc.constantFrom(...samples),
    changes: fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 12 }),
    cut: fc.option(fc.nat()),
    twice: fc.boolean(),
  })
  .map(({ file, changes, cut, twice }) => {
    const bytes = Buffer.concat(twice ? [file, file] : [file]);
    for (const [at, value] of changes) bytes[at % bytes.length] = value;
    return cut === null ? bytes : bytes.subarray(0, cut % (bytes.length + 1));
  });

test('damaged, cut and foreign files end as something or with a reason, and never as an exception', async () => {
  await fc.assert(
    fc.asyncProperty(fc.oneof(hurt, fc.uint8Array({ maxLength: 600 })), fc.string(), async (bytes, name) => {
      const made = kindOf(bytes).kind === 'image' ? await convertImage(bytes) : await convert(bytes, name);
      if (made.kind === 'text') {
        expect(made.text.trim()).not.toBe('');
        expect(made.text.length).toBeLessThanOrEqual(MOST_CHARACTERS + 100);
        expect(made.text).not.toContain('\0');
      }
    }),
    { numRuns: 400 },
  );
});

test('bombs end in a thread with little memory, and the next file is read', async () => {
  const converter = createConverter({ clock: systemClock, log });
  onTestFinished(() => converter.close());
  const zeros = '0'.repeat(60_000_000);
  const cell = `<row><c t="inlineStr"><is><t>${'x'.repeat(1000)}</t></is></c></row>`;
  const bombs: readonly [string, Buffer][] = [
    ['one endless word', docx(`<w:p><w:r><w:t>${zeros}</w:t></w:r></w:p>`)],
    ['endless rows', xlsxOf(cell.repeat(60_000))],
    ['endless nesting', docx('<w:tbl><w:tr><w:tc>'.repeat(200_000))],
    [
      'entities',
      docx(
        `<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><w:p><w:r><w:t>&b;</w:t></w:r></w:p>`,
      ),
    ],
    [
      'an archive of many names',
      zipOf(Object.fromEntries(Array.from({ length: 20_000 }, (_, n) => [`f${n}`, '']))),
    ],
    ['a directory that lies', zipOf({ 'word/document.xml': 'x' }, { 'word/document.xml': 4_000_000_000 })],
  ];
  await converter.convert(Buffer.from('warm'), 'a.txt');
  for (const [what, bomb] of bombs) {
    const before = process.memoryUsage().rss;
    const made = await converter.convert(bomb, 'bomb');
    expect(['text', 'unread'], what).toContain(made.kind);
    expect(process.memoryUsage().rss - before, what).toBeLessThan(MOST_GROWTH);
  }
  expect(await converter.convert(Buffer.from('still here'), 'a.txt')).toMatchObject({ text: 'still here' });
});

test('a file that takes too long ends, and the next one is read', async () => {
  const converter = createConverter({ clock: systemClock, log, limitMs: 1 });
  onTestFinished(() => converter.close());
  const slow = xlsx({ Long: Array.from({ length: 30_000 }, (_, n) => [n, n]) });
  expect(await converter.convert(slow, 'slow.xlsx')).toEqual({ kind: 'unread', why: 'broken' });
  const patient = createConverter({ clock: systemClock, log });
  onTestFinished(() => patient.close());
  expect(await patient.convert(Buffer.from('words'), 'a.txt')).toMatchObject({ kind: 'text' });
});

function xlsxOf(rows: string): Buffer {
  return zipOf({
    'xl/workbook.xml': '<workbook xmlns:r="r"><sheets><sheet name="S" r:id="rId1"/></sheets></workbook>',
    'xl/_rels/workbook.xml.rels':
      '<Relationships><Relationship Id="rId1" Type="x/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
    'xl/worksheets/sheet1.xml': `<worksheet><sheetData>${rows}</sheetData></worksheet>`,
  });
}
