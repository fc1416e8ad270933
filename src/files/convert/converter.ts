import { Worker } from 'node:worker_threads';
import type { Clock } from '../../clock.ts';
import { toError } from '../../errors.ts';
import type { Log } from '../../log.ts';
import { CONVERT_MS } from '../limits.ts';
import { unread } from '../made.ts';
import type { Converted } from './document.ts';
import { threadOf } from './script.ts';

interface Converter {
  /** One file after the other, in a thread with little memory and little time. Never rejects. */
  convert(bytes: Uint8Array, name: string): Promise<Converted>;
  /** A file is about to come. */
  warm(): void;
  close(): Promise<void>;
}

/** Megabytes of objects; what is unpacked is read in pieces, outside of these. */
const HEAP_MB = 128;
/** A thread that has nothing to do is ended after so long: most workspaces share few files. */
const IDLE_MS = 60_000;

interface Running {
  readonly worker: Worker;
  /** Takes the answer of the file that is being converted. */
  take: ((converted: Converted) => void) | null;
}

export function createConverter({
  clock,
  log,
  limitMs = CONVERT_MS,
}: {
  readonly clock: Clock;
  readonly log: Log;
  readonly limitMs?: number;
}): Converter {
  let running: Running | null = null;
  let before: Promise<unknown> = Promise.resolve();
  let cancelIdle = () => {};

  const end = async () => {
    cancelIdle();
    const { worker } = running ?? {};
    running = null;
    await worker?.terminate();
  };

  const rest = () => {
    cancelIdle();
    cancelIdle = clock.after(IDLE_MS, () => void end());
  };

  const start = (): Running => {
    const [script, how] = threadOf('worker');
    const worker = new Worker(script, {
      ...how,
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MB, maxYoungGenerationSizeMb: 16 },
      // Nothing of the environment is for it.
      env: {},
    });
    const mine: Running = { worker, take: null };
    const fail = (thrown: unknown) => {
      if (running === mine) running = null;
      if (mine.take !== null) log.info({ reason: toError(thrown).message }, 'a file could not be converted');
      mine.take?.(unread('broken'));
    };
    worker.unref();
    worker.on('error', fail);
    worker.on('exit', () => fail(new Error('the thread ended')));
    worker.on('message', (converted: Converted) => mine.take?.(converted));
    running = mine;
    return mine;
  };

  const one = (bytes: Uint8Array, name: string): Promise<Converted> =>
    new Promise((resolve) => {
      cancelIdle();
      const mine = running ?? start();
      const cancel = clock.after(limitMs, () => {
        log.info({ limitMs }, 'a file took too long to convert');
        mine.take?.(unread('broken'));
        void end();
      });
      mine.take = (converted) => {
        mine.take = null;
        cancel();
        rest();
        resolve(converted);
      };
      mine.worker.postMessage({ bytes, name });
    });

  return {
    convert(bytes, name) {
      const work = before.then(() => one(bytes, name));
      before = work;
      return work;
    },
    warm() {
      if (running !== null) return;
      start();
      rest();
    },
    close: end,
  };
}
