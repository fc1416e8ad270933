import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Child, startChild } from '../child.ts';
import type { Stage } from './stage.ts';

/** A program that answers, in so many processes. */
export interface Program {
  readonly key: string;
  readonly title: string;
  /** Fetches what it needs. Not for two processes at once. */
  prepare(): void;
  start(stage: Stage): Promise<readonly Child[]>;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Ours with each way of streaming, and what somebody would use instead. `inherited`: what children get to find programs. */
export function programs(streaming: readonly string[], inherited: Environment): readonly Program[] {
  const ours = (processes: number, mode: string): Program => ({
    key: `skein-${mode}-${processes}`,
    title: `Skein, ${mode}${processes === 1 ? '' : `, ${processes} processes`}`,
    prepare() {},
    async start(stage) {
      const env = { ...stage.env, DEFAULT_STREAMING: mode };
      const children: Child[] = [];
      for (let count = 0; count < processes; count++)
        children.push(await startChild('./streaming/bot.ts', { env, inherited, flags: [] }));
      await stage.slack.waitForSockets(processes, { timeoutMs: 30_000 });
      return children;
    },
  });
  const peer = (folder: string, mode: string, title: string): Program => ({
    key: `${folder}-${mode}`,
    title,
    prepare: () => install(folder),
    async start(stage) {
      const env = { ...stage.env, MODE: mode };
      const child = await startChild(`./peers/${folder}/main.mjs`, { env, inherited, flags: [] });
      await stage.slack.waitForSockets(1, { timeoutMs: 30_000 });
      return [child];
    },
  });
  return [
    ...streaming.flatMap((mode) => [ours(1, mode), ours(3, mode)]),
    peer('chat-sdk', 'native', 'Chat SDK, native'),
    peer('chat-sdk', 'edit', 'Chat SDK, edits'),
    peer('bolt', 'stream', 'Bolt `sayStream`'),
    peer('bolt', 'edit', 'an edit every 500 ms'),
  ];
}

/** Peers are no part of the project: what they need is fetched when they are first measured. */
function install(folder: string): void {
  const cwd = fileURLToPath(new URL(`../peers/${folder}`, import.meta.url));
  if (existsSync(`${cwd}/node_modules`)) return;
  execFileSync('npm', ['install', '--no-audit', '--no-fund', '--no-package-lock'], { cwd, stdio: 'inherit' });
}
