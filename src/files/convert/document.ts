import { kindOf } from '../kinds.ts';
import { MOST_PDF_BYTES, MOST_PDF_PAGES } from '../limits.ts';
import { type Unread, unread } from '../made.ts';
import { cutText, decodeText, languageOf } from '../text.ts';
import { listing, tarEntries } from './archive.ts';
import { isMail, mailText } from './mail.ts';
import { readOpenDocument } from './open-document.ts';
import { pdfFacts } from './pdf.ts';
import { richTextFormat } from './rich-text-format.ts';
import { readSheets } from './sheets.ts';
import { readSlides } from './slides.ts';
import { readWord } from './word.ts';
import { createWriter, type Writer } from './writer.ts';
import { Enough } from './xml.ts';
import { Broken, type Entry, entriesOf, unpacked } from './zip.ts';

/** What is made of a file that is no image. Of a PDF only what it has: its bytes stay as they are. */
export type Converted =
  | { readonly kind: 'text'; readonly text: string; readonly what: string; readonly cut: boolean }
  | { readonly kind: 'pdf'; readonly pages: number }
  | Unread;

/** Turns the bytes of a file into what Claude can be given. Never rejects: what can't be read says why. */
export async function convert(bytes: Uint8Array, name: string): Promise<Converted> {
  try {
    return await converted(bytes, name);
  } catch {
    return unread('broken');
  }
}

async function converted(bytes: Uint8Array, name: string): Promise<Converted> {
  const kind = kindOf(bytes);
  switch (kind.kind) {
    case 'empty':
    case 'media':
    case 'old_office':
      return unread(kind.kind);
    case 'unknown':
    case 'image':
      return unread('kind');
    case 'pdf':
      return pdf(bytes);
    case 'rtf': {
      const source = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
      return textOf(richTextFormat(source), 'rich text document');
    }
    case 'archive':
      if (kind.format !== 'tar') return unread('kind');
      return { kind: 'text', what: 'list of what is in an archive', ...listing(tarEntries(bytes)) };
    case 'zip':
      return zipped(bytes);
    case 'text': {
      const text = decodeText(bytes) ?? '';
      return isMail(text) ? textOf(mailText(text), 'e-mail') : textOf(text, languageOf(name));
    }
  }
}

function textOf(whole: string, what: string): Converted {
  if (whole.trim() === '') return unread('empty');
  const { text, cut } = cutText(whole);
  return { kind: 'text', text, what, cut };
}

function pdf(bytes: Uint8Array): Converted {
  const facts = pdfFacts(bytes);
  if (facts === null) return unread('broken');
  if (facts.locked) return unread('locked');
  if (bytes.length > MOST_PDF_BYTES) return unread('too_large');
  if (facts.pages > MOST_PDF_PAGES) return unread('too_many_pages');
  return { kind: 'pdf', pages: facts.pages };
}

type Read = (bytes: Uint8Array, entries: ReadonlyMap<string, Entry>, writer: Writer) => Promise<void>;
const part =
  (name: string, read: (bytes: Uint8Array, entry: Entry, writer: Writer) => Promise<void>): Read =>
  (bytes, entries, writer) => {
    const entry = entries.get(name);
    return entry === undefined ? Promise.resolve() : read(bytes, entry, writer);
  };

/** By an entry that each kind of document has, or by the kind that an OpenDocument names first. */
const OFFICE: readonly (readonly [entry: string, what: string, read: Read])[] = [
  ['word/document.xml', 'Word document', part('word/document.xml', readWord)],
  ['xl/workbook.xml', 'Excel workbook', readSheets],
  ['ppt/presentation.xml', 'PowerPoint presentation', readSlides],
];
const OPEN_DOCUMENT =
  /^application\/vnd\.oasis\.opendocument\.(text|spreadsheet|presentation)(?:-template)?$/;

async function zipped(bytes: Uint8Array): Promise<Converted> {
  const all = entriesOf(bytes);
  const entries = new Map(all.map((entry) => [entry.name, entry]));
  for (const [entry, what, read] of OFFICE)
    if (entries.has(entry)) return written(bytes, entries, what, read);
  const mimetype = entries.get('mimetype');
  const open = OPEN_DOCUMENT.exec(mimetype === undefined ? '' : await start(bytes, mimetype))?.[1];
  if (open !== undefined)
    return written(bytes, entries, `OpenDocument ${open}`, part('content.xml', readOpenDocument));
  // Kinds of documents that are known and can't be read: their insides would tell nobody anything.
  if (all.some(({ name }) => /^xl\/workbook\.bin$|\.iwa$/i.test(name))) return unread('kind');
  return { kind: 'text', what: 'list of what is in an archive', ...listing(all) };
}

async function written(
  bytes: Uint8Array,
  entries: ReadonlyMap<string, Entry>,
  what: string,
  read: Read,
): Promise<Converted> {
  const writer = createWriter();
  let damaged = false;
  try {
    await read(bytes, entries, writer);
  } catch (thrown) {
    // What was read before the damage is worth more than nothing.
    if (thrown instanceof Broken) damaged = true;
    else if (!(thrown instanceof Enough)) throw thrown;
  }
  const { text, cut } = writer.done();
  if (text === '') return unread(damaged ? 'broken' : 'empty');
  return { kind: 'text', text, what, cut: cut || damaged };
}

async function start(bytes: Uint8Array, entry: Entry): Promise<string> {
  for await (const piece of unpacked(bytes, entry))
    return new TextDecoder().decode(piece.subarray(0, 200)).trim();
  return '';
}
