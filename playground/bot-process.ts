import { type ChildProcess, spawn } from 'node:child_process';
import { openSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Clock } from '../src/clock.ts';

/** The real bot as a process of its own, started as an operator would start it: by its environment. */
export interface BotProcess {
  state(): 'starting' | 'ready' | 'stopped';
  /** Milliseconds since the epoch at which it became ready; null while it is not. */
  since(): number | null;
  /** Kills it as a power cut would; it is started again. False if it is not running. */
  kill(): boolean;
  /** Asks it to stop and waits for its end; kills it after `graceMs`. It is not started again. */
  stop(graceMs: number): Promise<void>;
}

export interface BotProcessOptions {
  readonly env: Readonly<Record<string, string>>;
  /** What of our own environment the child may see: enough to find programs, no secret and no setting. */
  readonly inherited: Readonly<Record<string, string | undefined>>;
  readonly logFile: string;
  readonly clock: Clock;
  readonly onChange: () => void;
  /** It ended before it was ever ready, so starting it again would not help. */
  readonly onBroken: (exitCode: number | null) => void;
}

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const RESTART_MS = 500;
const INHERITED = ['PATH', 'HOME', 'LANG', 'SystemRoot', 'TEMP', 'TMP', 'TMPDIR'] as const;

/** Starts the bot, and starts it again whenever it dies, as a supervisor in production would. */
export function runBot(options: BotProcessOptions): BotProcess {
  let child: ChildProcess | null = null;
  let since: number | null = null;
  let everReady = false;
  let stopping = false;
  let cancelRestart = () => {};
  const kept = Object.fromEntries(
    INHERITED.flatMap((name) => {
      const value = options.inherited[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );

  const start = () => {
    const out = openSync(options.logFile, 'a');
    const started = spawn(process.execPath, ['--import', 'tsx', MAIN], {
      env: { ...kept, ...options.env },
      // The channel tells us that it is ready, and tells it that we are gone, even by kill -9.
      stdio: ['ignore', out, out, 'ipc'],
      // Ctrl-C in the terminal is ours to pass on: the bot then hands its work over in order.
      detached: true,
    });
    child = started;
    started.on('message', () => {
      everReady = true;
      since = options.clock.now();
      options.onChange();
    });
    started.on('exit', (code) => {
      child = null;
      since = null;
      options.onChange();
      if (stopping) return;
      if (everReady) cancelRestart = options.clock.after(RESTART_MS, start);
      else options.onBroken(code);
    });
    options.onChange();
  };
  start();

  return {
    state: () => (since !== null ? 'ready' : child !== null ? 'starting' : 'stopped'),
    since: () => since,
    kill: () => child?.kill('SIGKILL') ?? false,
    async stop(graceMs) {
      stopping = true;
      cancelRestart();
      const running = child;
      if (running === null) return;
      const ended = new Promise<void>((resolve) => running.once('exit', () => resolve()));
      running.kill('SIGTERM');
      const cancelKill = options.clock.after(graceMs, () => running.kill('SIGKILL'));
      await ended;
      cancelKill();
    },
  };
}
