import { expect, it } from 'vitest';
import { createLearning } from '../../../src/reply/pace/learning.ts';
import { createLengths } from '../../../src/reply/pace/lengths.ts';
import { markShown } from '../../../src/reply/store.ts';
import { openStored } from '../../support/stored.ts';

it('a process that has written nothing learns from what others wrote, as soon as there is more of it', async () => {
  const { database, ask, answer, conversation } = await openStored();
  const lengths = createLengths();
  const learn = createLearning(database.query, lengths);
  const wrote = async (ts: string, seconds: number) => {
    const asked = await ask(ts, await conversation({ threadTs: ts }));
    await answer(asked);
    await database.query.execute(
      `update skein.replies set answered_at = created_at + interval '${seconds} s' where id = '${asked.reply}'`,
    );
    await markShown(database.query, asked.lease, asked.reply, 'shown');
  };
  await learn();
  await wrote('1.000001', 15);
  await learn();
  expect(lengths.longerThan(13_000)).toBeGreaterThan(0.9);
  expect(lengths.longerThan(18_000)).toBeLessThan(0.2);
  await wrote('1.000002', 40);
  await learn();
  expect(lengths.longerThan(30_000)).toBeCloseTo(0.5, 1);
});

it('what this process saw since is not forgotten as long as the database has nothing new', async () => {
  const { database } = await openStored();
  const lengths = createLengths();
  const learn = createLearning(database.query, lengths);
  await learn();
  for (let reply = 0; reply < 5; reply++) lengths.note(40_000);
  await learn();
  expect(lengths.longerThan(35_000)).toBeGreaterThan(0.85);
});
