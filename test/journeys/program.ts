import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import type { World } from './world.ts';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

interface Run {
  readonly child: ChildProcess;
  /** Until it works; rejects with what it wrote if it ends before. */
  readonly ready: Promise<void>;
  /** Its exit code, once all that it wrote was read. */
  readonly exit: Promise<number | null>;
  output(): string;
}

/** Runs the program as an operator does: by its environment alone. */
export function run(env: Record<string, string>, main: string = MAIN, words: readonly string[] = []): Run {
  const child = spawn(process.execPath, ['--import', 'tsx', main, ...words], {
    env: { PATH: process.env['PATH'] ?? '', HOST: '127.0.0.1', PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => {
      output += chunk.toString('utf8');
    });
  const exit = new Promise<number | null>((resolve) => child.once('close', (code) => resolve(code)));
  const ready = new Promise<void>((resolve, reject) => {
    child.once('message', () => resolve());
    void exit.then((code) => reject(new Error(`the program ended with ${code}:\n${output}`)));
  });
  // Whoever waits for its end only does not ask.
  ready.catch(() => {});
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await exit;
  });
  return { child, ready, exit, output: () => output };
}

/** What the program needs of a world, for `run`. */
export function environment(world: World): Record<string, string> {
  return {
    SLACK_BOT_TOKEN: world.slack.botToken,
    SLACK_APP_TOKEN: world.slack.appToken,
    SLACK_API_URL: world.slack.apiUrl,
    ANTHROPIC_API_KEY: 'sk-ant-test-key',
    ANTHROPIC_BASE_URL: world.model.url,
    DATABASE_URL: world.databaseUrl,
  };
}
