import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Bytes that are free for us where a directory is, or will be; null: nobody says. */
export async function freeBytes(directory: string): Promise<number | null> {
  for (let at = directory; ; at = dirname(at)) {
    try {
      const { bavail, bsize } = await statfs(at);
      return bavail * bsize;
    } catch {
      if (dirname(at) === at) return null;
    }
  }
}
