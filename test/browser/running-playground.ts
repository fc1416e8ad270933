import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { ROOT } from '../support/source.ts';

export interface RunningPlayground {
  readonly url: string;
  /** What it wrote to the terminal so far. */
  output(): string;
  /** As a power cut would: every process that it started, the database included, by SIGKILL. */
  kill(): Promise<void>;
  /** As Ctrl-C would; resolves when it has ended. */
  stop(): Promise<void>;
}

const READY_WITHIN_MS = 120_000;
const ENDS_WITHIN_MS = 15_000;

/** Starts the playground as a newcomer does, `npm run playground`, and resolves when it says that it is ready. */
export async function startPlayground(options: {
  dataDir: string;
  port: number;
}): Promise<RunningPlayground> {
  const { ANTHROPIC_API_KEY: _key, ...inherited } = process.env;
  const child = spawn('npm', ['run', 'playground'], {
    cwd: ROOT,
    env: { ...inherited, DATA_DIR: options.dataDir, PLAYGROUND_PORT: String(options.port) },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A process group of its own, so that Ctrl-C can be played.
    detached: true,
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const url = await readyAt(child, () => output).catch(async (thrown) => {
    for (const pid of family(child)) signal(pid, 'SIGKILL');
    throw thrown;
  });
  return {
    url,
    output: () => output,
    async kill() {
      for (const pid of family(child)) signal(pid, 'SIGKILL');
      await ended;
    },
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const all = family(child);
      if (child.pid !== undefined) signal(-child.pid, 'SIGINT');
      const late = setTimeout(() => {
        for (const pid of all) signal(pid, 'SIGKILL');
      }, ENDS_WITHIN_MS);
      await ended;
      clearTimeout(late);
    },
  };
}

/** A port that was free a moment ago. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() =>
        typeof address === 'object' && address !== null
          ? resolve(address.port)
          : reject(new Error('no port')),
      );
    });
  });
}

function readyAt(child: ChildProcess, output: () => string): Promise<string> {
  return new Promise((resolve, reject) => {
    const fail = (why: string) => reject(new Error(`The playground ${why}. It said:\n${output()}`));
    const late = setTimeout(() => fail(`was not ready within ${READY_WITHIN_MS} ms`), READY_WITHIN_MS);
    const look = () => {
      const url = /is ready \([^)]*\): (http:\S+)/.exec(output())?.[1];
      if (url === undefined) return;
      clearTimeout(late);
      resolve(url);
    };
    child.stdout?.on('data', look);
    child.once('exit', (code) => {
      clearTimeout(late);
      fail(`ended with exit code ${code}`);
    });
  });
}

/** The child and all that descend from it, whatever sessions they made. */
function family(child: ChildProcess): number[] {
  if (child.pid === undefined) return [];
  const rows = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' }).trim().split('\n');
  const pairs = rows.map((row) => row.trim().split(/\s+/).map(Number));
  const found = [child.pid];
  // Grows while it is walked: children come after their parents.
  for (const parent of found)
    for (const [pid, ppid] of pairs) if (ppid === parent && pid !== undefined) found.push(pid);
  return found;
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // Gone already.
  }
}
