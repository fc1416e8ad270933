import { constants, inflateSync } from 'node:zlib';

interface PdfFacts {
  readonly pages: number;
  /** It opens with a password only, or is encrypted: the API takes no such file. */
  readonly locked: boolean;
}

/** Bytes of unpacked objects that are looked at. */
const MOST_LOOKED_AT = 20_000_000;
const MOST_OBJECT = 5_000_000;
/** Characters of a node of the tree of pages, with the references to its children. */
const MOST_NODE = 50_000;

/**
 * How many pages a PDF has, by its own objects (ISO 32000-1, 7.5.7 and 7.7.3), also where they are packed into object streams;
 * null: none were found, so it is no PDF that anybody could show.
 */
export function pdfFacts(bytes: Uint8Array): PdfFacts | null {
  const source = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  const locked = /\/Encrypt\s+\d+\s+\d+\s+R/.test(source) || /\/Encrypt\s*<</.test(source);
  let { pages, told } = pagesIn(source);
  let left = MOST_LOOKED_AT;
  for (const found of source.matchAll(/\/Type\s*\/ObjStm\b/g)) {
    if (left <= 0) break;
    const start = source.indexOf('stream', found.index);
    if (start < 0 || start - found.index > 2000) continue;
    const from = start + 'stream'.length + (source.startsWith('\r\n', start + 6) ? 2 : 1);
    const end = source.indexOf('endstream', from);
    if (end < 0) break;
    try {
      const unpacked = inflateSync(bytes.subarray(from, end), {
        maxOutputLength: Math.min(left, MOST_OBJECT),
        finishFlush: constants.Z_SYNC_FLUSH,
      });
      left -= unpacked.length;
      const inside = pagesIn(unpacked.toString('latin1'));
      pages += inside.pages;
      told = Math.max(told, inside.told);
    } catch {
      // Encrypted, or packed in another way.
      left -= 10_000;
    }
  }
  // An edited file still has the pages that it had before; the root of the tree says how many count.
  const count = told > 0 ? told : pages;
  return count === 0 && !locked ? null : { pages: count, locked };
}

function pagesIn(source: string): { readonly pages: number; readonly told: number } {
  let told = 0;
  for (const { index } of source.matchAll(/\/Type\s*\/Pages\b/g)) {
    const before = source.slice(Math.max(0, index - MOST_NODE), index);
    const after = source.slice(index, index + MOST_NODE);
    const node = before.slice(before.lastIndexOf('<<')) + (after.split('>>', 1)[0] ?? '');
    told = Math.max(told, Number(/\/Count\s+(\d{1,6})\b/.exec(node)?.[1] ?? 0));
  }
  return { pages: source.match(/\/Type\s*\/Page(?![A-Za-z])/g)?.length ?? 0, told };
}
