import sharp from 'sharp';
import { convertImage } from './image.ts';

/**
 * The process in which images of people are unpacked and written anew (`images.ts` starts it and ends it): native code that
 * a hostile image breaks takes nothing else with it, and its memory is given back.
 */

// Ctrl-C reaches it too; whoever started it still wants what it has in hand.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => {});
process.on('disconnect', () => process.exit());

let inHand = 0;
process.on('message', async ({ id, bytes }: { id: number; bytes: Uint8Array }) => {
  inHand += 1;
  const made = await convertImage(bytes);
  inHand -= 1;
  // Nobody is there any more: `disconnect` ends it.
  if (process.connected) process.send?.({ id, made }, () => {});
  // Few objects hold many bytes, which a collection by their number would leave there for long.
  if (inHand === 0) globalThis.gc?.();
});

// What an image takes besides its own bytes is read from disk before the first one comes.
await convertImage(
  await sharp({ create: { width: 8, height: 8, channels: 4, background: 'white' } })
    .png()
    .toBuffer(),
);
