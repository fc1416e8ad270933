import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** What a program under test tells the bench. Times are its `process.hrtime`, which all processes share. */
export type ChildMessage =
  | { readonly type: 'ready'; readonly port: number }
  /** No question is being worked on any more. `at`: nanoseconds, in decimal. */
  | { readonly type: 'idle'; readonly at: string }
  /** Bytes that came from the database so far. */
  | { readonly type: 'bytes'; readonly bytes: number }
  /** Time of a processor that it has used so far, in milliseconds. */
  | { readonly type: 'cpu'; readonly ms: number }
  /** What it has in memory after a collection (with `--expose-gc`), in bytes. */
  | { readonly type: 'memory'; readonly memory: Memory }
  | { readonly type: 'trace'; readonly spans: readonly Span[] };

/** As `process.memoryUsage` tells it, in bytes. */
export type Memory = Readonly<ReturnType<typeof process.memoryUsage>>;

/** Something that the program waited for. Nanoseconds of `process.hrtime`, in decimal. */
export interface Span {
  readonly what: string;
  readonly from: string;
  readonly to: string;
}

export interface Child {
  readonly pid: number;
  readonly port: number;
  /** Called at each moment of rest, in monotonic milliseconds of this process. */
  onIdle: (at: number) => void;
  /** Spans so far (only of a program started with `BENCH_TRACE`), in monotonic milliseconds of this process. */
  trace(): Promise<readonly { what: string; from: number; to: number }[]>;
  /** Bytes that it has read from its database so far. */
  bytes(): Promise<number>;
  /** Time of a processor that it has used so far, in milliseconds. */
  cpu(): Promise<number>;
  /** What it has in memory after a collection; a program started with `--expose-gc`. */
  memory(): Promise<Memory>;
  stop(): Promise<void>;
}

export interface ChildOptions {
  readonly env: Readonly<Record<string, string>>;
  /** The environment of which the child gets only what it takes to find programs. */
  readonly inherited: Readonly<Record<string, string | undefined>>;
  /** For node itself. */
  readonly flags: readonly string[];
}

const READY_WITHIN_MS = 60_000;
const STOP_WITHIN_MS = 10_000;
const INHERITED = ['PATH', 'HOME', 'LANG', 'TMPDIR'] as const;

/** Starts `program` (a file beside this one) and waits until it can be asked something. */
export async function startChild(program: string, options: ChildOptions): Promise<Child> {
  const { env, inherited, flags } = options;
  const kept = INHERITED.flatMap((name) => {
    const value = inherited[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  const child = spawn(
    process.execPath,
    [...flags, '--import', 'tsx', fileURLToPath(new URL(program, import.meta.url))],
    // Its log is written, as in production, and thrown away; problems are for the person who measures.
    { env: { ...Object.fromEntries(kept), ...env }, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] },
  );
  const ready = await messageOf(child, 'ready', READY_WITHIN_MS);
  const toOurs = monotonicOf();
  const result: Child = {
    pid: child.pid ?? 0,
    port: ready.port,
    onIdle: () => {},
    async trace() {
      const told = messageOf(child, 'trace', READY_WITHIN_MS);
      child.send('trace');
      const { spans } = await told;
      return spans.map(({ what, from, to }) => ({ what, from: toOurs(from), to: toOurs(to) }));
    },
    async bytes() {
      const told = messageOf(child, 'bytes', READY_WITHIN_MS);
      child.send('bytes');
      return (await told).bytes;
    },
    async cpu() {
      const told = messageOf(child, 'cpu', READY_WITHIN_MS);
      child.send('cpu');
      return (await told).ms;
    },
    async memory() {
      const told = messageOf(child, 'memory', READY_WITHIN_MS);
      child.send('memory');
      return (await told).memory;
    },
    async stop() {
      if (child.exitCode !== null) return;
      const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS);
      await ended;
      clearTimeout(timer);
    },
  };
  child.on('message', (message: ChildMessage) => {
    if (message.type === 'idle') result.onIdle(toOurs(message.at));
  });
  return result;
}

/** `hrtime` is the machine's one monotonic clock; `performance.now` is the same one, less a start of its own. */
function monotonicOf(): (nanoseconds: string) => number {
  const start = process.hrtime.bigint() - BigInt(Math.round(performance.now() * 1e6));
  return (nanoseconds) => Number(BigInt(nanoseconds) - start) / 1e6;
}

function messageOf<Type extends ChildMessage['type']>(
  child: ChildProcess,
  type: Type,
  limitMs: number,
): Promise<Extract<ChildMessage, { type: Type }>> {
  return new Promise((resolve, reject) => {
    const end = () => {
      clearTimeout(timer);
      child.off('message', onMessage);
      child.off('exit', onExit);
    };
    const onMessage = (message: ChildMessage) => {
      if (!isOf(message, type)) return;
      end();
      resolve(message);
    };
    const onExit = (code: number | null) => {
      end();
      reject(new Error(`the program ended with ${code} before it was ${type}`));
    };
    const timer = setTimeout(() => {
      end();
      reject(new Error(`the program did not say "${type}" within ${limitMs} ms`));
    }, limitMs);
    child.on('message', onMessage);
    child.on('exit', onExit);
  });
}

function isOf<Type extends ChildMessage['type']>(
  message: ChildMessage,
  type: Type,
): message is Extract<ChildMessage, { type: Type }> {
  return message.type === type;
}

/** The child's side: tells the bench something. */
export function tell(message: ChildMessage): void {
  process.send?.(message);
}

export function tellIdle(): void {
  tell({ type: 'idle', at: String(process.hrtime.bigint()) });
}
