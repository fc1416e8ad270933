import sharp from 'sharp';
import { CONVERT_MS, MOST_IMAGE_BYTES, MOST_PIXELS, MOST_SIDE } from '../limits.ts';
import { type Made, unread } from '../made.ts';
import { bitmapHead, bitmapPixels } from './bitmap.ts';
import { createRoom } from './room.ts';

// One thread for each image and nothing kept between images: several may come at once, and memory is what runs out first.
sharp.concurrency(1);
sharp.cache(false);

/** Ways to write an image, best first: the next is taken where a result is too large. */
const WAYS = [
  { mediaType: 'image/png', side: MOST_SIDE },
  { mediaType: 'image/jpeg', side: MOST_SIDE },
  { mediaType: 'image/jpeg', side: MOST_SIDE / 2 },
] as const;
/** Colours as sharp as the rest, or small coloured letters would blur. */
const JPEG = { quality: 90, chromaSubsampling: '4:4:4' } as const;
/** Above this a PNG takes seconds to write, and is a photo anyway. */
const MOST_PNG_BYTES = 1_500_000;

/**
 * Pixels that are unpacked at the same moment, over all images: whoever finds no room waits. Two images at most, as each takes
 * more than its pixels.
 */
const pixels = createRoom(MOST_PIXELS);
const room = <T>(weight: number, work: () => Promise<T>): Promise<T> =>
  pixels(Math.max(weight, MOST_PIXELS / 2), work);

/**
 * An image as Claude gets it: turned as it was held, without what a camera notes beside it, at most 2000 pixels a side. It
 * is unpacked as a whole and written anew: a damaged one is found here and not by the API, which would refuse the request.
 * What has sharp edges (a screenshot, a drawing) stays PNG where it is not scaled, which takes five times as long as JPEG.
 * Never rejects.
 */
export async function convertImage(bytes: Uint8Array): Promise<Made> {
  try {
    const bitmap = bitmapHead(bytes);
    if (bitmap !== null) {
      const { width, height } = bitmap;
      if (width * height > MOST_PIXELS) return unread('too_large');
      return await room(width * height, async () => {
        const drawing = bitmapPixels(bytes, bitmap);
        if (drawing === null) return unread('broken');
        const drawn = Math.max(width, height) <= MOST_SIDE;
        return written(drawing.data, drawn ? WAYS : WAYS.slice(1), { width, height, channels: 3 });
      });
    }
    // Only the head is read for these.
    const {
      width = 0,
      height = 0,
      format,
      hasAlpha,
      isProgressive,
    } = await sharp(bytes, {
      limitInputPixels: false,
    }).metadata();
    const weight = width * height * weightOf(format, isProgressive === true);
    if (weight > MOST_PIXELS) return unread('too_large');
    const drawn =
      (format === 'png' || format === 'gif' || hasAlpha === true) && Math.max(width, height) <= MOST_SIDE;
    return await room(weight, () => written(bytes, drawn ? WAYS : WAYS.slice(1)));
  } catch {
    return unread('broken');
  }
}

/** Ways to make an image small, best first. */
const SMALL = [
  { side: 1568, quality: 80 },
  { side: 1000, quality: 75 },
  { side: 700, quality: 70 },
  { side: 500, quality: 60 },
] as const;

/**
 * An image of at most `most` bytes, for results of tools, which are stored with every round: written anew, scaled down as
 * far as that takes. A small PNG stays one. Never rejects.
 */
export async function fitImage(bytes: Uint8Array, most: number): Promise<Made> {
  const made = await convertImage(bytes);
  if (made.kind !== 'image' || made.bytes.length <= most) return made;
  try {
    for (const { side, quality } of SMALL) {
      const { data, info } = await sharp(made.bytes)
        .timeout({ seconds: CONVERT_MS / 1000 })
        .resize({ width: side, height: side, fit: 'inside', withoutEnlargement: true })
        .flatten({ background: 'white' })
        .jpeg({ ...JPEG, quality })
        .toBuffer({ resolveWithObject: true });
      if (data.length <= most)
        return {
          kind: 'image',
          mediaType: 'image/jpeg',
          bytes: data,
          width: info.width,
          height: info.height,
        };
    }
  } catch {
    // It was read once, so this is the end of memory or time.
  }
  return unread('too_large');
}

/** Most are unpacked line by line; of these the whole picture is in memory, once or more, before its first line is known. */
function weightOf(format: string | undefined, progressive: boolean): number {
  if (format === 'gif') return 4;
  return format === 'jpeg' && progressive ? 2 : 1;
}

/** `raw`: the bytes are pixels. */
async function written(
  bytes: Uint8Array,
  ways: readonly (typeof WAYS)[number][],
  raw?: { readonly width: number; readonly height: number; readonly channels: 3 },
): Promise<Made> {
  for (const { mediaType, side } of ways) {
    const image = sharp(bytes, {
      ...{ limitInputPixels: MOST_PIXELS, failOn: 'error', pages: 1 },
      ...(raw === undefined ? {} : { raw }),
    })
      .timeout({ seconds: CONVERT_MS / 1000 })
      .rotate()
      .resize({ width: side, height: side, fit: 'inside', withoutEnlargement: true });
    const encoded =
      mediaType === 'image/png'
        ? image.png({ compressionLevel: 6 })
        : image.flatten({ background: 'white' }).jpeg(JPEG);
    const { data, info } = await encoded.toBuffer({ resolveWithObject: true });
    const most = mediaType === 'image/png' ? MOST_PNG_BYTES : MOST_IMAGE_BYTES;
    if (data.length <= most)
      return { kind: 'image', mediaType, bytes: data, width: info.width, height: info.height };
  }
  return unread('too_large');
}
