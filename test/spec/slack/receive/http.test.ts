import { createHmac } from 'node:crypto';
import { createServer, request as httpRequest, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { App } from '@slack/bolt';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemClock } from '../../../../src/clock.ts';
import { createLog } from '../../../../src/log.ts';
import { boltLog } from '../../../../src/slack/guards/bolt-log.ts';
import { ListenerFailed } from '../../../../src/slack/receive/hold.ts';
import { createHttpReceiver, type HttpReceiver } from '../../../../src/slack/receive/http.ts';
import { eventBody } from '../../../support/raw-slack.ts';

const SECRET = '8f742231b10e8888abcd99yyyzzz85a5';
const MENTION = { type: 'app_mention', user: 'U1', channel: 'C1', ts: '1.1', text: '<@UBOT> hi' };
const JSON_TYPE = { 'content-type': 'application/json' };
const FORM_TYPE = { 'content-type': 'application/x-www-form-urlencoded' };

let app: App;
let receiver: HttpReceiver;
let server: Server;
let url: string;
let rateLimited: unknown[];

beforeEach(async () => {
  rateLimited = [];
  const log = createLog('error', { write: () => {} });
  receiver = createHttpReceiver({
    signingSecret: SECRET,
    log,
    clock: systemClock,
    onRateLimited: (body) => rateLimited.push(body),
  });
  app = new App({ token: 'xoxb-1', botId: 'BBOT', botUserId: 'UBOT', receiver, logger: boltLog(log) });
  app.error(async (error) => {
    throw new ListenerFailed(error);
  });
  server = createServer((request, response) => receiver.requestListener(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/slack/events`;
});

afterEach(async () => {
  server.closeAllConnections();
  await new Promise<void>((resolve) => server.close(() => resolve()));
});

interface SignedOptions {
  readonly secret?: string;
  readonly headers?: Record<string, string>;
  /** Seconds to add to the time of signing. */
  readonly shift?: number;
}

function post(body: string, options: SignedOptions = {}): Promise<Response> {
  const timestamp = String(Math.floor(Date.now() / 1000) + (options.shift ?? 0));
  const digest = createHmac('sha256', options.secret ?? SECRET)
    .update(`v0:${timestamp}:${body}`)
    .digest('hex');
  return fetch(url, {
    method: 'POST',
    body,
    headers: {
      'x-slack-request-timestamp': timestamp,
      'x-slack-signature': `v0=${digest}`,
      ...JSON_TYPE,
      ...options.headers,
    },
  });
}

const postEvent = (event: Record<string, unknown>, options?: SignedOptions) =>
  post(JSON.stringify(eventBody('1', event)), options);

test('an event is answered 200 only after its listener has finished', async () => {
  let finished = false;
  let finish = () => {};
  const heard = new Promise<void>((resolve) => {
    app.event('app_mention', async () => {
      await new Promise<void>((done) => {
        finish = done;
        resolve();
      });
      finished = true;
    });
  });
  const answer = postEvent(MENTION).then((response) => ({ status: response.status, finished }));
  await heard;
  finish();
  expect(await answer).toEqual({ status: 200, finished: true });
});

test('an event whose listener fails is answered 503 at once and without forbidding retries', async () => {
  app.event('app_mention', async () => {
    throw new Error('the database is away');
  });
  const response = await postEvent(MENTION);
  expect(response.status).toBe(503);
  expect(response.headers.get('x-slack-no-retry')).toBeNull();
});

test('the number and reason of a retry reach the listener', async () => {
  const seen: unknown[] = [];
  app.event('app_mention', async ({ context }) => {
    seen.push([context.retryNum, context.retryReason]);
  });
  await postEvent(MENTION, { headers: { 'x-slack-retry-num': '2', 'x-slack-retry-reason': 'http_timeout' } });
  expect(seen).toEqual([[2, 'http_timeout']]);
});

test('a command is answered with what its listener acknowledges', async () => {
  app.command('/skein', async ({ ack, command }) => ack({ text: `you said ${command.text}` }));
  const body = 'command=%2Fskein&text=hi+there&team_id=T1&user_id=U1&channel_id=C1';
  const response = await post(body, { headers: FORM_TYPE });
  expect(response.status).toBe(200);
  expect(await response.json()).toEqual({ text: 'you said hi there' });
});

test('an interaction arrives in the form field payload, also when the type names a charset', async () => {
  const pressed: unknown[] = [];
  app.action('stop', async ({ ack, body }) => {
    await ack();
    pressed.push(body.user.id);
  });
  const payload = JSON.stringify({
    type: 'block_actions',
    user: { id: 'U1' },
    team: { id: 'T1' },
    channel: { id: 'C1' },
    actions: [{ type: 'button', action_id: 'stop', block_id: 'b' }],
  });
  const response = await post(`payload=${encodeURIComponent(payload)}`, {
    headers: { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' },
  });
  expect(response.status).toBe(200);
  expect(pressed).toEqual(['U1']);
});

test.each([
  ['a wrong secret', { secret: 'another' }],
  ['a time more than five minutes ago', { shift: -310 }],
  ['a time more than five minutes ahead', { shift: 320 }],
  ['no signature', { headers: { 'x-slack-signature': '' } }],
  ['a signature of an unknown version', { headers: { 'x-slack-signature': 'v1=00' } }],
  ['a time that is no number', { headers: { 'x-slack-request-timestamp': '0x68' } }],
])('a request with %s is answered 401 and not processed', async (_what, options) => {
  let processed = 0;
  app.event('app_mention', async () => {
    processed += 1;
  });
  expect((await postEvent(MENTION, options)).status).toBe(401);
  expect(processed).toBe(0);
});

test('an empty signing secret is refused at once', () => {
  const log = createLog('error', { write: () => {} });
  expect(() => createHttpReceiver({ signingSecret: '', log, clock: systemClock })).toThrow('signing secret');
});

test.each([
  ['null', JSON_TYPE],
  ['[]', JSON_TYPE],
  ['{', JSON_TYPE],
  ['payload=null', FORM_TYPE],
  ['payload=%5B1%5D', FORM_TYPE],
])('a signed body %s is answered 400 and does not end the process', async (body, headers) => {
  expect((await post(body, { headers })).status).toBe(400);
});

test('the challenge of a url verification is returned', async () => {
  const response = await post(JSON.stringify({ type: 'url_verification', challenge: 'abc' }));
  expect(await response.json()).toEqual({ challenge: 'abc' });
});

test("Slack's unsigned certificate check is answered 200 and starts nothing", async () => {
  let processed = 0;
  app.command('/skein', async ({ ack }) => {
    processed += 1;
    await ack();
  });
  const response = await fetch(url, {
    method: 'POST',
    headers: FORM_TYPE,
    body: 'ssl_check=1&command=%2Fskein&team_id=T1&user_id=U1&channel_id=C1',
  });
  expect(response.status).toBe(200);
  expect(processed).toBe(0);
});

test('a body over 4 MB is answered 413', async () => {
  const status = await new Promise<number | undefined>((resolve, reject) => {
    const sent = httpRequest(url, { method: 'POST', headers: JSON_TYPE }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    sent.on('error', reject);
    sent.end('x'.repeat(4 * 1024 * 1024 + 1));
  });
  expect(status).toBe(413);
});

test('other paths are 404, other methods 405, and an odd target does not end the process', async () => {
  expect((await fetch(new URL('/other', url), { method: 'POST' })).status).toBe(404);
  expect((await fetch(url)).status).toBe(405);
  const status = await new Promise((resolve) => {
    const { port } = server.address() as AddressInfo;
    httpRequest({ host: '127.0.0.1', port, path: '//', method: 'POST' }, (response) => {
      response.resume();
      resolve(response.statusCode);
    }).end();
  });
  expect(status).toBe(404);
});

test('app_rate_limited is acknowledged and told', async () => {
  const body = { type: 'app_rate_limited', team_id: 'T1', minute_rate_limited: 60 };
  expect((await post(JSON.stringify(body))).status).toBe(200);
  expect(rateLimited).toEqual([body]);
});

test('while stopping, what is being processed is finished and what comes is answered 503', async () => {
  let finish = () => {};
  const heard = new Promise<void>((resolve) => {
    app.event('app_mention', async () => {
      await new Promise<void>((done) => {
        finish = done;
        resolve();
      });
    });
  });
  const first = postEvent(MENTION);
  await heard;
  const stopped = receiver.stop();
  expect((await postEvent(MENTION)).status).toBe(503);
  finish();
  await stopped;
  expect((await first).status).toBe(200);
});

test('a command whose listener hangs is answered within about three seconds', async () => {
  app.command('/skein', () => new Promise(() => {}));
  const response = await post('command=%2Fskein&text=&team_id=T1&user_id=U1&channel_id=C1', {
    headers: FORM_TYPE,
  });
  expect(response.status).toBe(503);
});

test('an interaction that nobody listens to is acknowledged, so that the person is shown no failure', async () => {
  const response = await post('command=%2Felse&text=&team_id=T1&user_id=U1&channel_id=C1', {
    headers: FORM_TYPE,
  });
  expect(response.status).toBe(200);
});

test.each([
  ['an event that is a string', { ...eventBody('1', MENTION), event: 'nonsense' }],
  ['an event in no channel', eventBody('1', { type: 'message', channel: null })],
  ['an event by nobody', eventBody('1', { type: 'message', user: null })],
  ['a press of nothing', { type: 'block_actions', actions: [], user: { id: 'U1' }, team: { id: 'T1' } }],
  ['a form without a view', { type: 'view_submission', user: { id: 'U1' } }],
])('signed nonsense is acknowledged and reaches nobody: %s', async (_what, body) => {
  app.event('message', async () => {
    throw new Error('reached');
  });
  expect((await post(JSON.stringify(body))).status).toBe(200);
});
