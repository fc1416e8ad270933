import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Logbook, openLogbook } from '../../../src/reply/write/logbook.ts';
import { createVirtualClock } from '../../support/virtual-clock.ts';

class Lost extends Error {}

/** A store that keeps text as `appendLog` does, and fails as told. */
function setUp(before = '', unsavedMayShow = () => true) {
  const clock = createVirtualClock();
  const store = { text: before, writes: 0, underWay: 0, most: 0 };
  const failing: ('before' | 'after' | 'lost' | null)[] = [];
  const failures: unknown[] = [];
  const logbook: Logbook = openLogbook({
    before,
    clock,
    async append({ at, text }) {
      store.writes += 1;
      store.underWay += 1;
      store.most = Math.max(store.most, store.underWay);
      await clock.sleep(5);
      store.underWay -= 1;
      const how = failing.shift() ?? null;
      if (how === 'lost') throw new Lost();
      if (how === 'before') throw new Error('the database is away');
      if (store.text.length === at) store.text += text;
      else if (store.text.length !== at + text.length) throw new Error('out of order');
      if (how === 'after') throw new Error('the answer was lost');
      expect(text.isWellFormed()).toBe(true);
    },
    onFailure: (error) => failures.push(error),
    unsavedMayShow,
    isFatal: (error) => error instanceof Lost,
  });
  const settle = async () => {
    const settled = logbook.settle();
    await clock.advance(50);
    return settled;
  };
  return { clock, store, failing, failures, logbook, settle };
}

it('text is durable soon after it came, also when nobody asks for it', async () => {
  const { clock, store, logbook } = setUp();
  logbook.add('one ');
  logbook.add('two ');
  await clock.advance(250);
  logbook.add('three');
  expect(store).toMatchObject({ text: 'one two ', writes: 1 });
  await clock.advance(250);
  expect(store).toMatchObject({ text: 'one two three', writes: 2 });
});

it('what may be shown is durable before', async () => {
  const { store, logbook, settle } = setUp('before ');
  logbook.add('after');
  expect(await settle()).toBe('before after');
  expect(store.text).toBe('before after');
  expect(await settle()).toBe('before after');
  expect(store.writes).toBe(1);
});

it('what comes while a write is under way goes with the next, one write at a time', async () => {
  const { clock, store, logbook } = setUp();
  logbook.add('one ');
  const first = logbook.settle();
  await clock.advance(1);
  logbook.add('two ');
  const second = logbook.settle();
  const third = logbook.settle();
  await clock.advance(20);
  expect([await first, await second, await third]).toEqual(['one ', 'one two ', 'one two ']);
  expect(store).toMatchObject({ text: 'one two ', writes: 2, most: 1 });
});

it('while the database is away text is shown all the same, and stored when it is back', async () => {
  const { store, failing, failures, logbook, settle } = setUp();
  failing.push('before', 'before');
  logbook.add('one ');
  expect(await settle()).toBe('one ');
  logbook.add('two ');
  expect(await settle()).toBe('one two ');
  expect(store.text).toBe('');
  expect(failures).toHaveLength(2);
  logbook.add('three');
  expect(await settle()).toBe('one two three');
  expect(store.text).toBe('one two three');
});

it('what could not be stored is not shown if somebody else might go on from the older log', async () => {
  const { failing, logbook, settle } = setUp('old ', () => false);
  failing.push('before');
  logbook.add('new');
  expect(await settle()).toBe('old ');
  expect(await settle()).toBe('old new');
});

it('a write whose answer was lost is not doubled, and what came since follows', async () => {
  const { store, failing, failures, logbook, settle } = setUp();
  failing.push('after');
  logbook.add('one ');
  await settle();
  logbook.add('two ');
  await settle();
  expect(store.text).toBe('one two ');
  expect(failures).toHaveLength(1);
});

it('once the lease is lost nothing may be shown any more', async () => {
  const { failing, logbook, clock } = setUp();
  failing.push('lost');
  logbook.add('one');
  const settled = logbook.settle();
  const refused = expect(settled).rejects.toBeInstanceOf(Lost);
  await clock.advance(50);
  await refused;
  await expect(logbook.settle()).rejects.toBeInstanceOf(Lost);
});

it('half a character waits for its other half', async () => {
  const { store, logbook, settle } = setUp();
  logbook.add('a\ud83d');
  await settle();
  expect(store.text).toBe('a');
  logbook.add('\ude00b');
  expect(await settle()).toBe('a😀b');
  expect(store.text).toBe('a😀b');
});

it('a closed logbook leaves no timer behind', async () => {
  const { clock, logbook } = setUp();
  logbook.add('x');
  logbook.close();
  expect(clock.timers()).toBe(0);
});

it('whatever fails and whenever it is asked, nothing is lost, doubled or out of order in the end', async () => {
  const step = fc.oneof(
    fc.record({ add: fc.string({ unit: 'binary', maxLength: 6 }) }),
    fc.record({ wait: fc.nat({ max: 400 }) }),
    fc.constant({ settle: true }),
    fc.constant({ cut: '\ud83d' }),
  );
  const fault = fc.constantFrom('before' as const, 'after' as const, null, null);
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 20 }),
      fc.array(fault, { maxLength: 10 }),
      async (steps, faults) => {
        const { clock, store, failing, logbook, settle } = setUp();
        failing.push(...faults);
        let all = '';
        for (const what of steps) {
          if ('add' in what || 'cut' in what) {
            const text = 'add' in what ? what.add : `${what.cut}\ude00`;
            all += text;
            for (const unit of text.split('')) logbook.add(unit);
          } else if ('wait' in what) await clock.advance(what.wait);
          else void logbook.settle();
        }
        for (let time = 0; time < 12; time++) await settle();
        expect(logbook.text()).toBe(all);
        expect(store.text).toBe(all);
        expect(store.most).toBeLessThanOrEqual(1);
      },
    ),
    { numRuns: 60 },
  );
});

it('once all of it is stored by another way nothing is appended, and a piece that comes too late is no failure', async () => {
  const { clock, store, failing, failures, logbook, settle } = setUp();
  logbook.add('one ');
  const late = logbook.settle();
  failing.push('lost');
  logbook.add('two');
  logbook.stored();
  await clock.advance(500);
  expect(await late).toBe('one ');
  expect(failures).toEqual([]);
  expect(await settle()).toBe('one two');
  expect(store.writes).toBe(1);
});
