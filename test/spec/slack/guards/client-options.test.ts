import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { App, SocketModeReceiver, webApi } from '@slack/bolt';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { webClientOptions } from '../../../../src/slack/guards/client-options.ts';

let server: Server;
let slackApiUrl: string;
let calls: { readonly method: string; readonly token: string }[];
let status: number;

beforeEach(async () => {
  calls = [];
  status = 200;
  server = createServer((request, response) => {
    request.resume();
    const token = (request.headers.authorization ?? '').replace('Bearer ', '');
    calls.push({ method: (request.url ?? '').replace('/api/', ''), token });
    response.writeHead(status, status === 429 ? { 'retry-after': '30' } : {});
    response.end('{"ok":true,"ts":"1.1"}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  slackApiUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/`;
});

afterEach(async () => {
  server.closeAllConnections();
  await new Promise<void>((resolve) => server.close(() => resolve()));
});

/** Two workspaces talk to one app; the listener answers each. Returns the tokens of the answers. */
async function answerTwoWorkspaces(clientOptions: webApi.WebClientOptions): Promise<string[]> {
  const app = new App({
    receiver: { init: () => {}, start: async () => {}, stop: async () => {} },
    authorize: async ({ teamId }) => ({ botToken: `xoxb-${teamId}`, botId: 'B', botUserId: 'U' }),
    clientOptions,
  });
  app.event('app_mention', async ({ client }) => {
    await client.chat.postMessage({ channel: 'C1', text: 'hi' });
  });
  for (const team of ['T1', 'T2']) {
    const event = { type: 'app_mention', user: 'U1', channel: 'C1', ts: '1.1' };
    await app.processEvent({
      body: { type: 'event_callback', team_id: team, event, authorizations: [{ team_id: team }] },
      ack: async () => {},
    });
  }
  return calls.map((call) => call.token);
}

test('two workspaces are answered with a token each', async () => {
  expect(await answerTwoWorkspaces(webClientOptions({ slackApiUrl }))).toEqual(['xoxb-T1', 'xoxb-T2']);
});

test("control: with headers set, the second workspace is answered with the first one's token", async () => {
  const options = { ...webClientOptions({ slackApiUrl }), headers: { 'x-own': '1' } };
  expect(await answerTwoWorkspaces(options)).toEqual(['xoxb-T1', 'xoxb-T1']);
});

test('headers are never set', () => {
  expect(webClientOptions({ slackApiUrl })).not.toHaveProperty('headers');
});

test.each([500, 503, 429])(
  'a post that is answered %i is made once, and the caller learns of it',
  async (answer) => {
    status = answer;
    const client = new webApi.WebClient('xoxb-1', { ...webClientOptions({ slackApiUrl }), logger: silent() });
    await expect(client.chat.postMessage({ channel: 'C1', text: 'hi' })).rejects.toThrow();
    expect(calls).toHaveLength(1);
  },
);

test('control: with a policy that retries, the same post is made again', async () => {
  status = 500;
  const retryConfig = { retries: 2, minTimeout: 1, maxTimeout: 1 };
  const client = new webApi.WebClient('xoxb-1', {
    ...webClientOptions({ slackApiUrl }),
    retryConfig,
    logger: silent(),
  });
  await expect(client.chat.postMessage({ channel: 'C1', text: 'hi' })).rejects.toThrow();
  expect(calls).toHaveLength(3);
});

test('Socket Mode leaves the options as they are, and no two callers share an object', () => {
  const options = webClientOptions({ slackApiUrl });
  new SocketModeReceiver({ appToken: 'xapp-1', installerOptions: { clientOptions: options } });
  expect(options).toEqual(webClientOptions({ slackApiUrl }));
  expect(webClientOptions({ slackApiUrl })).not.toBe(options);
  expect(webClientOptions({ slackApiUrl }).retryConfig).not.toBe(options.retryConfig);
});

test('control: Socket Mode writes a hundred retries into options that name none', () => {
  const options: webApi.WebClientOptions = { slackApiUrl };
  new SocketModeReceiver({ appToken: 'xapp-1', installerOptions: { clientOptions: options } });
  expect(options.retryConfig).toMatchObject({ retries: 100 });
});

function silent(): webApi.WebClientOptions['logger'] & object {
  const nothing = () => {};
  return {
    debug: nothing,
    info: nothing,
    warn: nothing,
    error: nothing,
    setLevel: nothing,
    getLevel: () => webApi.LogLevel.ERROR,
    setName: nothing,
  };
}
