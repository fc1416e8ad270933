import { connect, createServer, type Socket } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { type Clock, systemClock } from '../../../src/clock.ts';
import { appear } from '../../../src/jobs/presence.ts';
import { openBoxes, quiet, until } from './boxes.ts';

/** A way to the server that can stop carrying anything, without a word to either side. */
async function halfOpen(url: string) {
  const to = new URL(url);
  const sockets = new Set<Socket>();
  let frozen = false;
  const proxy = createServer((near) => {
    const far = connect(Number(to.port), to.hostname);
    for (const [from, into] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.on('data', (data) => frozen || into.write(data));
      from.on('close', () => frozen || into.destroy());
      from.on('error', () => {});
    }
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    proxy.close();
  });
  const address = proxy.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const through = new URL(url);
  through.port = `${address.port}`;
  return {
    url: through.href,
    freeze: () => {
      frozen = true;
    },
  };
}

/** Lives ten times as fast, so that seconds of silence pass in moments. */
const fast: Clock = {
  ...systemClock,
  monotonic: () => systemClock.monotonic() * 10,
  sleep: (ms, signal) => systemClock.sleep(ms / 10, signal),
};

it('a process that nobody hears any more gives its leases up by itself, before anybody else may take them', async () => {
  const { url } = await openBoxes();
  const way = await halfOpen(url);
  const lost: string[] = [];
  const presence = await appear({
    url: way.url,
    clock: fast,
    log: quiet,
    listen: {},
    onLost: (owner) => lost.push(owner),
  });
  // Ten times as fast on a busy machine, it may doubt itself for a moment, or begin anew under another name.
  const names = new Set<string>();
  await until(() => {
    const name = presence.owner();
    if (name !== null) names.add(name);
    return name !== null;
  }, 'the presence');
  const [owner = ''] = names;
  way.freeze();
  await until(() => !presence.stands(owner), 'the doubt');
  await until(() => lost.includes(owner), 'the loss');
  await until(() => presence.owner() === null, 'the end');
  const begun = systemClock.monotonic();
  await presence.stop();
  expect(systemClock.monotonic() - begun).toBeLessThan(10_000);
});

it('a stop does not wait for a server that does not answer', async () => {
  const { url } = await openBoxes();
  const way = await halfOpen(url);
  const presence = await appear({
    url: way.url,
    clock: systemClock,
    log: quiet,
    listen: {},
    onLost: () => {},
  });
  way.freeze();
  const begun = systemClock.monotonic();
  await presence.stop();
  expect(systemClock.monotonic() - begun).toBeLessThan(5000);
});
