import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { openSpending } from '../../src/allowances/store.ts';
import { startChores } from '../../src/chores.ts';
import { createLog } from '../../src/log.ts';
import { openStored } from '../support/stored.ts';
import { createVirtualClock } from '../support/virtual-clock.ts';

it('a process learns every ten seconds from what others wrote, also after a time that failed, until it ends', async () => {
  const { database } = await openStored();
  const clock = createVirtualClock();
  const over = new AbortController();
  const warnings: string[] = [];
  let learned = 0;
  startChores({
    database,
    spending: openSpending(database.query, randomUUID()),
    clock,
    log: createLog('warn', { write: (line) => warnings.push(line) }),
    learn: () => (++learned === 1 ? Promise.reject(new Error('away')) : Promise.resolve()),
    alert: async () => {},
    signal: over.signal,
  });
  await clock.advance(9_000);
  expect(learned).toBe(0);
  await clock.advance(1_000);
  await clock.advance(10_000);
  expect(learned).toBe(2);
  expect(warnings.filter((line) => line.includes('how long earlier replies took'))).toHaveLength(1);
  over.abort();
  await clock.advance(60_000);
  expect(learned).toBe(2);
});
