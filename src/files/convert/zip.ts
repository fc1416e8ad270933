import { Readable } from 'node:stream';
import { createInflateRaw } from 'node:zlib';

/** A file inside a ZIP, as its directory claims. */
export interface Entry {
  readonly name: string;
  /** Bytes, unpacked; a claim. */
  readonly size: number;
  readonly packed: number;
  readonly method: number;
  readonly encrypted: boolean;
  /** Where its own header begins. */
  readonly at: number;
}

/** The bytes are not what they should be. */
export class Broken extends Error {}

/** Entries that are looked at. */
const MOST_ENTRIES = 10_000;
/** Bytes that one entry may unpack to; it is read piece by piece, so that they are never in memory together. */
const MOST_UNPACKED = 300_000_000;
/** The longest remark that a ZIP may end with. */
const MOST_REMARK = 65_535;
const END = 0x06054b50;
const CENTRAL = 0x02014b50;
const LOCAL = 0x04034b50;

/**
 * The directory of a ZIP (PKWARE's APPNOTE 6.3, sections 4.3.12 and 4.3.16), at most 10,000 entries. Throws `Broken`. ZIP64
 * is for files far above what is fetched.
 */
export function entriesOf(bytes: Uint8Array): readonly Entry[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = endOf(view);
  let at = view.getUint32(end + 16, true);
  const count = Math.min(view.getUint16(end + 10, true), MOST_ENTRIES);
  const found: Entry[] = [];
  const names = new TextDecoder();
  for (let n = 0; n < count; n += 1) {
    if (at + 46 > bytes.length || view.getUint32(at, true) !== CENTRAL) throw new Broken('a cut directory');
    const [name, extra, remark] = [28, 30, 32].map((where) => view.getUint16(at + where, true)) as [
      number,
      number,
      number,
    ];
    found.push({
      name: names.decode(bytes.subarray(at + 46, at + 46 + name)),
      encrypted: (view.getUint16(at + 8, true) & 1) === 1,
      method: view.getUint16(at + 10, true),
      packed: view.getUint32(at + 20, true),
      size: view.getUint32(at + 24, true),
      at: view.getUint32(at + 42, true),
    });
    at += 46 + name + extra + remark;
  }
  return found;
}

function endOf(view: DataView): number {
  const least = Math.max(0, view.byteLength - 22 - MOST_REMARK);
  for (let at = view.byteLength - 22; at >= least; at -= 1) if (view.getUint32(at, true) === END) return at;
  throw new Broken('no directory');
}

/** What an entry holds, in pieces. Throws `Broken`, also where it unpacks to more than may be. */
export async function* unpacked(bytes: Uint8Array, entry: Entry): AsyncGenerator<Uint8Array> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (entry.at + 30 > bytes.length || view.getUint32(entry.at, true) !== LOCAL)
    throw new Broken('no such entry');
  const from = entry.at + 30 + view.getUint16(entry.at + 26, true) + view.getUint16(entry.at + 28, true);
  const packed = bytes.subarray(from, from + entry.packed);
  if (entry.encrypted) throw new Broken('encrypted');
  if (entry.method === 0) return yield packed;
  if (entry.method !== 8) throw new Broken('an unknown way of packing');
  const inflate = createInflateRaw();
  let total = 0;
  try {
    Readable.from([packed])
      .on('error', () => {})
      .pipe(inflate);
    for await (const piece of inflate) {
      total += piece.length;
      if (total > MOST_UNPACKED) throw new Broken('it unpacks to too much');
      yield piece;
    }
  } catch (thrown) {
    throw thrown instanceof Broken ? thrown : new Broken('it does not unpack');
  } finally {
    inflate.destroy();
  }
}
