import { expect, it } from 'vitest';
import { SkeinError } from '../../../src/errors.ts';
import { gathered } from '../../../src/postgres/gathered.ts';

/** Batches whose runs end when the test says so. */
function setUp(fails: (items: readonly number[]) => Error | null = () => null) {
  const runs: string[] = [];
  const ends: (() => void)[] = [];
  const batches = gathered<number, number>(async (key, items) => {
    runs.push(`${key}: ${items.join(' ')}`);
    await new Promise<void>((resolve) => ends.push(resolve));
    const error = fails(items);
    if (error !== null) throw error;
    return items.map((item) => item * 10);
  });
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  return {
    batches,
    runs,
    async end() {
      await settle();
      ends.shift()?.();
      await settle();
    },
  };
}

it('what comes while a batch is under way goes with the next, and each gets its own result', async () => {
  const { batches, runs, end } = setUp();
  const all = [1, 2, 3, 4].map((item) => batches('T1', item));
  const other = batches('T2', 5);
  await end();
  await end();
  await end();
  expect(await Promise.all([...all, other])).toEqual([10, 20, 30, 40, 50]);
  expect(runs).toEqual(['T1: 1', 'T2: 5', 'T1: 2 3 4']);
  const later = batches('T1', 6);
  await end();
  expect(await later).toBe(60);
});

it('nobody fails for the fault of another in the same batch', async () => {
  const { batches, end } = setUp((items) => (items.includes(3) ? new Error('three is wrong') : null));
  const all = Promise.allSettled([1, 2, 3, 4].map((item) => batches('T1', item)));
  for (let step = 0; step < 5; step++) await end();
  expect((await all).map(({ status }) => status)).toEqual([
    'fulfilled',
    'fulfilled',
    'rejected',
    'fulfilled',
  ]);
});

it('while the database is away all of a batch are told at once, and nobody asks it again one by one', async () => {
  const away = new SkeinError('DATABASE_UNREACHABLE', 'away', { cause: new Error('Connection terminated') });
  const { batches, runs, end } = setUp(() => away);
  const all = Promise.allSettled([1, 2, 3].map((item) => batches('T1', item)));
  await end();
  await end();
  expect((await all).map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
  expect(runs).toEqual(['T1: 1', 'T1: 2 3']);
});
