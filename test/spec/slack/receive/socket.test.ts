import { afterEach, beforeEach, expect, test } from 'vitest';
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
  plain = null;
});

afterEach(async () => {
  plain?.kill();
  await bot.receiver.stop();
  await slack.stop();
});

test('an event is acknowledged only after its listener has finished', async () => {
  let finish = () => {};
  const heard = new Promise<void>((resolve) => {
    bot.app.event('app_mention', async () => {
      await new Promise<void>((done) => {
        finish = done;
        resolve();
      });
    });
  });
  await bot.app.start();
  const socket = await slack.socket(0);
  socket.send(eventEnvelope('slow', MENTION));
  await heard;
  // A later envelope that needs no listener goes through the same socket meanwhile.
  socket.send({
    type: 'events_api',
    envelope_id: 'quick',
    payload: { type: 'app_rate_limited', team_id: 'T1', minute_rate_limited: 60 },
  });
  await slack.acked('quick');
  expect(slack.acks).toEqual(['quick']);
  finish();
  await slack.acked('slow');
});

test('control: plain Bolt acknowledges an event whose listener fails, so the question would be lost', async () => {
  plain = startPlainBolt(slack, 'run');
  await plain.printed('ready');
  const socket = await slack.socket(0);
  socket.send(eventEnvelope('lost', MENTION));
  await plain.printed('mention');
  await slack.acked('lost');
});

test('an event whose listener fails is not acknowledged, and the connection goes on', async () => {
  let times = 0;
  bot.app.event('app_mention', async () => {
    times += 1;
    if (times === 1) throw new Error('the database is away');
  });
  await bot.app.start();
  const socket = await slack.socket(0);
  socket.send(eventEnvelope('first', MENTION));
  await bot.logs('delivery not processed');
  socket.send(eventEnvelope('again', MENTION));
  await slack.acked('again');
  expect(slack.acks).toEqual(['again']);
});

test('a command acknowledges by itself and its answer reaches Slack', async () => {
  bot.app.command('/skein', async ({ ack }) => ack('done'));
  await bot.app.start();
  const socket = await slack.socket(0);
  socket.send({
    type: 'slash_commands',
    envelope_id: 'command',
    accepts_response_payload: true,
    payload: { command: '/skein', text: '', team_id: 'T1', user_id: 'U1', channel_id: 'C1' },
  });
  await slack.acked('command');
});

test('envelopes without an event, malformed frames and odd event names leave the bot running', async () => {
  bot.app.event('app_mention', async () => {});
  await bot.app.start();
  const socket = await slack.socket(0);
  socket.send({
    type: 'events_api',
    envelope_id: 'empty',
    payload: { type: 'event_callback', team_id: 'T1' },
  });
  for (const frame of ['null', '[]', '{', '"hello"', '{"type":"error"}', '{"type":"events_api"}'])
    socket.send(frame);
  socket.send({ type: 'events_api', envelope_id: 'no payload', payload: null });
  for (const name of ['close', 'error', 'disconnected', 'ws_message', 'slack_event', 'connecting']) {
    socket.send(eventEnvelope(name, { type: name }));
  }
  socket.send({ type: 'interactive', envelope_id: 'odd', payload: { type: 'unheard_of' } });
  socket.send(eventEnvelope('after', MENTION));
  await slack.acked('after');
  expect(bot.receiver.connected()).toBe(true);
  expect(slack.openSockets()).toBe(1);
});

test('control: an envelope without an event ends plain Bolt', async () => {
  plain = startPlainBolt(slack, 'run');
  await plain.printed('ready');
  const socket = await slack.socket(0);
  socket.send({
    type: 'events_api',
    envelope_id: 'empty',
    payload: { type: 'app_rate_limited', team_id: 'T1' },
  });
  expect(await plain.exit).toBe(1);
});

test('app_rate_limited is acknowledged and told', async () => {
  await bot.app.start();
  const socket = await slack.socket(0);
  socket.send({
    type: 'events_api',
    envelope_id: 'limited',
    payload: { type: 'app_rate_limited', team_id: 'T1', minute_rate_limited: 60 },
  });
  await slack.acked('limited');
  expect(bot.rateLimited).toEqual([{ type: 'app_rate_limited', team_id: 'T1', minute_rate_limited: 60 }]);
});

test('an acknowledgement after the socket has closed does not end the process', async () => {
  let finish = () => {};
  const heard = new Promise<void>((resolve) => {
    bot.app.event('app_mention', async () => {
      await new Promise<void>((done) => {
        finish = done;
        resolve();
      });
    });
  });
  await bot.app.start();
  const socket = await slack.socket(0);
  socket.send(eventEnvelope('late', MENTION));
  await heard;
  socket.cut();
  await socket.closed;
  await slack.socket(1);
  finish();
  await bot.logs('acknowledgement did not reach Slack');
  expect(slack.acks).toEqual([]);
});

test('the app-level token opens the connection, and nothing else', async () => {
  await bot.app.start();
  await slack.socket(0);
  const opens = slack.calls.filter((call) => call.method === 'apps.connections.open');
  expect(opens.map((call) => call.authorization)).toEqual(['Bearer xapp-1-guarded']);
});

test('no line of the log holds a text or a token', async () => {
  bot.app.event('app_mention', async () => {
    throw new Error('failed with xoxb-1234567890-secret');
  });
  await bot.app.start();
  const socket = await slack.socket(0);
  socket.send(eventEnvelope('secret', { ...MENTION, text: '<@UBOT> my private words' }));
  await bot.logs('delivery not processed');
  const all = bot.logged.join('');
  expect(all).not.toContain('private words');
  expect(all).not.toContain('xoxb-1234567890');
  expect(all).not.toContain('xapp-1-guarded');
});
