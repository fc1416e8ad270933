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

const calm = (url: string, more: Partial<Parameters<typeof appear>[0]> = {}) =>
  appear({ url, clock: systemClock, log: quiet, listen: {}, onLost: () => {}, ...more });

it('a machine that slept relies on nothing until a heartbeat was confirmed, and judges nobody for a while', async () => {
  const { url, database } = await openBoxes();
  let slept = 0;
  const clock: Clock = { ...systemClock, now: () => systemClock.now() + slept };
  const presence = await calm(url, { clock });
  const owner = presence.owner() ?? '';
  await until(() => presence.judge() === owner, 'the right to judge');
  // The monotonic clock stood still; the wall clock and the database's went on.
  slept = 60_000;
  expect([presence.stands(owner), presence.owner(), presence.judge()]).toEqual([false, null, null]);
  await database.pool.query("update skein.workers set seen_at = seen_at - interval '60 s'");
  await until(() => presence.owner() === owner, 'the confirmation');
  expect(presence.judge()).toBeNull();
  await until(() => presence.judge() === owner, 'the right to judge again');
  await presence.stop();
});

it('a process that has just started judges nobody until all others have had the time to come back', async () => {
  const { url, put, ghost, box, work } = await openBoxes();
  const other = await ghost({ ago: '5 seconds' });
  await put('a', '1', other);
  const presence = await calm(url);
  const since = systemClock.monotonic();
  expect(presence.judge()).toBeNull();
  await until(() => presence.judge() !== null, 'the right to judge');
  expect(systemClock.monotonic() - since).toBeGreaterThan(2000);
  await presence.stop();
  const begun: string[] = [];
  await work(async ({ mailbox }) => void begun.push(mailbox));
  // The other one was only cut off, and is back in time.
  const { lease_owner } = await box('a');
  expect(lease_owner).toBe(other);
  expect(begun).toEqual([]);
});

it('a database that was made read-only takes no lease away, as nobody else could have one either', async () => {
  const { url, database } = await openBoxes();
  const lost: string[] = [];
  let slept = 0;
  const clock: Clock = { ...systemClock, now: () => systemClock.now() + slept };
  const presence = await calm(url, { clock, onLost: (owner) => lost.push(owner) });
  const owner = presence.owner() ?? '';
  const name = new URL(url).pathname.slice(1);
  const makeReadOnly = async () => {
    await database.pool.query(`alter database ${name} set default_transaction_read_only = on`);
    await database.pool.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where datname = $1 and application_name = 'skein presence'`,
      [name],
    );
  };
  await makeReadOnly();
  await until(() => presence.offline(owner), 'the word that it is down');
  const until8s = systemClock.monotonic() + 8000;
  // Longer than a process without that word keeps its leases.
  await until(() => {
    expect(lost).toEqual([]);
    return systemClock.monotonic() > until8s;
  }, 'eight seconds');
  expect(presence.stands(owner)).toBe(true);
  await database.pool.query('set default_transaction_read_only = off');
  await database.pool.query(`set session characteristics as transaction read write`);
  await database.pool.query(`alter database ${name} reset default_transaction_read_only`);
  await until(() => presence.owner() === owner, 'the return');
  expect(lost).toEqual([]);
  await makeReadOnly();
  await until(() => presence.offline(owner), 'the word that it is down again');
  // The word is older than the machine knows: while it slept others may have begun.
  slept = 60_000;
  expect([presence.offline(owner), presence.stands(owner)]).toEqual([false, false]);
  await presence.stop();
});
