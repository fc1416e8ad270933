import sharp from 'sharp';
import { convertImage, fitImage } from './image.ts';

/**
 * The process in which images of people are unpacked and written anew (`images.ts` starts it and ends it): native code that
 * a hostile image breaks takes nothing else with it, and its memory is given back.
 */

// Ctrl-C reaches it too; whoever started it still wants what it has in hand.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => {});
process.on('disconnect', () => process.exit());

interface ImageTask {
  readonly id: number;
  readonly bytes: Uint8Array;
  /** Most bytes of what is made of it; null: as many as the provider takes. */
  readonly most: number | null;
}

process.on('message', async ({ id, bytes, most }: ImageTask) => {
  const made = await (most === null ? convertImage(bytes) : fitImage(bytes, most));
  // Few objects hold many bytes, which a collection by their number would leave there while the next image needs room.
  globalThis.gc?.();
  // Nobody is there any more: `disconnect` ends it.
  if (process.connected) process.send?.({ id, made }, () => {});
});

// What an image takes besides its own bytes is read from disk before the first one comes.
await convertImage(
  await sharp({ create: { width: 8, height: 8, channels: 4, background: 'white' } })
    .png()
    .toBuffer(),
);
