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
  /** What a process knows that wrote them itself. */
  const seen = createLengths();
  const known = (of: typeof lengths) =>
    [5_000, 13_000, 18_000, 30_000, 50_000].map((ms) => of.longerThan(ms));
  const nothing = known(lengths);
  await learn();
  expect(known(lengths)).toEqual(nothing);
  await wrote('1.000001', 15);
  await learn();
  seen.note(15_000);
  expect(known(lengths)).toEqual(known(seen));
  await wrote('1.000002', 40);
  await learn();
  seen.note(40_000);
  expect(known(lengths)).toEqual(known(seen));
  expect(known(lengths)).not.toEqual(nothing);
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
