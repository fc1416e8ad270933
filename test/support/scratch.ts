import { readFileSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';

/** Some hundred small databases, their write-ahead log, copies of the Postgres binaries. */
const ROOMY_BYTES = 4 * 1024 ** 3;

/**
 * The folder for database files of tests: in memory where there is room. A new test database is 300
 * files; making it took 20 ms there and 30 to 500 ms on a disk, depending on who else used the disk.
 */
export function scratchBase(): string {
  const memory = '/dev/shm';
  try {
    const { bavail, bsize } = statfsSync(memory);
    const mount = readFileSync('/proc/mounts', 'utf8').match(/^\S+ \/dev\/shm tmpfs (\S+)/m)?.[1] ?? 'noexec';
    // Binaries may have to be copied there and run.
    if (bavail * bsize >= ROOMY_BYTES && !mount.split(',').includes('noexec')) return memory;
  } catch {
    // Not Linux.
  }
  return tmpdir();
}
