import sharp from 'sharp';
import { CONVERT_MS, MOST_IMAGE_BYTES, MOST_PIXELS, MOST_SIDE } from './limits.ts';
import { type Made, unread } from './made.ts';

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
 * An image as Claude gets it: turned as it was held, without what a camera notes beside it, at most 2000 pixels a side. It
 * is unpacked as a whole and written anew: a damaged one is found here and not by the API, which would refuse the request.
 * What has sharp edges (a screenshot, a drawing) stays PNG where it is not scaled, which takes five times as long as JPEG.
 * Never rejects.
 */
export async function convertImage(bytes: Uint8Array): Promise<Made> {
  try {
    const options = { limitInputPixels: MOST_PIXELS, failOn: 'error', pages: 1 } as const;
    // Only the head is read for these.
    const head = sharp(bytes, { limitInputPixels: false });
    const { width: from = 0, height: high = 0, format, hasAlpha } = await head.metadata();
    if (from * high > MOST_PIXELS) return unread('too_large');
    const drawn =
      (format === 'png' || format === 'gif' || hasAlpha === true) && Math.max(from, high) <= MOST_SIDE;
    for (const { mediaType, side } of drawn ? WAYS : WAYS.slice(1)) {
      const image = sharp(bytes, options)
        .timeout({ seconds: CONVERT_MS / 1000 })
        .rotate()
        .resize({ width: side, height: side, fit: 'inside', withoutEnlargement: true });
      const written =
        mediaType === 'image/png'
          ? image.png({ compressionLevel: 6 })
          : image.flatten({ background: 'white' }).jpeg(JPEG);
      const { data, info } = await written.toBuffer({ resolveWithObject: true });
      const most = mediaType === 'image/png' ? MOST_PNG_BYTES : MOST_IMAGE_BYTES;
      if (data.length <= most)
        return { kind: 'image', mediaType, bytes: data, width: info.width, height: info.height };
    }
    return unread('too_large');
  } catch {
    return unread('broken');
  }
}
