import { createServer } from 'node:http';
import { App, LogLevel } from '@slack/bolt';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { SlackStandin } from '../../../../playground/slack/contract.ts';
import { ana, general, portOf, postButton, standin, steppedClock } from './support.ts';

async function boltHttp(slack: SlackStandin, listen: (app: App) => void): Promise<App> {
  const app = new App({
    token: slack.botToken,
    signingSecret: slack.signingSecret,
    clientOptions: { slackApiUrl: slack.apiUrl, retryConfig: { retries: 0 } },
    convoStore: false,
    deferInitialization: true,
    logLevel: LogLevel.ERROR,
  });
  listen(app);
  await app.init();
  const server = await app.start({ port: 0, host: '127.0.0.1' });
  onTestFinished(() => void app.stop());
  slack.deliverTo(`http://127.0.0.1:${portOf(server)}/slack/events`);
  return app;
}

/** A server that answers each request as the next of `answers` says, and keeps what it got. */
async function endpoint(slack: SlackStandin, answers: readonly [number, Record<string, string>?][]) {
  const requests: { readonly headers: Record<string, unknown>; readonly body: string }[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (part) => {
      body += String(part);
    });
    request.on('end', () => {
      const [status, headers] = answers[Math.min(requests.length, answers.length - 1)] ?? [200];
      requests.push({ headers: request.headers, body });
      response.writeHead(status, headers).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  slack.deliverTo(`http://127.0.0.1:${portOf(server)}/`);
  return requests;
}

describe('signed HTTP with a real Bolt app', () => {
  it('passes its signature check, answers the challenge, and carries mention, command and click', async () => {
    const slack = await standin();
    const app = await boltHttp(slack, (listening) => {
      listening.event('app_mention', async ({ event, say }) => {
        await say({ text: 'heard', thread_ts: event.ts });
      });
      listening.command('/skein', async ({ ack }) => ack('by HTTP'));
      listening.action('press', async ({ ack }) => ack());
    });
    expect(await slack.verifyUrl()).toBe(true);
    const { ts } = slack.say(ana, general, '@skein hello');
    await slack.waitForMessage(({ visible, threadTs }) => visible === 'heard' && threadTs === ts);
    await slack.slash(ana, general, '/skein');
    await slack.waitForMessage(({ visible, ephemeralFor }) => visible === 'by HTTP' && ephemeralFor === ana);
    const target = { channel: general, ts: await postButton(app, 'press'), actionId: 'press' };
    expect(await slack.click(ana, target)).toMatchObject({ acked: true });
  });

  it.each([
    ['another secret', { secret: 'not the secret' }, 401],
    ['a timestamp ten minutes old', { shiftSeconds: -600 }, 401],
    ['no signature', { unsigned: true }, 401],
    ['its own signature', {}, 200],
  ])('has a delivery with %s answered %i', async (_, forgery, status) => {
    const slack = await standin();
    await boltHttp(slack, () => {});
    const body = JSON.stringify({
      type: 'event_callback',
      event: { type: 'reaction_added' },
      team_id: slack.team,
    });
    expect(await slack.http.raw(body, forgery)).toMatchObject({ status });
  });
});

describe('redelivery over HTTP', () => {
  it('comes with number and reason, same event id, until it is acknowledged', async () => {
    const slack = await standin({ retrySchedule: [1, 1, 1] });
    const requests = await endpoint(slack, [[500], [503], [200]]);
    slack.say(ana, general, 'hello');
    const delivery = await slack.waitForDelivery(({ state }) => state === 'acked');
    expect(delivery.attempts.map(({ outcome }) => outcome)).toEqual(['http_error', 'http_error', 'acked']);
    expect(
      requests.map(({ headers }) => [headers['x-slack-retry-num'], headers['x-slack-retry-reason']]),
    ).toEqual([
      [undefined, undefined],
      ['1', 'http_error'],
      ['2', 'http_error'],
    ]);
    expect(new Set(requests.map(({ body }) => body)).size).toBe(1);
  });

  it('ends when the app asks for no retry', async () => {
    const slack = await standin({ retrySchedule: [1, 1, 1] });
    const requests = await endpoint(slack, [[500, { 'x-slack-no-retry': '1' }]]);
    slack.say(ana, general, 'hello');
    await slack.waitForDelivery(({ state }) => state === 'given_up');
    expect(requests).toHaveLength(1);
  });

  it('happens when nobody answers within three seconds, and when nobody listens', async () => {
    const clock = steppedClock();
    const slack = await standin({ clock, retrySchedule: [] });
    const server = createServer(() => {});
    const arrived = new Promise((resolve) => server.once('request', resolve));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const port = portOf(server);
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    slack.deliverTo(`http://127.0.0.1:${port}/`);
    slack.say(ana, general, 'slow');
    await arrived;
    clock.advance(3_000);
    const slow = await slack.waitForDelivery(({ state }) => state === 'given_up');
    expect(slow.attempts.map(({ outcome }) => outcome)).toEqual(['http_timeout']);
    slack.deliverTo('http://127.0.0.1:1/');
    slack.say(ana, general, 'nobody');
    const dead = await slack.waitForDelivery(({ attempts }) => attempts[0]?.outcome === 'connection_failed');
    expect(dead.state).toBe('given_up');
  });
});
