import { expect, it } from 'vitest';
import { systemClock } from '../../../src/clock.ts';
import { hangBell } from '../../../src/jobs/bell.ts';
import { openBoxes, quiet } from './boxes.ts';

it('a bell that is stopped while it is still being hung holds no connection any more', async () => {
  const { database } = await openBoxes();
  for (let round = 0; round < 3; round++)
    await hangBell({ pool: database.pool, clock: systemClock, log: quiet, ring: async () => {} }).stop();
  expect(database.pool.totalCount - database.pool.idleCount).toBe(0);
});
