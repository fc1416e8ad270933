import { cutText, type Text } from '../text.ts';
import type { Entry } from './zip.ts';

/** Entries of an archive that are named. */
const MOST_NAMED = 500;

/** What is in an archive, by name and size. Nothing of it is unpacked. */
export function listing(entries: readonly Pick<Entry, 'name' | 'size'>[]): Text {
  const files = entries.filter(({ name }) => !name.endsWith('/'));
  const lines = files.slice(0, MOST_NAMED).map(({ name, size }) => `${clean(name)} (${size} bytes)`);
  const more = files.length - lines.length;
  const { text } = cutText([...lines, ...(more > 0 ? [`and ${more} more`] : [])].join('\n'));
  return { text: text === '' ? 'nothing' : text, cut: more > 0 };
}

/** The names in a tar (POSIX.1-2017, pax: "ustar Interchange Format"); those before the first damage. */
export function tarEntries(bytes: Uint8Array): readonly Pick<Entry, 'name' | 'size'>[] {
  const found: Pick<Entry, 'name' | 'size'>[] = [];
  const read = (from: number, length: number) =>
    Buffer.from(bytes.buffer, bytes.byteOffset + from, length)
      .toString('utf8')
      .replace(/\0[\s\S]*$/, '');
  for (let at = 0; at + 512 <= bytes.length && found.length < 10_000; ) {
    const name = read(at, 100);
    const size = Number.parseInt(read(at + 124, 12).trim(), 8);
    if (name === '' || !Number.isSafeInteger(size) || size < 0) break;
    const prefix = read(at + 345, 155);
    const type = String.fromCharCode(bytes[at + 156] ?? 0);
    // Headers that are about the file after them have types of letters.
    if (/^[0\0 ]$/.test(type)) found.push({ name: prefix === '' ? name : `${prefix}/${name}`, size });
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return found;
}

function clean(name: string): string {
  return name.replace(/\p{Cc}/gu, ' ').slice(0, 200);
}
