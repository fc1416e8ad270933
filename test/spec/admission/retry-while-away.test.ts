import { expect, it } from 'vitest';
import { retryWhileDatabaseAway } from '../../../src/admission/retry-while-away.ts';
import { SkeinError } from '../../../src/errors.ts';
import { createVirtualClock } from '../../support/virtual-clock.ts';
import { quiet } from '../reply/stage.ts';

const away = () =>
  new SkeinError('DATABASE_UNREACHABLE', 'x', { cause: Object.assign(new Error(), { code: '08006' }) });

function setUp() {
  const clock = createVirtualClock();
  const taken: string[] = [];
  const state = { error: null as Error | null };
  const retry = retryWhileDatabaseAway<string>(
    async (one) => {
      if (state.error !== null) throw state.error;
      taken.push(one);
    },
    { clock, log: quiet },
  );
  return { clock, taken, state, retry };
}

it('an event that came while the database was away is refused to Slack, and taken in order when it is back', async () => {
  const { clock, taken, state, retry } = setUp();
  state.error = away();
  for (const ts of ['1.0', '2.0']) await expect(retry.carryOut(ts)).rejects.toBe(state.error);
  await clock.advance(5000);
  expect(retry.waiting()).toBe(2);
  state.error = null;
  await clock.advance(500);
  expect(taken).toEqual(['1.0', '2.0']);
  expect(retry.waiting()).toBe(0);
  // And once more: the first outage must not have used it up.
  state.error = away();
  await expect(retry.carryOut('3.0')).rejects.toBe(state.error);
  state.error = null;
  await clock.advance(500);
  expect(taken).toEqual(['1.0', '2.0', '3.0']);
});

it('a fault that is no outage is not tried again, and does not hold up what waits behind it', async () => {
  const { clock, taken, state, retry } = setUp();
  state.error = new Error('a fault of ours');
  await expect(retry.carryOut('1.0')).rejects.toBe(state.error);
  expect(retry.waiting()).toBe(0);
  state.error = away();
  await expect(retry.carryOut('1.0')).rejects.toBe(state.error);
  state.error = new Error('a fault of ours');
  await clock.advance(500);
  expect(retry.waiting()).toBe(0);
  expect(taken).toEqual([]);
});

it('after six minutes an event is left to Slack, and after a stop nothing waits', async () => {
  const { clock, state, retry } = setUp();
  state.error = away();
  await expect(retry.carryOut('1.0')).rejects.toBe(state.error);
  await clock.advance(6 * 60_000 + 1000);
  expect(retry.waiting()).toBe(0);
  await expect(retry.carryOut('1.0')).rejects.toBe(state.error);
  retry.stop();
  expect(retry.waiting()).toBe(0);
  await clock.advance(1000);
  expect(clock.timers()).toBe(0);
  await expect(retry.carryOut('1.0')).rejects.toBe(state.error);
  expect(retry.waiting()).toBe(0);
});
