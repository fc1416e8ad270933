import { expect, it } from 'vitest';
import { type Clock, systemClock } from '../../src/clock.ts';
import { ana, dictation, finishedReply, general, startWorld } from './world.ts';

/** For the bot every second is so many. */
const FASTER = 5;
const hasty: Clock = {
  ...systemClock,
  monotonic: () => FASTER * systemClock.monotonic(),
  sleep: (ms, signal) => systemClock.sleep(ms / FASTER, signal),
  after: (ms, call) => systemClock.after(ms / FASTER, call),
  every: (ms, call) => systemClock.every(ms / FASTER, call),
};

it('a model that says nothing: after fifteen seconds the message says so with the seconds, again later, and Stop works', async () => {
  const words = dictation();
  const world = await startWorld({ clock: hasty, script: () => ({ text: words.text }) });
  const { ts } = world.slack.say(ana, general, '@skein tell me');
  await world.model.waitForCall();
  const said = (line: RegExp) =>
    world.slack.waitForMessage((seen) => seen.threadTs === ts && line.test(seen.visible));
  const first = await said(/, 15 s without a word…/);
  const later = await said(/, 30 s without a word…/);
  expect(later.ts).toBe(first.ts);
  // Each telling is one edit.
  expect(world.slack.calls('chat.update').length).toBeLessThanOrEqual(3);

  await world.slack.click(ana, { channel: general, ts: first.ts, actionId: 'reply_stop' });
  const ended = await finishedReply(world, general, ts);
  expect(ended.visible).toMatch(/Stopped by Ana/);
  expect(ended.visible).not.toMatch(/without a word/);
  words.end();
});
