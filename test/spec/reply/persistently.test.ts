import { expect, it } from 'vitest';
import { forAWhile } from '../../../src/reply/persistently.ts';
import { createVirtualClock } from '../../support/virtual-clock.ts';

const away = () => Object.assign(new Error('refused'), { code: 'ECONNREFUSED' });

/** Work that fails so often, and how it ended. */
function start(failures: number, error: () => Error) {
  const clock = createVirtualClock();
  const stop = new AbortController();
  let tries = 0;
  const work = async () => {
    tries += 1;
    if (tries <= failures) throw error();
    return 'done';
  };
  const end = forAWhile(work, { clock, signal: stop.signal, mostMs: 20_000 }).catch(String);
  return { clock, stop, end, tries: () => tries };
}

it('what can not be stored while the database is away is stored when it is back', async () => {
  const { clock, end, tries } = start(12, away);
  await clock.advance(12_000);
  expect(await end).toBe('done');
  expect(tries()).toBe(13);
});

it('it is given up after a while, and at once when nobody has the reply any more or the database is not the reason', async () => {
  const late = start(Number.POSITIVE_INFINITY, away);
  await late.clock.advance(60_000);
  expect(await late.end).toBe('Error: refused');
  expect(late.tries()).toBe(21);

  const stopped = start(Number.POSITIVE_INFINITY, away);
  await stopped.clock.advance(1500);
  stopped.stop.abort();
  await stopped.clock.advance(1000);
  expect(await stopped.end).toBe('Error: refused');
  expect(stopped.tries()).toBeLessThanOrEqual(3);

  const wrong = start(1, () => new Error('a fault'));
  expect(await wrong.end).toBe('Error: a fault');
});
