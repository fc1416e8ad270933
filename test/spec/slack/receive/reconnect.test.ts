import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemClock } from '../../../../src/clock.ts';
import { eventEnvelope, type RawSlack, startRawSlack } from '../../../support/raw-slack.ts';
import {
  type GuardedBot,
  guardedBot,
  type PlainBolt,
  startPlainBolt,
} from '../../../support/slack-socket.ts';

const MENTION = { type: 'app_mention', user: 'U1', channel: 'C1', ts: '1.1', text: '<@UBOT> hi' };

let slack: RawSlack;
let bot: GuardedBot;
let plain: PlainBolt | null;

beforeEach(async () => {
  slack = await startRawSlack();
  bot = guardedBot(slack);
  bot.app.event('app_mention', async () => {});
  plain = null;
});

afterEach(async () => {
  plain?.kill();
  slack.answerOpenWith(null);
  await bot.receiver.stop();
  await slack.stop();
});

test('a token that Slack refuses makes the start reject with a code', async () => {
  slack.answerOpenWith(() => ({ body: { ok: false, error: 'invalid_auth' } }));
  await expect(bot.app.start()).rejects.toMatchObject({
    code: 'SLACK_AUTH_FAILED',
    facts: { slack: 'invalid_auth' },
  });
  expect(bot.fatal).toEqual([]);
  expect(bot.receiver.connected()).toBe(false);
});

test('a Slack that cannot be reached does not keep the bot from starting, and is tried again', async () => {
  slack.answerOpenWith(() => ({ status: 503, body: {} }));
  await bot.app.start();
  expect(bot.receiver.connected()).toBe(false);
  slack.answerOpenWith(null);
  const socket = await slack.socket(0);
  socket.send(eventEnvelope('works', MENTION));
  await slack.acked('works');
  expect(bot.receiver.connected()).toBe(true);
});

test('a waiting time that Slack asks for is kept', async () => {
  slack.answerOpenWith(() => ({ status: 429, headers: { 'retry-after': '2' }, body: { ok: false } }));
  await bot.app.start();
  const refused = performance.now();
  slack.answerOpenWith(null);
  await slack.socket(0);
  // Without the waiting time the first attempt comes after half a second.
  expect(performance.now() - refused).toBeGreaterThan(1_500);
});

test.each(['warning', 'refresh_requested'])(
  'a disconnect frame (%s) leads to a new connection',
  async (reason) => {
    await bot.app.start();
    const first = await slack.socket(0);
    first.send({ type: 'disconnect', reason });
    const second = await slack.socket(1);
    await first.closed;
    second.send(eventEnvelope('works', MENTION));
    await slack.acked('works');
    expect(slack.openSockets()).toBe(1);
  },
);

test('a lost connection is noticed and replaced', async () => {
  await bot.app.start();
  const first = await slack.socket(0);
  first.cut();
  const second = await slack.socket(1);
  second.send(eventEnvelope('works', MENTION));
  await slack.acked('works');
  expect(bot.fatal).toEqual([]);
});

test('a Slack that falls silent is left for a new connection, long before the close handshake times out', async () => {
  await bot.receiver.stop();
  bot = guardedBot(slack, {}, { clientPingTimeout: 600 });
  bot.app.event('app_mention', async () => {});
  await bot.app.start();
  const first = await slack.socket(0);
  first.freeze();
  await slack.socket(1);
});

test('stop does not wait for ever for a Slack that does not answer the close frame', async () => {
  await bot.app.start();
  const socket = await slack.socket(0);
  socket.freeze();
  await bot.receiver.stop();
  expect(bot.logged.join('')).toContain('did not answer the close frame');
  expect(bot.receiver.connected()).toBe(false);
});

test('a connection that had worked for long is replaced without waiting', async () => {
  await bot.receiver.stop();
  const waits: number[] = [];
  bot = guardedBot(slack, {
    monotonic: () => systemClock.monotonic() * 1e6,
    sleep: (ms, signal) => {
      waits.push(ms);
      return systemClock.sleep(ms, signal);
    },
  });
  await bot.app.start();
  const first = await slack.socket(0);
  waits.length = 0;
  first.cut();
  await slack.socket(1);
  expect(waits).toContain(0);
});

test('an address that nobody listens at is given up for a new one', async () => {
  const nobody = await startRawSlack();
  await nobody.stop();
  slack.answerOpenWith(() => ({ body: { ok: true, url: `${nobody.apiUrl.replace('http', 'ws')}link` } }));
  await bot.app.start();
  expect(bot.receiver.connected()).toBe(false);
  slack.answerOpenWith(null);
  const socket = await slack.socket(0);
  socket.send(eventEnvelope('works', MENTION));
  await slack.acked('works');
});

test('a failure while reconnecting is told and survived when it will not pass', async () => {
  await bot.app.start();
  const first = await slack.socket(0);
  slack.answerOpenWith(() => ({ body: { ok: false, error: 'account_inactive' } }));
  first.cut();
  await slack.called('apps.connections.open', 1);
  await expect.poll(() => bot.fatal.length).toBe(1);
  expect(bot.fatal[0]).toMatchObject({ code: 'SLACK_AUTH_FAILED', facts: { slack: 'account_inactive' } });
  expect(bot.receiver.connected()).toBe(false);
});

test('a failure while reconnecting that may pass is tried until it has passed', async () => {
  await bot.app.start();
  const first = await slack.socket(0);
  slack.answerOpenWith(() => ({ body: { ok: false, error: 'internal_error' } }));
  first.cut();
  await slack.called('apps.connections.open', 1);
  slack.answerOpenWith(null);
  const second = await slack.socket(1);
  second.send(eventEnvelope('works', MENTION));
  await slack.acked('works');
  expect(bot.fatal).toEqual([]);
});

test('control: a refused token while reconnecting ends plain Bolt', async () => {
  plain = startPlainBolt(slack, 'run');
  await plain.printed('ready');
  slack.answerOpenWith(() => ({ body: { ok: false, error: 'account_inactive' } }));
  (await slack.socket(0)).cut();
  expect(await plain.exit).toBe(1);
});

test('Socket Mode that was switched off is told once and not tried again', async () => {
  await bot.app.start();
  const first = await slack.socket(0);
  first.send({ type: 'disconnect', reason: 'link_disabled' });
  await expect.poll(() => bot.fatal.length).toBe(1);
  expect(bot.fatal[0]).toMatchObject({ facts: { slack: 'link_disabled' } });
  await first.closed;
  expect(slack.calls.filter((call) => call.method === 'apps.connections.open')).toHaveLength(1);
});

test('stop resolves only when the socket is closed', async () => {
  await bot.app.start();
  const socket = await slack.socket(0);
  await bot.receiver.stop();
  await socket.closed;
  expect(slack.openSockets()).toBe(0);
  expect(bot.receiver.connected()).toBe(false);
});

test('stop while an address is being asked for leaves no socket behind', async () => {
  let release = () => {};
  slack.answerOpenWith(
    () =>
      new Promise((resolve) => {
        release = () => resolve({ body: { ok: true, url: `${slack.apiUrl.replace('http', 'ws')}link` } });
      }),
  );
  const starting = bot.app.start();
  await slack.called('apps.connections.open', 0);
  await bot.receiver.stop();
  release();
  await starting;
  expect(slack.openSockets()).toBe(0);
  expect(bot.receiver.connected()).toBe(false);
});

test('control: plain Bolt that is stopped while it asks for an address connects anyway', async () => {
  let release = () => {};
  slack.answerOpenWith(
    () =>
      new Promise((resolve) => {
        release = () => resolve({ body: { ok: true, url: `${slack.apiUrl.replace('http', 'ws')}link` } });
      }),
  );
  plain = startPlainBolt(slack, 'stop-while-opening');
  await slack.called('apps.connections.open', 0);
  plain.tellToStop();
  await plain.printed('stopped');
  release();
  await slack.socket(0);
  expect(slack.openSockets()).toBe(1);
});

test('stop before Slack has said hello closes the socket and rejects nothing', async () => {
  slack.greet(false);
  const starting = bot.app.start();
  const socket = await slack.socket(0);
  await bot.receiver.stop();
  await starting;
  await socket.closed;
  expect(bot.receiver.connected()).toBe(false);
});

test('control: plain Bolt that is stopped while it reconnects, before hello, ends with an error', async () => {
  plain = startPlainBolt(slack, 'run');
  await plain.printed('ready');
  slack.greet(false);
  (await slack.socket(0)).cut();
  await slack.socket(1);
  plain.tellToStop();
  expect(await plain.exit).toBe(1);
});

test('stop while waiting for the next attempt comes at once', async () => {
  slack.answerOpenWith(() => ({ status: 429, headers: { 'retry-after': '3600' }, body: { ok: false } }));
  await bot.app.start();
  await bot.receiver.stop();
  expect(slack.calls.filter((call) => call.method === 'apps.connections.open')).toHaveLength(1);
});

test('what is being processed when the bot stops is finished and acknowledged first', async () => {
  let finish = () => {};
  const heard = new Promise<void>((resolve) => {
    bot.app.event('message', async () => {
      await new Promise<void>((done) => {
        finish = done;
        resolve();
      });
    });
  });
  await bot.app.start();
  const socket = await slack.socket(0);
  socket.send(eventEnvelope('slow', { ...MENTION, type: 'message' }));
  await heard;
  const stopped = bot.receiver.stop();
  finish();
  await stopped;
  expect(slack.acks).toEqual(['slow']);
});
