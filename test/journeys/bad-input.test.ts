import { expect, it } from 'vitest';
import { ana, finishedReply, general, startWorld } from './world.ts';

const FREE = { limit: 1000, windowMs: 1000 };
const LONG = 200_000;

it('200,000 characters without a space, with NUL, half characters and marks without end: all is shown, nothing refused', async () => {
  const world = await startWorld({
    script: () => ({ text: `Be\u0000fore \ud83d${'q'.repeat(LONG)} **open \`and <!channel` }),
    env: { DEFAULT_MAX_TOKENS: '64000' },
    tuning: { pacer: { postRule: FREE, updateRule: FREE } },
  });
  const { ts } = world.slack.say(ana, general, '@skein tell me');
  await world.slack.waitForMessage(({ threadTs, visible }) => threadTs === ts && visible.includes('open'), {
    timeoutMs: 120_000,
  });
  await finishedReply(world, general, ts);
  const parts = world.slack.thread(general, ts).filter(({ user }) => user === world.slack.botUser);
  const all = parts.map(({ visible }) => visible).join('');
  expect(all.split('q').length - 1).toBe(LONG);
  expect(all).toContain('Before');
  expect(all).not.toContain('\u0000');
  expect(JSON.stringify(world.slack.calls().map(({ args }) => args))).not.toMatch(/<!channel/);
  expect(world.slack.calls().filter((call) => !call.ok && call.method.startsWith('chat.'))).toEqual([]);
});

it('an answer without a word ends with a sentence that says so', async () => {
  const world = await startWorld({ script: () => ({ text: ' \n\n ' }) });
  const { ts } = world.slack.say(ana, general, '@skein tell me');
  const message = await finishedReply(world, general, ts);
  expect(message.visible.trim()).not.toBe('');
});
