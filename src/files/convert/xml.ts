import { SaxesParser } from 'saxes';
import { Broken, type Entry, unpacked } from './zip.ts';

type Attributes = Readonly<Record<string, string>>;

interface XmlReader {
  open?(name: string, attributes: Attributes): void;
  close?(name: string): void;
  text?(text: string): void;
}

/** Thrown by a reader that has enough. */
export class Enough extends Error {}

/** Longest text between two marks that is waited for. */
const MOST_PENDING = 8_000_000;

/**
 * Reads an entry of a ZIP as XML, piece by piece. Definitions in it are not followed: an entity that XML does not know
 * stays as it is written. Mistakes in the markup are read over. Throws `Broken`; `Enough` ends it early.
 */
export async function readXml(bytes: Uint8Array, entry: Entry, reader: XmlReader): Promise<void> {
  const parser = new SaxesParser({ position: false });
  parser.on('error', () => {});
  parser.on('opentag', ({ name, attributes }) => reader.open?.(name, attributes as Attributes));
  parser.on('closetag', ({ name }) => reader.close?.(name));
  parser.on('text', (text) => reader.text?.(text));
  parser.on('cdata', (text) => reader.text?.(text));
  let decoder: InstanceType<typeof TextDecoder> | null = null;
  let since = 0;
  parser.on('opentagstart', () => {
    since = 0;
  });
  try {
    for await (const piece of unpacked(bytes, entry)) {
      decoder ??= new TextDecoder(
        piece[0] === 0xff && piece[1] === 0xfe
          ? 'utf-16le'
          : piece[0] === 0xfe && piece[1] === 0xff
            ? 'utf-16be'
            : 'utf-8',
      );
      since += piece.length;
      if (since > MOST_PENDING) throw new Broken('no markup');
      parser.write(decoder.decode(piece, { stream: true }));
    }
    parser.close();
  } catch (thrown) {
    if (thrown instanceof Enough) return;
    throw thrown;
  }
}
