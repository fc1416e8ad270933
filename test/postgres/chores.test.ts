import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { openSpending } from '../../src/allowances/store.ts';
import { startChores } from '../../src/chores.ts';
import { createLog } from '../../src/log.ts';
import { DEFAULTS, openStored } from '../support/stored.ts';
import { createVirtualClock } from '../support/virtual-clock.ts';

it('a process learns every ten seconds from what others wrote, also after a time that failed, until it ends', async () => {
  const { database } = await openStored();
  const clock = createVirtualClock();
  const over = new AbortController();
  const warnings: string[] = [];
  let learned = 0;
  startChores({
    database,
    defaults: DEFAULTS,
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

it('old words are erased a minute after the start and then every hour, also after a time that failed, until it ends', async () => {
  const { database, rows, conversation, say } = await openStored();
  const clock = createVirtualClock();
  const over = new AbortController();
  const lines: Record<string, unknown>[] = [];
  const id = await conversation();
  const old = async (ts: string) => {
    await say(id, ts);
    await rows(`update skein.messages set created_at = now() - interval '2 days'`);
  };
  const kept = () =>
    rows<{ ts: string }>('select slack_ts as ts from skein.messages where erased_at is null');
  const logged = (message: string) => lines.filter(({ msg }) => msg === message);
  startChores({
    database,
    defaults: { ...DEFAULTS, retention: 1 },
    spending: openSpending(database.query, randomUUID()),
    clock,
    log: createLog('info', { write: (line) => lines.push(JSON.parse(line)) }),
    learn: async () => {},
    alert: async () => {},
    signal: over.signal,
  });
  await old('1.000000');
  await clock.advance(59_000);
  expect(await kept()).toHaveLength(1);
  await clock.advance(1_000);
  await expect.poll(kept).toEqual([]);
  await expect.poll(() => logged('words were erased, as retention says')).toHaveLength(1);

  await old('2.000000');
  await rows('alter table skein.settings rename to settings_away');
  await clock.advance(3_600_000);
  await expect.poll(() => logged('old words were not erased')).toHaveLength(1);
  await rows('alter table skein.settings_away rename to settings');
  await clock.advance(3_600_000);
  await expect.poll(kept).toEqual([]);

  await old('3.000000');
  over.abort();
  await clock.advance(7_200_000);
  expect(await kept()).toHaveLength(1);
});
