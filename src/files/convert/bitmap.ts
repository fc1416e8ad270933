/** The pixels of an image: three bytes each, red first, from the top. */
interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

interface BitmapHead {
  readonly width: number;
  readonly height: number;
  readonly bits: number;
  /** Where the pixels begin. */
  readonly at: number;
  /** Its first line is the upper one. */
  readonly down: boolean;
  /** Where the colours are that its pixels name by number, and how many there are. */
  readonly colours: { readonly at: number; readonly count: number };
}

/** Masks of 32 bits in which blue comes first: the only ones that programs write. */
const USUAL_MASKS = [0xff0000, 0xff00, 0xff];

/**
 * What a Windows bitmap (BMP; [MS-WMF] 2.2.2.3 and the pages on BITMAPINFOHEADER to BITMAPV5HEADER) says of itself; sharp
 * reads none. Null: it is none, or of a form that is rare: packed, or with 1, 4 or 16 bits for a pixel.
 */
export function bitmapHead(bytes: Uint8Array): BitmapHead | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 54 || view.getUint16(0) !== 0x424d) return null;
  const head = view.getUint32(14, true);
  const [width, height] = [view.getInt32(18, true), view.getInt32(22, true)];
  const bits = view.getUint16(28, true);
  const packing = view.getUint32(30, true);
  if (head < 40 || width <= 0 || height === 0 || ![8, 24, 32].includes(bits)) return null;
  if (packing === 3) {
    // In a short head they follow it, in a longer one they are a part of it: the same place.
    if (bits !== 32 || bytes.length < 66) return null;
    if (USUAL_MASKS.some((mask, at) => view.getUint32(54 + 4 * at, true) !== mask)) return null;
  } else if (packing !== 0) return null;
  const count = view.getUint32(46, true) || 256;
  return {
    ...{ width, height: Math.abs(height), bits, down: height < 0 },
    at: view.getUint32(10, true),
    colours: { at: 14 + head, count: Math.min(count, 256) },
  };
}

/** The pixels of a bitmap; null: it ends before they do. Its size is the caller's to limit. */
export function bitmapPixels(
  bytes: Uint8Array,
  { width, height, bits, at, down, colours }: BitmapHead,
): Pixels | null {
  // Each line is filled up to four bytes.
  const line = Math.ceil((width * bits) / 32) * 4;
  const least = bits === 8 ? colours.at + 4 * colours.count : 0;
  if (at + line * height > bytes.length || least > bytes.length) return null;
  const data = new Uint8Array(3 * width * height);
  const step = bits / 8;
  let to = 0;
  for (let row = 0; row < height; row += 1) {
    let from = at + line * (down ? row : height - 1 - row);
    for (let column = 0; column < width; column += 1) {
      const number = bytes[from] ?? 0;
      const colour = bits === 8 ? colours.at + 4 * Math.min(number, colours.count - 1) : from;
      data[to] = bytes[colour + 2] ?? 0;
      data[to + 1] = bytes[colour + 1] ?? 0;
      data[to + 2] = bytes[colour] ?? 0;
      to += 3;
      from += step;
    }
  }
  return { width, height, data };
}
