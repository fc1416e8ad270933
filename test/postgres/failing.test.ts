import { connect, createServer, type Socket } from 'node:net';
import { sql } from 'drizzle-orm';
import { expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { createLog } from '../../src/log.ts';
import {
  type Database,
  failureOf,
  isConnectionLoss,
  openDatabase,
  sqlState,
} from '../../src/postgres/database.ts';
import { createTestDatabase } from '../support/database.ts';
import { gate } from './jobs/boxes.ts';

/** Short, and yet longer than a busy machine takes for a statement that nothing holds up. */
const LIMITS = {
  connect: 5000,
  free: 10_000,
  query: 2000,
  statement: 1500,
  lock: 1000,
  idleInTransaction: 1500,
};

const databases: Database[] = [];

async function testDatabase() {
  const { url, drop } = await createTestDatabase();
  onTestFinished(async () => {
    await Promise.all(databases.splice(0).map((one) => one.close()));
    await drop();
  });
  return { url };
}

function open(url: string, max: number, limits = LIMITS): Database {
  const log = createLog('error', { write: () => {} });
  const database = openDatabase({ url, max, clock: systemClock, log, limits });
  databases.push(database);
  return database;
}

/** A way to the server that can swallow everything, as a host that vanished, and lets new connections through. */
async function vanishing(url: string) {
  const to = new URL(url);
  const { port, hostname } = to;
  let silent = new Set<Socket>();
  const alive = new Set<Socket>();
  const proxy = createServer((near) => {
    const far = connect(Number(port), hostname);
    alive.add(near);
    near.on('data', (data) => silent.has(near) || far.write(data));
    far.on('data', (data) => silent.has(near) || near.write(data));
    near.on('close', () => far.destroy());
    far.on('close', () => silent.has(near) || near.destroy());
    for (const socket of [near, far]) socket.on('error', () => {});
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void proxy.close());
  const address = proxy.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  to.port = `${address.port}`;
  return {
    url: to.href,
    vanish: () => {
      silent = new Set(alive);
    },
  };
}

it('a host that vanishes without a word ends each statement and each transaction at the limit, and the next one has a new connection', async () => {
  const { url } = await testDatabase();
  const way = await vanishing(url);
  const database = open(way.url, 1);
  const pid = sql`select pg_backend_pid() as pid`;
  const first = (await database.query.execute(pid)).rows[0];
  const [begun, vanished] = [gate(), gate()];
  const cut = database.transaction(async (tx) => {
    await tx.execute(pid);
    begun.open();
    await vanished.opened;
    await tx.execute(pid);
  });
  await begun.opened;
  way.vanish();
  const since = systemClock.monotonic();
  vanished.open();
  await expect(cut).rejects.toMatchObject({ code: 'DATABASE_UNREACHABLE' });
  // One limit, not a second one for the rollback that nobody answers either.
  expect(systemClock.monotonic() - since).toBeLessThan(2 * LIMITS.query);
  expect((await database.query.execute(pid)).rows[0]).not.toEqual(first);
  way.vanish();
  const lost = await database.query.execute(pid).catch((thrown: unknown) => thrown);
  expect(failureOf(lost)).toBe('away');
  expect(await database.condition(5000)).toBe('ok');
  expect(database.pool.totalCount).toBe(1);
});

it('a statement that takes too long, and a lock that somebody keeps, end at the server’s limits and keep the connection', async () => {
  const { url } = await testDatabase();
  const database = open(url, 2);
  await database.query.execute(sql`create table kept (id integer)`);
  const pid = sql<{ pid: number }>`select pg_backend_pid() as pid`;
  await database.transaction(async (tx) => {
    const before = await tx.execute(pid);
    const slow = await tx.execute(sql`select pg_sleep(60)`).catch((thrown: unknown) => thrown);
    expect([sqlState(slow), failureOf(slow)]).toEqual(['57014', 'away']);
    await tx.execute(sql`rollback`);
    expect((await tx.execute(pid)).rows).toEqual(before.rows);
  });
  await database.transaction(async (tx) => {
    await tx.execute(sql`lock table kept`);
    const held = await database.query.execute(sql`insert into kept values (1)`).catch((thrown) => thrown);
    expect([sqlState(held), failureOf(held)]).toEqual(['55P03', 'away']);
  });
});

it('a pool that is full is busy and not away, and says so also to whoever asks for its health', async () => {
  const { url } = await testDatabase();
  const database = open(url, 1, { ...LIMITS, free: 200, idleInTransaction: 60_000 });
  await database.transaction(async () => {
    const waited = await database.transaction(async () => {}).catch((thrown: unknown) => thrown);
    expect(waited).toMatchObject({ code: 'DATABASE_BUSY' });
    expect(isConnectionLoss(waited)).toBe(true);
    expect(await database.condition(100)).toBe('DATABASE_BUSY');
    expect(await database.condition(5000)).toBe('DATABASE_BUSY');
  });
  expect(await database.condition(5000)).toBe('ok');
});

it('two transactions in each other’s way both pass: the one that a deadlock undid is run again at once', async () => {
  const { url } = await testDatabase();
  const database = open(url, 3, { ...LIMITS, query: 20_000, statement: 20_000, lock: 20_000 });
  await database.query.execute(sql`create table counted (id integer primary key, n integer)`);
  await database.query.execute(sql`insert into counted values (1, 0), (2, 0)`);
  let runs = 0;
  const both = [gate(), gate()];
  const move = (from: number) =>
    database.transaction(async (tx) => {
      runs += 1;
      await tx.execute(sql`update counted set n = n + 1 where id = ${from}`);
      both[from - 1]?.open();
      await both[2 - from]?.opened;
      await tx.execute(sql`update counted set n = n + 1 where id = ${3 - from}`);
    });
  await Promise.all([move(1), move(2)]);
  // Once more for each deadlock: the one that was undone may take its row again before the other one wakes.
  expect(runs).toBeGreaterThan(2);
  const { rows } = await database.query.execute(sql`select n from counted order by id`);
  expect(rows).toEqual([{ n: 2 }, { n: 2 }]);
});

it('a server that became read-only is away, and its connection is closed: the next one may lead to the new primary', async () => {
  const { url } = await testDatabase();
  const database = open(url, 1);
  const pid = sql`select pg_backend_pid() as pid`;
  const first = (await database.query.execute(pid)).rows;
  const refused = database.transaction(async (tx) => {
    await tx.execute(sql`set transaction read only`);
    await tx.execute(sql`delete from skein.workers`);
  });
  await expect(refused).rejects.toMatchObject({ code: 'DATABASE_UNREACHABLE' });
  expect((await database.query.execute(pid)).rows).not.toEqual(first);
});

it.each([
  ['53100', 'away'],
  ['53200', 'away'],
  ['53300', 'away'],
  ['58030', 'away'],
  ['57P05', 'away'],
  ['40001', 'again'],
  ['23505', 'fault'],
  ['42601', 'fault'],
])('SQLSTATE %s means %s', async (code, failure) => {
  const { url } = await testDatabase();
  const database = open(url, 1);
  const thrown = await database.query
    .execute(sql.raw(`do $$ begin raise exception using errcode = '${code}'; end $$`))
    .catch((error: unknown) => error);
  expect([sqlState(thrown), failureOf(thrown)]).toEqual([code, failure]);
});
