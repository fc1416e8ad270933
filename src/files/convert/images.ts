import { type ChildProcess, fork } from 'node:child_process';
import type { Clock } from '../../clock.ts';
import { toError } from '../../errors.ts';
import type { Log } from '../../log.ts';
import { MOST_BYTES, READ_MS } from '../limits.ts';
import { type Made, unread } from '../made.ts';
import { createRoom } from './room.ts';
import { processOf } from './script.ts';

interface Images {
  /** An image as Claude gets it, made in a process of its own; of at most so many bytes, where that is said. Never rejects. */
  convert(bytes: Uint8Array, most?: number): Promise<Made>;
  /** An image is about to come. */
  warm(): void;
  /** Process id of the one that runs; null: none does. */
  pid(): number | null;
  close(): Promise<void>;
}

export interface ImagesOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** Milliseconds that one image may take, with its wait for others that the process has. */
  readonly limitMs?: number;
  /** Milliseconds after which a process that has nothing to do is ended: most workspaces share few files. */
  readonly idleMs?: number;
}

const IDLE_MS = 60_000;
/**
 * glibc keeps what threads free for later, which for images comes to hundreds of megabytes. With these every large piece
 * goes back to the system at once (mallopt(3), M_MMAP_THRESHOLD and M_TRIM_THRESHOLD; setting them ends their growth).
 * They hold from the start of a process only. Other systems' libraries do not know them.
 */
const MEMORY = {
  MALLOC_ARENA_MAX: '2',
  MALLOC_MMAP_THRESHOLD_: '65536',
  MALLOC_TRIM_THRESHOLD_: '131072',
};
/** Megabytes of objects; images lie outside of these. */
const HEAP_MB = 64;

interface Running {
  readonly child: ChildProcess;
  /** Take what became of images; `null`: the process died. */
  readonly waiting: Map<number, (made: Made | null) => void>;
  /** It takes nothing more. */
  readonly died: (why: string) => void;
}

export function createImages({ clock, log, limitMs = READ_MS, idleMs = IDLE_MS }: ImagesOptions): Images {
  let running: Running | null = null;
  let cancelIdle = () => {};
  let last = 0;
  let closed = false;
  let alone: Promise<unknown> = Promise.resolve();
  // The other process has a copy of what it works on.
  const room = createRoom(MOST_BYTES);

  const end = async () => {
    cancelIdle();
    const mine = running;
    running = null;
    if (mine === null || mine.child.exitCode !== null || mine.child.signalCode !== null) return;
    const ended = new Promise<void>((resolve) => mine.child.once('exit', () => resolve()));
    mine.child.kill('SIGKILL');
    await ended;
  };

  const rest = () => {
    cancelIdle();
    cancelIdle = clock.after(idleMs, () => void end());
  };

  const start = (): Running => {
    const [script, flags] = processOf('image-process');
    const child = fork(script, [], {
      execArgv: [...flags, `--max-old-space-size=${HEAP_MB}`, '--expose-gc'],
      // Nothing of ours is for it.
      env: MEMORY,
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    const died = (why: string) => {
      if (running === mine) {
        running = null;
        cancelIdle();
      }
      if (mine.waiting.size > 0) log.info({ why, images: mine.waiting.size }, 'the process of images ended');
      for (const take of mine.waiting.values()) take(null);
    };
    const mine: Running = { child, waiting: new Map(), died };
    child.unref();
    child.channel?.unref();
    child.on('error', (thrown) => died(thrown.message));
    child.on('exit', (code, signal) => died(String(signal ?? code)));
    child.on('message', ({ id, made }: { id: number; made: Made }) => mine.waiting.get(id)?.(made));
    running = mine;
    rest();
    return mine;
  };

  const sent = (bytes: Uint8Array, most: number | null): Promise<Made | null> =>
    new Promise((resolve) => {
      const mine = running ?? start();
      cancelIdle();
      last += 1;
      const id = last;
      const take = (made: Made | null) => {
        if (!mine.waiting.delete(id)) return;
        cancel();
        if (running === mine && mine.waiting.size === 0) rest();
        resolve(made);
      };
      const cancel = clock.after(limitMs, () => {
        log.info({ limitMs }, 'an image took too long');
        take(unread('broken'));
        // Whatever it is busy with, the others would wait for it.
        mine.child.kill('SIGKILL');
      });
      mine.waiting.set(id, take);
      mine.child.send({ id, bytes, most }, (failed) => {
        if (failed !== null) mine.died(failed.message);
      });
    });

  /** Null: the process died meanwhile, for this image or for another one. */
  const attempt = (bytes: Uint8Array, most: number | null): Promise<Made | null> =>
    room(Math.min(bytes.length, MOST_BYTES), () => sent(bytes, most)).catch(couldNotStart);

  /** The system has no room for another process. */
  const couldNotStart = (thrown: unknown) => {
    log.warn({ err: toError(thrown) }, 'the process of images could not be started');
    return null;
  };

  return {
    async convert(bytes, most) {
      const made = await attempt(bytes, most ?? null);
      if (made !== null) return made;
      if (closed) return unread('broken');
      // It may have died of another image: each that it had in hand is tried once more, one after the other.
      const again = alone.then(() => attempt(bytes, most ?? null));
      alone = again;
      return (await again) ?? unread('broken');
    },
    warm() {
      try {
        if (running === null) start();
      } catch (thrown) {
        couldNotStart(thrown);
      }
    },
    pid: () => running?.child.pid ?? null,
    close() {
      closed = true;
      return end();
    },
  };
}
