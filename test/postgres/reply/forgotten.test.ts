import { expect, it } from 'vitest';
import { finishJob } from '../../../src/jobs/store.ts';
import { resumeForgotten } from '../../../src/reply/forgotten.ts';
import { markShown } from '../../../src/reply/store.ts';
import { openStored } from '../../support/stored.ts';

type Stored = Awaited<ReturnType<typeof openStored>>;

/** A reply whose only job is done, so many seconds ago, although it has no end. */
async function abandoned(stored: Stored, secondsAgo: number) {
  const asked = await stored.ask();
  await finishJob(stored.database.query, asked.lease, 1);
  await stored.rows(`update skein.jobs set done_at = now() - $1 * interval '1 second'`, [secondsAgo]);
  return asked;
}

const waiting = ({ rows }: Stored) =>
  rows<{ payload: string }>('select payload from skein.jobs where done_at is null');

it('a reply without an end whose jobs are all done gets one new job, however many processes look', async () => {
  const stored = await openStored();
  const { reply } = await abandoned(stored, 11);
  await Promise.all([resumeForgotten(stored.database), resumeForgotten(stored.database)]);
  expect(await resumeForgotten(stored.database)).toBe(0);
  expect(await waiting(stored)).toEqual([{ payload: JSON.stringify({ reply }) }]);
});

it('one whose job was done a moment ago, or is being done, is left to it', async () => {
  const stored = await openStored();
  await abandoned(stored, 5);
  expect(await resumeForgotten(stored.database)).toBe(0);
  await stored.rows('update skein.jobs set done_at = null');
  expect(await resumeForgotten(stored.database)).toBe(0);
});

it('one that has its end is not looked at again', async () => {
  const stored = await openStored();
  const asked = await stored.ask();
  const { reply, lease } = asked;
  await stored.answer(asked);
  await markShown(stored.database.query, lease, reply, 'shown');
  await finishJob(stored.database.query, lease, 1);
  await stored.rows(`update skein.jobs set done_at = now() - interval '1 hour'`);
  expect(await resumeForgotten(stored.database)).toBe(0);
});

it('one that has been begun again twenty times is left as it is', async () => {
  const stored = await openStored();
  await abandoned(stored, 60);
  for (let round = 1; round < 20; round++) {
    expect(await resumeForgotten(stored.database)).toBe(1);
    await stored.rows(`update skein.jobs set done_at = now() - interval '1 minute'`);
  }
  expect(await resumeForgotten(stored.database)).toBe(0);
  expect(await waiting(stored)).toEqual([]);
});
