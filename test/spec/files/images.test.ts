import { readFileSync } from 'node:fs';
import sharp from 'sharp';
import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../../src/clock.ts';
import { createImages, type ImagesOptions } from '../../../src/files/convert/images.ts';
import { createLog } from '../../../src/log.ts';

const MEGABYTE = 1024 * 1024;

function imagesHere(options: Partial<ImagesOptions> = {}) {
  const images = createImages({
    clock: systemClock,
    log: createLog('error', { write: () => {} }),
    ...options,
  });
  onTestFinished(() => images.close());
  return images;
}

const noisy = (width: number, height: number) =>
  sharp({
    create: {
      width,
      height,
      channels: 3,
      background: 'red',
      noise: { type: 'gaussian', mean: 128, sigma: 30 },
    },
  });

/** Bytes that a process has in memory, and had at most. */
function memoryOf(pid: number | null): { readonly now: number; readonly most: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const of = (key: string) => Number(new RegExp(`^${key}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? 0) * 1024;
  return { now: of('VmRSS'), most: of('VmHWM') };
}

const small = await noisy(40, 30).png().toBuffer();

test('a process that dies with images in its hands is replaced, and each of them is made', async () => {
  const images = imagesHere();
  const large = await noisy(3000, 2000).png().toBuffer();
  await images.convert(small);
  const first = images.pid();
  const made = Promise.all([images.convert(large), images.convert(large), images.convert(small)]);
  process.kill(first ?? 0, 'SIGKILL');
  expect((await made).map(({ kind }) => kind)).toEqual(['image', 'image', 'image']);
  expect(images.pid()).not.toBe(first);
});

test('an image that takes too long is named so, and the next one is read', async () => {
  const hasty = imagesHere({ limitMs: 1 });
  expect(await hasty.convert(small)).toEqual({ kind: 'unread', why: 'broken' });
  expect(await imagesHere().convert(small)).toMatchObject({ kind: 'image', width: 40 });
});

test('a process without anything to do ends, and comes back with the next image', async () => {
  const images = imagesHere({ idleMs: 50 });
  images.warm();
  await expect.poll(() => images.pid(), { timeout: 20_000 }).toBe(null);
  expect(await images.convert(small)).toMatchObject({ kind: 'image' });
});

test.runIf(process.platform === 'linux')(
  'many images leave no memory behind, and the largest take a bounded part of it',
  async () => {
    const images = imagesHere();
    await images.convert(small);
    const before = memoryOf(images.pid());
    const shot = await noisy(2500, 1400).png({ compressionLevel: 1 }).toBuffer();
    for (let round = 0; round < 4; round += 1)
      await Promise.all([shot, shot, shot].map((bytes) => images.convert(bytes)));
    expect(memoryOf(images.pid()).now - before.now).toBeLessThan(100 * MEGABYTE);
    // As many pixels as are taken, in the forms that take most memory, and more than that.
    const plain = (side: number) =>
      sharp({ create: { width: side, height: side, channels: 3, background: 'red' } });
    const bombs = [
      await plain(7000).png().toBuffer(),
      await plain(7000).jpeg().withMetadata({ orientation: 6 }).toBuffer(),
      await plain(4900).jpeg({ progressive: true }).toBuffer(),
      await plain(3500).gif({ effort: 1 }).toBuffer(),
      await plain(7000).jpeg({ progressive: true }).toBuffer(),
    ];
    const made = await Promise.all(bombs.map((bytes) => images.convert(bytes)));
    expect(made.map(({ kind }) => kind)).toEqual(['image', 'image', 'image', 'image', 'unread']);
    expect((memoryOf(images.pid()).most - before.now) / MEGABYTE).toBeLessThan(150);
  },
);
