import { type Fields, invalid, isFields, onlyFields } from './refused.ts';
import type { ScriptFile } from './types.ts';

/**
 * Pictures and PDFs of a request, checked by the rules of the API (Anthropic's pages on vision and PDF support, 2026-11-22):
 * a type that is not what the bytes are, a side of more than 8000 pixels (2000 with more than 20 images), more than 10 MB of
 * base64, and too many images and pages are refused.
 */
const MOST_BASE64 = 10 * 1024 * 1024;
const MOST_SIDE = 8000;
const MANY = 20;
const MOST_SIDE_OF_MANY = 2000;
const MOST_TOGETHER = 600;
const MOST_TOGETHER_SMALL = 100;
const SMALL_WINDOW = 200_000;

const MAGIC: Readonly<Record<string, RegExp>> = {
  'image/png': /^\x89PNG\r\n/,
  'image/jpeg': /^\xff\xd8\xff/,
  'image/gif': /^GIF8[79]a/,
  'image/webp': /^RIFF[\s\S]{4}WEBP/,
};

/** One `image` or `document` block. */
export function readMedia(block: Fields, path: string): ScriptFile {
  const { type, source, title } = block;
  onlyFields(block, `${path}.${String(type)}.`, [
    'type',
    'source',
    'cache_control',
    ...(type === 'document' ? ['title', 'context', 'citations'] : ['transformations']),
  ]);
  if (!isFields(source)) throw invalid(`${path}.${String(type)}.source: Field required`);
  if (source.type !== 'base64' || typeof source.data !== 'string' || typeof source.media_type !== 'string')
    throw invalid(`${path}.${String(type)}.source: Input should be base64 here`);
  if (source.data.length > MOST_BASE64 && type === 'image')
    throw invalid(`${path}.image.source.base64: image exceeds 10 MB maximum`);
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(source.data))
    throw invalid(`${path}.source.base64.data: invalid base64 data`);
  const bytes = Buffer.from(source.data, 'base64');
  const start = bytes.subarray(0, 64).toString('latin1');
  const name = typeof title === 'string' ? title : '';
  if (type === 'document') {
    if (source.media_type !== 'application/pdf' || !/%PDF-/.test(bytes.subarray(0, 1024).toString('latin1')))
      throw invalid('The PDF specified was not valid.');
    const pages = bytes.toString('latin1').match(/\/Type\s*\/Page(?![A-Za-z])/g)?.length ?? 1;
    return {
      kind: 'pdf',
      mediaType: source.media_type,
      bytes: bytes.length,
      name,
      width: 0,
      height: 0,
      pages,
    };
  }
  if (MAGIC[source.media_type]?.test(start) !== true)
    throw invalid(
      `${path}.image.source.base64: The image was specified using the ${source.media_type} media type, but does not appear to be one`,
    );
  const [width, height] = sizeOf(bytes);
  return { kind: 'image', mediaType: source.media_type, bytes: bytes.length, name, width, height, pages: 1 };
}

/** What is counted over the whole request. */
export function checkTogether(files: readonly ScriptFile[], windowTokens: number): void {
  const images = files.filter(({ kind }) => kind === 'image');
  const most = images.length > MANY ? MOST_SIDE_OF_MANY : MOST_SIDE;
  if (images.some(({ width, height }) => Math.max(width, height) > most))
    throw invalid(`image dimensions exceed max allowed size: ${most} pixels`);
  const together = files.reduce((sum, { pages }) => sum + pages, 0);
  const allowed = windowTokens > SMALL_WINDOW ? MOST_TOGETHER : MOST_TOGETHER_SMALL;
  if (together > allowed) throw invalid(`A maximum of ${allowed} images and PDF pages may be provided.`);
}

/** As the API reckons: a token for 28 by 28 pixels, at most 4784; a middling page. */
export function mediaTokens({ kind, width, height, pages }: ScriptFile): number {
  if (kind === 'pdf') return pages * 3000;
  return Math.min(4784, Math.ceil(width / 28) * Math.ceil(height / 28));
}

/** Width and height of a PNG or JPEG; of others nothing that would be refused. */
function sizeOf(bytes: Buffer): readonly [number, number] {
  if (bytes[0] === 0x89 && bytes.length > 24) return [bytes.readUInt32BE(16), bytes.readUInt32BE(20)];
  for (let at = 2; bytes[0] === 0xff && at + 9 < bytes.length; ) {
    const marker = bytes[at + 1] ?? 0;
    const isSize = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isSize) return [bytes.readUInt16BE(at + 7), bytes.readUInt16BE(at + 5)];
    at += 2 + bytes.readUInt16BE(at + 2);
  }
  return [1000, 1000];
}
