import { expect, it } from 'vitest';
import { createQuiet } from '../../../src/reply/show/quiet.ts';
import { statusOf, thinkingWith } from '../../../src/words/reply.ts';
import { createVirtualClock } from '../../support/virtual-clock.ts';

function setUp() {
  const clock = createVirtualClock();
  const begun = clock.monotonic();
  const told: string[] = [];
  const quiet = createQuiet(clock, () => told.push(`${(clock.monotonic() - begun) / 1000} ${quiet.line()}`));
  return { clock, quiet, told };
}

it('after fifteen seconds without a word the line says what is waited for and for how long, now and then', async () => {
  const { clock, quiet, told } = setUp();
  expect(quiet.line()).toBe('Thinking…');
  await clock.advance(14_900);
  expect(told).toEqual([]);
  await clock.advance(46_000);
  expect(told).toEqual([
    '15 Waiting for Claude, 15 s without a word…',
    '30 Waiting for Claude, 30 s without a word…',
    '45 Waiting for Claude, 45 s without a word…',
    '60 Waiting for Claude, 60 s without a word…',
  ]);
  await clock.advance(10 * 60_000);
  // Six in the first two minutes, then one a minute.
  expect(told.length).toBeLessThanOrEqual(15);
});

it('a model that has begun and says nothing is thinking, as hard as it was asked to', async () => {
  const { clock, quiet, told } = setUp();
  quiet.waitFor('Thinking…', thinkingWith('max'));
  expect(quiet.line()).toBe('Thinking…');
  await clock.advance(15_000);
  expect(told).toEqual(['15 Thinking with effort max, 15 s without a word…']);
  expect(statusOf(quiet.line() ?? '')).toBe('is thinking with effort max, 15 s without a word…');
});

it('text takes the line away, and a pause after it is told as one', async () => {
  const { clock, quiet, told } = setUp();
  await clock.advance(20_000);
  quiet.word();
  expect(quiet.line()).toBeNull();
  await clock.advance(14_000);
  quiet.word();
  await clock.advance(14_000);
  expect(quiet.line()).toBeNull();
  await clock.advance(2000);
  expect(told.at(-1)).toBe('49 Writing, 15 s without a word…');
  quiet.close();
  expect(clock.timers()).toBe(0);
});

it('what is said about a failed call stays, with the seconds behind it', async () => {
  const { clock, quiet } = setUp();
  quiet.waitFor('Claude is busy, trying again (2 of 5)…');
  expect(quiet.line()).toBe('Claude is busy, trying again (2 of 5)…');
  await clock.advance(30_000);
  expect(quiet.line()).toBe('Claude is busy, trying again (2 of 5), 30 s without a word…');
});
