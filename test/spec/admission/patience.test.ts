import { expect, it } from 'vitest';
import { withPatience } from '../../../src/admission/patience.ts';
import { SkeinError } from '../../../src/errors.ts';
import { createVirtualClock } from '../../support/virtual-clock.ts';
import { quiet } from '../reply/stage.ts';
import { message } from './make.ts';

const away = () =>
  new SkeinError('DATABASE_UNREACHABLE', 'x', { cause: Object.assign(new Error(), { code: '08006' }) });

function setUp() {
  const clock = createVirtualClock();
  const taken: string[] = [];
  const state = { error: null as Error | null };
  const patience = withPatience(
    async (incoming) => {
      if (state.error !== null) throw state.error;
      if (incoming.kind === 'message') taken.push(incoming.ts);
      return taken.length;
    },
    { clock, log: quiet },
  );
  return { clock, taken, state, patience };
}

it('an event that came while the database was away is refused to Slack, and taken in order when it is back', async () => {
  const { clock, taken, state, patience } = setUp();
  state.error = away();
  for (const ts of ['1.0', '2.0']) await expect(patience.receive(message({ ts }))).rejects.toBe(state.error);
  await clock.advance(5000);
  expect(patience.waiting()).toBe(2);
  state.error = null;
  await clock.advance(500);
  expect(taken).toEqual(['1.0', '2.0']);
  expect(patience.waiting()).toBe(0);
  // And once more: the first outage must not have used it up.
  state.error = away();
  await expect(patience.receive(message({ ts: '3.0' }))).rejects.toBe(state.error);
  state.error = null;
  await clock.advance(500);
  expect(taken).toEqual(['1.0', '2.0', '3.0']);
});

it('a fault that is no outage is not tried again, and does not hold up what waits behind it', async () => {
  const { clock, taken, state, patience } = setUp();
  state.error = new Error('a fault of ours');
  await expect(patience.receive(message())).rejects.toBe(state.error);
  expect(patience.waiting()).toBe(0);
  state.error = away();
  await expect(patience.receive(message())).rejects.toBe(state.error);
  state.error = new Error('a fault of ours');
  await clock.advance(500);
  expect(patience.waiting()).toBe(0);
  expect(taken).toEqual([]);
});

it('after six minutes an event is left to Slack, and after a stop nothing waits', async () => {
  const { clock, state, patience } = setUp();
  state.error = away();
  await expect(patience.receive(message())).rejects.toBe(state.error);
  await clock.advance(6 * 60_000 + 1000);
  expect(patience.waiting()).toBe(0);
  await expect(patience.receive(message())).rejects.toBe(state.error);
  patience.stop();
  expect(patience.waiting()).toBe(0);
  await clock.advance(1000);
  expect(clock.timers()).toBe(0);
  await expect(patience.receive(message())).rejects.toBe(state.error);
  expect(patience.waiting()).toBe(0);
});
