import { randomUUID } from 'node:crypto';
import { drizzle } from 'drizzle-orm/node-postgres';
import { expect, it } from 'vitest';
import { type Elsewhere, openSpending } from '../../../src/allowances/store.ts';
import { openStored } from '../../support/stored.ts';

async function setUp() {
  const stored = await openStored();
  const process = () => openSpending(stored.database.query, randomUUID());
  return { ...stored, process, a: process(), b: process() };
}

const methods = (news: readonly Elsewhere[]) => news.map(({ method }) => method).sort();

it('each call of another process is told once, and none of our own', async () => {
  const { a, b, process } = await setUp();
  await a.spent('T1', 'chat.update');
  await a.spent('T2', 'chat.update');
  expect(methods(await b.spent('T1', 'reply begun'))).toEqual(['chat.update']);
  expect(await b.others('T1')).toEqual([]);
  expect(methods(await a.others('T1'))).toEqual(['reply begun']);
  // Who comes later learns of all that Slack still counts.
  expect(methods(await process().others('T1'))).toEqual(['chat.update', 'reply begun']);
});

it('reads at once tell each call once between them', async () => {
  const { a, b } = await setUp();
  for (let call = 0; call < 10; call++) await a.spent('T1', `call ${call}`);
  const news = await Promise.all(Array.from({ length: 8 }, () => b.others('T1')));
  expect(news.flat()).toHaveLength(10);
});

it('a call that is stored later than others with higher numbers is told as well', async () => {
  const { a, b, database } = await setUp();
  const slow = await database.pool.connect();
  try {
    await slow.query('begin');
    await slow.query('insert into skein.spendings (team, method, process) values ($1, $2, $3)', [
      'T1',
      'late',
      randomUUID(),
    ]);
    await a.spent('T1', 'in time');
    expect(methods(await b.others('T1'))).toEqual(['in time']);
    await slow.query('commit');
  } finally {
    slow.release();
  }
  expect(methods(await b.others('T1'))).toEqual(['late']);
  expect(await b.others('T1')).toEqual([]);
});

it('old calls are not read again, and those that Slack does not count any more are deleted', async () => {
  const { a, b, process, rows } = await setUp();
  await a.spent('T1', 'old');
  await rows(`update skein.spendings set at = now() - interval '20 seconds'`);
  const [old] = await b.others('T1');
  expect(old?.ago).toBeGreaterThan(19_000);
  await a.spent('T1', 'new');
  expect(methods(await b.others('T1'))).toEqual(['new']);
  await rows(`update skein.spendings set at = now() - interval '2 minutes' where method = 'old'`);
  expect(methods(await process().others('T1'))).toEqual(['new']);
  await a.purge();
  expect(await rows('select method from skein.spendings')).toEqual([{ method: 'new' }]);
});

it('what is settled is not kept in memory any more, and is not told again by a read that began before', async () => {
  const { a, b, rows } = await setUp();
  for (let call = 0; call < 5; call++) await a.spent('T1', `old ${call}`);
  await rows(`update skein.spendings set at = at - interval '10 seconds'`);
  await a.spent('T1', 'new');
  const news = await Promise.all(Array.from({ length: 8 }, () => b.others('T1')));
  expect(news.flat()).toHaveLength(6);
  expect(await b.others('T1')).toEqual([]);
});

it('the calls of a crowd are noted with a few statements, each of them once', async () => {
  const { database, b, rows } = await setUp();
  const made: string[] = [];
  const query = drizzle(database.pool, { logger: { logQuery: (text) => made.push(text) } });
  const crowd = openSpending(query, randomUUID());
  await b.spent('T1', 'elsewhere');
  const news = await Promise.all(Array.from({ length: 40 }, (_, call) => crowd.spent('T1', `call ${call}`)));
  expect(methods(news.flat())).toEqual(['elsewhere']);
  expect(made.length).toBeLessThan(5);
  const noted = await rows<{ method: string }>(
    `select method from skein.spendings where method like 'call %'`,
  );
  expect(new Set(noted.map(({ method }) => method)).size).toBe(40);
  expect(noted).toHaveLength(40);
});
