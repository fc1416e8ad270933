import { Server } from 'node:http';
import { App, LogLevel, SocketModeReceiver, webApi } from '@slack/bolt';
import { onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import type { SlackStandin, SlackStandinOptions } from '../../../../playground/slack/contract.ts';
import { isJson, type Json, parseJson } from '../../../../playground/slack/json.ts';
import { startSlackStandin } from '../../../../playground/slack/standin.ts';
import { type Clock, systemClock } from '../../../../src/clock.ts';

export const ana = 'U0ANA';
export const ben = 'U0BEN';
export const general = 'C0GENERAL';
export const anasDm = 'D0ANA';

/** A stand-in that is stopped when the test ends; without limits of rate and scope unless the test asks for them. */
export async function standin(options: Partial<SlackStandinOptions> = {}): Promise<SlackStandin> {
  const slack = await startSlackStandin({ clock: systemClock, tiers: 'off', scopes: 'all', ...options });
  onTestFinished(() => slack.stop());
  return slack;
}

/** The real client, without repeating anything by itself. */
export function client(slack: SlackStandin, token = slack.botToken): webApi.WebClient {
  return new webApi.WebClient(token, {
    slackApiUrl: slack.apiUrl,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    logLevel: LogLevel.ERROR,
  });
}

/** The error code of a call that Slack refuses. */
export async function refusal(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return 'ok';
  } catch (error) {
    const data = isJson(error) && isJson(error.data) ? error.data : {};
    return typeof data.error === 'string' ? data.error : String(isJson(error) ? error.code : error);
  }
}

/**
 * A real Bolt app, connected by Socket Mode; stopped (and seen to be gone) when the test ends. A shorter
 * `clientPingTimeout` (milliseconds) makes it come back sooner after a disconnect, but on a busy machine it
 * also takes a slow pong for a dead connection.
 */
export async function bolt(
  slack: SlackStandin,
  listen: (app: App) => void,
  clientPingTimeout = 5_000,
): Promise<App> {
  const quick = { slackApiUrl: slack.apiUrl, retryConfig: { retries: 2, minTimeout: 10, maxTimeout: 20 } };
  const receiver = new SocketModeReceiver({
    appToken: slack.appToken,
    clientPingTimeout,
    logLevel: LogLevel.ERROR,
    installerOptions: { clientOptions: { ...quick } },
  });
  const app = new App({
    token: slack.botToken,
    receiver,
    clientOptions: { ...quick },
    convoStore: false,
    deferInitialization: true,
    logLevel: LogLevel.ERROR,
  });
  listen(app);
  await app.init();
  await app.start();
  onTestFinished(async () => {
    await app.stop();
    await slack.waitForSockets(0);
  });
  return app;
}

export interface RawSocket {
  readonly frames: Json[];
  /** The next frame that satisfies `predicate`, of those that came and of those to come. */
  next(predicate: (frame: Json) => boolean): Promise<Json>;
  send(frame: unknown): void;
  ping(): void;
  /** Pongs that came so far. */
  pongs(): number;
  close(): void;
  readonly opened: Promise<void>;
  readonly closed: Promise<number>;
}

/** A Socket Mode client that does nothing by itself: no acknowledgement, no reconnection. */
export async function rawSocket(slack: SlackStandin): Promise<RawSocket> {
  const { url } = await client(slack, slack.appToken).apps.connections.open();
  const socket = new WebSocket(String(url));
  const frames: Json[] = [];
  const waiting = new Set<() => void>();
  socket.on('message', (data) => {
    const frame = parseJson(String(data));
    if (isJson(frame)) frames.push(frame);
    for (const look of [...waiting]) look();
  });
  let pongs = 0;
  socket.on('pong', () => {
    pongs += 1;
  });
  socket.on('error', () => {});
  const opened = new Promise<void>((resolve) => socket.on('open', () => resolve()));
  const closed = new Promise<number>((resolve) => socket.on('close', (code) => resolve(code)));
  const next = (predicate: (frame: Json) => boolean) =>
    new Promise<Json>((resolve) => {
      const look = () => {
        const found = frames.find(predicate);
        if (!found) return;
        waiting.delete(look);
        resolve(found);
      };
      waiting.add(look);
      look();
    });
  onTestFinished(() => socket.terminate());
  return {
    frames,
    next,
    opened,
    closed,
    send: (frame) => socket.send(JSON.stringify(frame)),
    ping: () => socket.ping(),
    pongs: () => pongs,
    close: () => socket.close(),
  };
}

/** A clock that stands still until it is told to move; timers then fire in order. */
export interface SteppedClock extends Clock {
  advance(ms: number): void;
}

export function steppedClock(): SteppedClock {
  let now = 1_766_458_026_000;
  const timers = new Set<{ at: number; readonly every: number | undefined; readonly call: () => void }>();
  const add = (ms: number, every: number | undefined, call: () => void) => {
    const timer = { at: now + ms, every, call };
    timers.add(timer);
    return () => void timers.delete(timer);
  };
  return {
    now: () => now,
    monotonic: () => now,
    random: () => 0.5,
    sleep: (ms) => new Promise((resolve) => add(ms, undefined, resolve)),
    after: (ms, call) => add(ms, undefined, call),
    every: (ms, call) => add(ms, ms, call),
    advance(ms) {
      const end = now + ms;
      for (;;) {
        const due = [...timers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
        if (!due) break;
        now = due.at;
        if (due.every === undefined) timers.delete(due);
        else due.at += due.every;
        due.call();
      }
      now = end;
    },
  };
}

/** The inner events that Slack owed or sent the app, in order. */
export function eventsOf(slack: SlackStandin): Json[] {
  return slack
    .deliveries()
    .map(({ payload }) => payload.event)
    .filter(isJson);
}

/** Posts a message in #general with one button and returns its ts. */
export async function postButton(app: App, actionId: string): Promise<string> {
  const text = { type: 'plain_text' as const, text: 'Press' };
  const element = { type: 'button' as const, action_id: actionId, text, value: 'v' };
  const blocks = [{ type: 'actions' as const, elements: [element] }];
  return String((await app.client.chat.postMessage({ channel: general, text: 'x', blocks })).ts);
}

export function portOf(server: unknown): number {
  const address = server instanceof Server ? server.address() : null;
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return address.port;
}
