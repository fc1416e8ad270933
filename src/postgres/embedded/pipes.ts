import { execFile } from 'node:child_process';
import { closeSync, constants, lstatSync, openSync, readSync } from 'node:fs';
import { codeOf } from './failure.ts';

/**
 * Named pipes as witnesses of who lives. Nobody writes into them; the kernel counts who has one open, and counts right
 * whatever kills a process, and also across containers that share a folder and see nothing else of each other.
 */

/** False where there are none (Windows, some mounted folders). */
export async function makePipe(path: string, env: NodeJS.ProcessEnv = {}): Promise<boolean> {
  if (process.platform === 'win32') return false;
  if (isPipe(path) === null)
    await new Promise<void>((resolve) => {
      execFile('mkfifo', ['-m', '600', path], { env }, () => resolve());
    });
  // Somebody else may have made it in between.
  return isPipe(path) === true;
}

function isPipe(path: string): boolean | null {
  return lstatSync(path, { throwIfNoEntry: false })?.isFIFO() ?? null;
}

/** Opens at once, whether somebody writes or not. */
export function openReader(path: string): number {
  return openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
}

/** Opening for writing without waiting is refused when nobody reads. */
export function hasReader(path: string): boolean {
  try {
    closeSync(openSync(path, constants.O_WRONLY | constants.O_NONBLOCK));
    return true;
  } catch (thrown) {
    if (codeOf(thrown) === 'ENXIO') return false;
    throw thrown;
  }
}

/** An empty pipe without writers is at its end; with writers there is nothing to read yet. */
export function hasWriter(path: string): boolean {
  const reader = openReader(path);
  try {
    return readSync(reader, Buffer.alloc(1), 0, 1, null) !== 0;
  } catch (thrown) {
    if (codeOf(thrown) === 'EAGAIN') return true;
    throw thrown;
  } finally {
    closeSync(reader);
  }
}
