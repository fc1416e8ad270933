import { expect, it } from 'vitest';
import { type Bot, startBot } from '../../src/bot.ts';
import { systemClock } from '../../src/clock.ts';
import { readConfig } from '../../src/config.ts';
import { createLog } from '../../src/log.ts';
import { quickest } from '../support/quickest.ts';
import { ana, dictation, finishedReply, general, startWorld } from './world.ts';

async function readyz({ port }: Bot) {
  const answer = await fetch(`http://127.0.0.1:${port}/readyz`);
  return { code: answer.status, ...((await answer.json()) as object) };
}

it('a reply that is handed over at a stop goes on in the same message, from another process', async () => {
  // The lease is given back and the bell is rung: nobody has to find out that somebody is gone.
  expect(await quickest(5000, handOver)).toBeLessThan(5000);
});

async function handOver(): Promise<number> {
  const first = dictation();
  const world = await startWorld({
    script: (question) =>
      question.includes('cut off') ? { text: 'seen by all and the rest of it.' } : { text: first.text },
  });
  const { ts } = world.slack.say(ana, general, '@skein tell me');
  await world.model.waitForCall();
  first.say('The beginning was seen by all ');
  const begun = await world.slack.waitForMessage(
    (message) => message.threadTs === ts && message.visible.includes('seen by all'),
  );
  await world.another();
  const stopped = performance.now();
  await world.bot.stop(0);
  const reply = await finishedReply(world, general, ts);
  const took = performance.now() - stopped;
  expect(reply.ts).toBe(begun.ts);
  expect(reply.visible.trim()).toBe('The beginning was seen by all and the rest of it.');
  expect(world.slack.calls('chat.postMessage')).toHaveLength(1);
  return took;
}

it('a stop lets a reply finish within the grace period', async () => {
  const words = dictation();
  const world = await startWorld({ script: () => ({ text: words.text }) });
  const { ts } = world.slack.say(ana, general, '@skein tell me');
  await world.model.waitForCall();
  words.say('Nearly ');
  await world.slack.waitForMessage(
    (message) => message.threadTs === ts && message.visible.includes('Nearly'),
  );
  const stopped = world.bot.stop(10_000);
  words.say('done.');
  words.end();
  await stopped;
  const reply = await finishedReply(world, general, ts);
  expect(reply.visible.trim()).toBe('Nearly done.');
  expect(world.model.calls()).toHaveLength(1);
});

it('with roles apart, one process receives and another one answers', async () => {
  const world = await startWorld({ env: { ROLE: 'receive' }, script: () => ({ text: 'From the worker.' }) });
  const { ts } = world.slack.say(ana, general, '@skein who answers?');
  await world.another({ ROLE: 'work' });
  expect((await finishedReply(world, general, ts)).visible).toContain('From the worker.');
});

it('the bot starts while Slack, the model and the database are away, and says so', async () => {
  const world = await startWorld({ script: () => ({ text: 'unused' }) });
  const config = readConfig({
    SLACK_BOT_TOKEN: world.slack.botToken,
    SLACK_SIGNING_SECRET: 'secret',
    SLACK_API_URL: 'http://127.0.0.1:9/api/',
    ANTHROPIC_API_KEY: 'key',
    ANTHROPIC_BASE_URL: 'http://127.0.0.1:9',
    DATABASE_URL: 'postgres://nobody:nothing@127.0.0.1:9/none',
    HOST: '127.0.0.1',
    PORT: '0',
  });
  const bot = await startBot({
    config,
    databaseUrl: config.database.url ?? '',
    clock: systemClock,
    log: createLog('error', { write: () => {} }),
    onFatal: () => {},
  });
  try {
    const health = await fetch(`http://127.0.0.1:${bot.port}/healthz`);
    expect(health.status).toBe(200);
    await expect
      .poll(() => readyz(bot))
      .toMatchObject({
        code: 503,
        status: 'not ready',
        checks: { database: 'DATABASE_UNREACHABLE', slack: 'SLACK_UNREACHABLE', model: 'MODEL_UNREACHABLE' },
      });
  } finally {
    await bot.stop(0);
  }
});

it.each(['socket', 'http'] as const)(
  'over %s /readyz says ready when everything is there, and other paths are unknown',
  async (mode) => {
    const world = await startWorld({ mode, script: () => ({ text: 'unused' }) });
    await expect
      .poll(() => readyz(world.bot))
      .toEqual({
        code: 200,
        status: 'ready',
        checks: { database: 'ok', slack: 'ok', jobs: 'ok', model: 'ok' },
      });
    expect((await fetch(`http://127.0.0.1:${world.bot.port}/elsewhere`)).status).toBe(404);
  },
);
