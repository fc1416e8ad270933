import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { App } from '@slack/bolt';
import { type Clock, systemClock } from '../../src/clock.ts';
import type { SkeinError } from '../../src/errors.ts';
import { createLog } from '../../src/log.ts';
import { boltLog } from '../../src/slack/guards/bolt-log.ts';
import { webClientOptions } from '../../src/slack/guards/client-options.ts';
import { ListenerFailed } from '../../src/slack/receive/hold.ts';
import { createSocketReceiver, type SocketReceiver } from '../../src/slack/receive/socket.ts';
import type { RawSlack } from './raw-slack.ts';

export interface GuardedBot {
  readonly app: App;
  readonly receiver: SocketReceiver;
  readonly fatal: readonly SkeinError[];
  readonly rateLimited: readonly unknown[];
  readonly logged: readonly string[];
  /** Resolves when the log has a line that contains `words`. */
  logs(words: string): Promise<void>;
}

/** A real Bolt app on the guarded Socket Mode receiver; the first wait before reconnecting is half a second. */
export function guardedBot(
  slack: RawSlack,
  clock: Partial<Clock> = {},
  more: { readonly clientPingTimeout?: number } = {},
): GuardedBot {
  const fatal: SkeinError[] = [];
  const rateLimited: unknown[] = [];
  const logged: string[] = [];
  const watchers = new Set<() => void>();
  const log = createLog('debug', {
    write: (line: string) => {
      logged.push(line);
      for (const look of [...watchers]) look();
    },
  });
  const receiver = createSocketReceiver({
    appToken: 'xapp-1-guarded',
    slackApiUrl: slack.apiUrl,
    ...more,
    log,
    clock: { ...systemClock, random: () => 1, ...clock },
    onFatal: (error) => fatal.push(error),
    onRateLimited: (body) => rateLimited.push(body),
  });
  const app = new App({
    token: 'xoxb-guarded',
    botId: 'BBOT',
    botUserId: 'UBOT',
    receiver,
    logger: boltLog(log),
    convoStore: false,
    clientOptions: webClientOptions({ slackApiUrl: slack.apiUrl }),
  });
  // The app's error handler must rethrow, or a failed commit would be acknowledged.
  app.error(async (error) => {
    throw new ListenerFailed(error);
  });
  const logs = (words: string) =>
    new Promise<void>((resolve) => {
      const look = () => {
        if (!logged.some((line) => line.includes(words))) return;
        watchers.delete(look);
        resolve();
      };
      watchers.add(look);
      look();
    });
  return { app, receiver, fatal, rateLimited, logged, logs };
}

export interface PlainBolt {
  /** Exit code; `null` when it had to be killed. */
  readonly exit: Promise<number | null>;
  /** Resolves when it printed the word. */
  printed(word: string): Promise<void>;
  tellToStop(): void;
  kill(): void;
}

/** Plain Bolt in a process of its own: what our guards guard against ends that one. */
export function startPlainBolt(slack: RawSlack, mode: 'run' | 'stop-while-opening'): PlainBolt {
  const script = fileURLToPath(new URL('./plain-bolt.mjs', import.meta.url));
  const child = spawn(process.execPath, [script, slack.apiUrl, mode], { stdio: ['pipe', 'pipe', 'ignore'] });
  let output = '';
  const watchers = new Set<() => void>();
  child.stdout.on('data', (data) => {
    output += String(data);
    for (const look of [...watchers]) look();
  });
  child.stdin.on('error', () => {});
  return {
    exit: new Promise((resolve) => child.once('exit', (code) => resolve(code))),
    printed: (word) =>
      new Promise((resolve) => {
        const look = () => {
          if (!output.includes(word)) return;
          watchers.delete(look);
          resolve();
        };
        watchers.add(look);
        look();
      }),
    tellToStop: () => child.stdin.write('stop\n'),
    kill: () => child.kill('SIGKILL'),
  };
}
