import { deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { convert } from '../../../src/files/convert/document.ts';
import { convertImage } from '../../../src/files/convert/image.ts';
import { kindOf } from '../../../src/files/kinds.ts';
import { MOST_CHARACTERS } from '../../../src/files/limits.ts';
import { docx, openDocument, paragraph, pdf, pptx, xlsx } from '../../support/office.ts';
import { zipOf } from '../../support/zip.ts';

async function textIn(bytes: Uint8Array, name = 'file'): Promise<string> {
  const made = await convert(bytes, name);
  if (made.kind !== 'text') throw new Error(JSON.stringify(made));
  return made.text;
}

test('a Word document is read with its headings, lists and tables, and without what was struck out', async () => {
  const cell = (text: string) => `<w:tc>${paragraph(text)}</w:tc>`;
  const body = [
    paragraph('Plan', 'Heading1'),
    paragraph('We &amp; they ship on Friday.'),
    '<w:p><w:pPr><w:numPr/></w:pPr><w:r><w:t>milk</w:t></w:r></w:p>',
    '<w:p><w:pPr><w:numPr/></w:pPr><w:r><w:t>eggs</w:t></w:r><w:del><w:r><w:t>ham</w:t></w:r></w:del></w:p>',
    `<w:tbl><w:tr>${cell('who')}${cell('what')}</w:tr><w:tr>${cell('Ana')}${cell('a|b')}</w:tr></w:tbl>`,
    paragraph('End'),
  ].join('');
  expect(await textIn(docx(body))).toBe(
    '# Plan\n\nWe & they ship on Friday.\n\n- milk\n- eggs\n\n| who | what |\n| --- | --- |\n| Ana | a\\|b |\n\nEnd',
  );
});

test('a workbook is read sheet by sheet, as tables with their names', async () => {
  const book = xlsx({
    Sales: [
      ['month', 'sum'],
      ['May', 12.5],
      ['June', 0.30000000000000004],
    ],
    Empty: [],
  });
  expect(await textIn(book)).toBe(
    '## Sheet "Sales"\n\n| month | sum |\n| --- | --- |\n| May | 12.5 |\n| June | 0.3 |\n\n## Sheet "Empty"',
  );
});

test('a sheet that is longer than may be given ends early and says so', async () => {
  const rows = Array.from({ length: 20_000 }, (_, n) => [`row ${n}`, n, n * 2]);
  const made = await convert(xlsx({ Long: rows }), 'long.xlsx');
  expect(made).toMatchObject({ kind: 'text', cut: true });
  expect(made.kind === 'text' && made.text.length).toBeLessThanOrEqual(MOST_CHARACTERS);
});

test('slides come in their order with their notes', async () => {
  expect(await textIn(pptx([{ text: 'Hello', notes: 'say it loud' }, { text: 'Bye' }]))).toBe(
    '## Slide 1\n\nHello\n\n### notes of slide 1\n\nsay it loud\n\n## Slide 2\n\nBye',
  );
});

test('OpenDocument texts and sheets are read, counted repetitions included', async () => {
  const text = openDocument(
    'text',
    '<text:h text:outline-level="2">Plan</text:h><text:p>one<text:s text:c="2"/>two</text:p><text:list><text:list-item><text:p>milk</text:p></text:list-item></text:list>',
  );
  expect(await textIn(text)).toBe('## Plan\n\none  two\n\n- milk');
  const sheet = openDocument(
    'spreadsheet',
    '<table:table table:name="S"><table:table-row><table:table-cell><text:p>a</text:p></table:table-cell><table:table-cell table:number-columns-repeated="2"><text:p>b</text:p></table:table-cell><table:table-cell table:number-columns-repeated="16000"/></table:table-row></table:table>',
  );
  expect(await textIn(sheet)).toBe('## Sheet "S"\n\n| a | b | b |\n| --- | --- | --- |');
});

test('rich text gives its words', async () => {
  const rtf =
    "{\\rtf1\\ansi{\\fonttbl{\\f0 Arial;}}{\\*\\generator X;}Gr\\'fc\\'dfe\\par \\u8364?5 {\\b fett}}";
  expect(await textIn(Buffer.from(rtf))).toBe('Grüße\n€5 fett');
});

test('an e-mail gives who wrote what, decoded, and names what is attached', async () => {
  const mail = [
    'From: =?utf-8?Q?J=C3=B6rg?= <j@example.com>',
    'Subject: Plan',
    'MIME-Version: 1.0',
    'Content-Type: multipart/mixed; boundary="b"',
    '',
    '--b',
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: base64',
    '',
    Buffer.from('Grüße').toString('base64'),
    '--b',
    'Content-Type: application/pdf; name="plan.pdf"',
    'Content-Disposition: attachment; filename="plan.pdf"',
    '',
    'xx',
    '--b--',
  ].join('\r\n');
  expect(await textIn(Buffer.from(mail), 'a.eml')).toBe(
    'from: Jörg <j@example.com>\nsubject: Plan\n\nGrüße\n\nattached: plan.pdf',
  );
});

test('an archive is listed and not unpacked', async () => {
  expect(await textIn(zipOf({ 'src/a.ts': 'x', 'b.bin': 'yy' }))).toBe('src/a.ts (1 bytes)\nb.bin (2 bytes)');
});

test('the pages of a PDF are counted, also where they are packed', async () => {
  expect(await convert(pdf(20), 'a.pdf')).toEqual({ kind: 'pdf', pages: 20 });
  const packed = deflateSync(Buffer.from('<< /Type /Page /Parent 2 0 R >> << /Type/Page >>'));
  const modern = Buffer.concat([
    Buffer.from('%PDF-1.5\n4 0 obj\n<< /Type /ObjStm /N 2 /First 8 /Filter /FlateDecode >>\nstream\n'),
    packed,
    Buffer.from('\nendstream\nendobj\n%%EOF'),
  ]);
  expect(await convert(modern, 'a.pdf')).toEqual({ kind: 'pdf', pages: 2 });
});

test.each([
  ['a PDF with a password', Buffer.concat([pdf(1), Buffer.from('trailer << /Encrypt 9 0 R >>')]), 'locked'],
  ['a PDF without a page', Buffer.from('%PDF-1.4\nnothing'), 'broken'],
  ['a PDF with too many pages', pdf(101), 'too_many_pages'],
  ['an old Word document', Buffer.from('d0cf11e0a1b11ae1', 'hex'), 'old_office'],
  ['a program', Buffer.from('7f454c4602010100000000000000', 'hex'), 'kind'],
  ['nothing', Buffer.alloc(0), 'empty'],
  ['blanks', Buffer.from(' \n '), 'empty'],
  ['a song', Buffer.from('ID3\x04\0\0', 'latin1'), 'media'],
  ['a cut document', docx(paragraph('x')).subarray(0, 100), 'broken'],
  ['a document of which a part is damaged', damaged(), 'broken'],
])('%s is not read, and why is told', async (_what, bytes, why) => {
  expect(await convert(bytes, 'file')).toEqual({ kind: 'unread', why });
});

function damaged(): Buffer {
  const bytes = docx(paragraph('x'));
  const at = bytes.indexOf('word/document.xml') + 'word/document.xml'.length;
  bytes.fill(0xff, at, at + 20);
  return bytes;
}

test.each([
  ['UTF-8', Buffer.from('Grüße'), 'Grüße'],
  ['UTF-16', Buffer.from('\ufeffGrüße', 'utf16le'), 'Grüße'],
  ['the western letters of Windows', Buffer.from('Grüße', 'latin1'), 'Grüße'],
])('a text in %s is read', async (_what, bytes, text) => {
  expect(await textIn(bytes)).toBe(text);
});

test('a long log keeps its beginning and its end, and says what is missing', async () => {
  const log = Array.from({ length: 50_000 }, (_, n) => `line ${n}`).join('\n');
  const made = await convert(Buffer.from(log), 'a.log');
  expect(made).toMatchObject({ kind: 'text', cut: true, what: 'log' });
  if (made.kind !== 'text') return;
  expect(made.text.startsWith('line 0\n')).toBe(true);
  expect(made.text).toContain('characters left out');
  expect(made.text.endsWith('line 49999')).toBe(true);
});

test('what unpacks to gigabytes ends as far as it is given, without the memory', async () => {
  const bomb = docx(`<w:p><w:r><w:t>${'0'.repeat(100_000_000)}</w:t></w:r></w:p>`);
  expect(bomb.length).toBeLessThan(200_000);
  const before = process.memoryUsage().rss;
  expect(await convert(bomb, 'bomb.docx')).toEqual({ kind: 'unread', why: 'broken' });
  expect(process.memoryUsage().rss - before).toBeLessThan(150_000_000);
});

test('an image is scaled to what every request takes, turned as it was held', async () => {
  const wide = await sharp({ create: { width: 4000, height: 1000, channels: 3, background: 'red' } })
    .jpeg()
    .withMetadata({ orientation: 6 })
    .toBuffer();
  expect(await convertImage(wide)).toMatchObject({
    kind: 'image',
    mediaType: 'image/jpeg',
    width: 500,
    height: 2000,
  });
});

test('a screenshot stays sharp, and a damaged image is found here', async () => {
  const shot = await sharp({ create: { width: 300, height: 200, channels: 4, background: 'white' } })
    .png()
    .toBuffer();
  expect(await convertImage(shot)).toMatchObject({ mediaType: 'image/png', width: 300, height: 200 });
  expect(await convertImage(shot.subarray(0, shot.length - 60))).toEqual({ kind: 'unread', why: 'broken' });
});

/** A Windows bitmap of 3 × 2 pixels. `row`: one line of bytes, up to four; the lower line is black. */
function bmp(
  bits: number,
  row: readonly number[],
  { head = 40, colours = [] as number[], down = false } = {},
): Buffer {
  const at = 14 + head + colours.length;
  const line = Math.ceil((3 * bits) / 32) * 4;
  const bytes = Buffer.alloc(at + 2 * line);
  bytes.write('BM');
  bytes.writeUInt32LE(at, 10);
  bytes.writeUInt32LE(head, 14);
  bytes.writeInt32LE(3, 18);
  bytes.writeInt32LE(down ? -2 : 2, 22);
  bytes.writeUInt16LE(1, 26);
  bytes.writeUInt16LE(bits, 28);
  bytes.writeUInt32LE(colours.length / 4, 46);
  Buffer.from(colours).copy(bytes, 14 + head);
  Buffer.from(row).copy(bytes, at + (down ? 0 : line));
  return bytes;
}

const RED_GREEN_BLUE = [255, 0, 0, 0, 255, 0, 0, 0, 255, 0, 0, 0, 0, 0, 0, 0, 0, 0];

test.each([
  ['24 bits', bmp(24, [0, 0, 255, 0, 255, 0, 255, 0, 0])],
  ['24 bits from the top', bmp(24, [0, 0, 255, 0, 255, 0, 255, 0, 0], { down: true })],
  ['32 bits and a long head', bmp(32, [0, 0, 255, 0, 0, 255, 0, 0, 255, 0, 0, 0], { head: 124 })],
  [
    'colours by number',
    bmp(8, [1, 2, 3], { colours: [0, 0, 0, 0, 0, 0, 255, 0, 0, 255, 0, 0, 255, 0, 0, 0] }),
  ],
])('a bitmap of Windows with %s keeps its colours', async (_what, bytes) => {
  expect(kindOf(bytes)).toEqual({ kind: 'image', format: 'bmp' });
  const made = await convertImage(bytes);
  if (made.kind !== 'image') throw new Error(JSON.stringify(made));
  expect([made.width, made.height]).toEqual([3, 2]);
  expect([...(await sharp(made.bytes).removeAlpha().raw().toBuffer())]).toEqual(RED_GREEN_BLUE);
});

test('a bitmap that is cut, or of a form that is rare, is not read', async () => {
  const whole = bmp(24, [0, 0, 255]);
  expect(await convertImage(whole.subarray(0, whole.length - 1))).toEqual({ kind: 'unread', why: 'broken' });
  const packed = bmp(8, [0]);
  packed.writeUInt32LE(1, 30);
  expect(await convertImage(packed)).toEqual({ kind: 'unread', why: 'broken' });
});

test('an image of too many pixels is not unpacked', async () => {
  const huge = await sharp({ create: { width: 12_000, height: 9000, channels: 3, background: 'red' } })
    .png({ compressionLevel: 9 })
    .toBuffer();
  expect(await convertImage(huge)).toEqual({ kind: 'unread', why: 'too_large' });
});

test('kinds are told by bytes, whatever a name says', () => {
  expect(kindOf(Buffer.from('{"a":1}'))).toEqual({ kind: 'text' });
  expect(kindOf(Buffer.from('RIFFxxxxWAVEfmt '))).toEqual({ kind: 'media' });
  expect(kindOf(Buffer.from('RIFFxxxxWEBPVP8 '))).toEqual({ kind: 'image', format: 'webp' });
});
