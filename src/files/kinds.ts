import { decodeText } from './text.ts';

/** What a file is by its bytes; names and types are claims of whoever sent it. */
type Kind =
  | { readonly kind: 'image'; readonly format: ImageFormat }
  | { readonly kind: 'pdf' }
  /** A ZIP: an office document, or an archive; its directory tells which. */
  | { readonly kind: 'zip' }
  | { readonly kind: 'rtf' }
  | { readonly kind: 'archive'; readonly format: string }
  /** Word, Excel and PowerPoint before 2007, and newer ones with a password. */
  | { readonly kind: 'old_office' }
  /** Sound or moving pictures. */
  | { readonly kind: 'media' }
  | { readonly kind: 'text' }
  | { readonly kind: 'empty' }
  | { readonly kind: 'unknown' };

/** The first four are what the API takes. */
type ImageFormat = 'png' | 'jpeg' | 'gif' | 'webp' | 'tiff' | 'avif' | 'heic' | 'bmp';

/** Marks at a fixed place: bytes as Latin-1. Source: the file formats' own pages, as in the list of `file` (magic). */
const MARKS: readonly (readonly [at: number, mark: string, kind: Kind])[] = [
  [0, '\x89PNG\r\n\x1a\n', { kind: 'image', format: 'png' }],
  [0, '\xff\xd8\xff', { kind: 'image', format: 'jpeg' }],
  [0, 'GIF87a', { kind: 'image', format: 'gif' }],
  [0, 'GIF89a', { kind: 'image', format: 'gif' }],
  [8, 'WEBP', { kind: 'image', format: 'webp' }],
  [0, 'II*\0', { kind: 'image', format: 'tiff' }],
  [0, 'MM\0*', { kind: 'image', format: 'tiff' }],
  [4, 'ftypavif', { kind: 'image', format: 'avif' }],
  [4, 'ftypavis', { kind: 'image', format: 'avif' }],
  ...['heic', 'heix', 'hevc', 'heim', 'heis', 'mif1', 'msf1'].map(
    (brand) => [4, `ftyp${brand}`, { kind: 'image', format: 'heic' }] as const,
  ),
  [0, 'PK\x03\x04', { kind: 'zip' }],
  [0, 'PK\x05\x06', { kind: 'zip' }],
  [0, '{\\rtf', { kind: 'rtf' }],
  [0, '\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1', { kind: 'old_office' }],
  [0, '\x1f\x8b', { kind: 'archive', format: 'gzip' }],
  [0, '7z\xbc\xaf\x27\x1c', { kind: 'archive', format: '7z' }],
  [0, 'Rar!\x1a\x07', { kind: 'archive', format: 'rar' }],
  [0, '\xfd7zXZ\0', { kind: 'archive', format: 'xz' }],
  [0, 'BZh', { kind: 'archive', format: 'bzip2' }],
  [0, '\x28\xb5\x2f\xfd', { kind: 'archive', format: 'zstd' }],
  [257, 'ustar', { kind: 'archive', format: 'tar' }],
  [4, 'ftyp', { kind: 'media' }],
  [0, 'ID3', { kind: 'media' }],
  [0, 'OggS', { kind: 'media' }],
  [0, 'fLaC', { kind: 'media' }],
  [8, 'WAVE', { kind: 'media' }],
  [8, 'AVI ', { kind: 'media' }],
  [0, '\x1a\x45\xdf\xa3', { kind: 'media' }],
];
/** Where a PDF says so: readers accept anything before it. */
const PDF_WITHIN = 1024;

/** What these bytes are. Total. */
export function kindOf(bytes: Uint8Array): Kind {
  if (bytes.length === 0) return { kind: 'empty' };
  const head = latin1(bytes.subarray(0, PDF_WITHIN));
  for (const [at, mark, kind] of MARKS) {
    if (!head.startsWith(mark, at)) continue;
    // Two letters of chance would do for these.
    if ((mark === 'WEBP' || mark === 'WAVE' || mark === 'AVI ') && !head.startsWith('RIFF')) continue;
    return kind;
  }
  if (head.includes('%PDF-')) return { kind: 'pdf' };
  // The lengths of the heads that programs write.
  if (head.startsWith('BM') && [40, 108, 124].includes(bytes[14] ?? 0) && bytes[15] === 0)
    return { kind: 'image', format: 'bmp' };
  // A frame of MP3 or AAC without a tag.
  if (bytes[0] === 0xff && ((bytes[1] ?? 0) & 0xe0) === 0xe0 && bytes[1] !== 0xfe && bytes[1] !== 0xff)
    return { kind: 'media' };
  return decodeText(bytes) === null ? { kind: 'unknown' } : { kind: 'text' };
}

function latin1(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}
