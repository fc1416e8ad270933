import { existsSync, readFileSync, readlinkSync } from 'node:fs';
import { codeOf } from './failure.ts';

/**
 * One process, told apart from a later one that was given the same id: in containers the same ids come
 * back at every start. `born` is null where the system does not tell (anything but Linux).
 */
export interface ProcessMark {
  readonly pid: number;
  readonly born: string | null;
}

const PROC = process.platform === 'linux' && existsSync('/proc/self/stat');
const BOOT = PROC ? readText('/proc/sys/kernel/random/boot_id').trim() : '';

/** Which processes this one can see: others count in numbers of their own (another container). Null: not told. */
export const NAMESPACE = PROC ? readLink('/proc/self/ns/pid') : null;

/** The mark of a living process; null if there is none, or only a zombie that nobody has buried yet. */
export function markOf(pid: number): ProcessMark | null {
  if (!Number.isSafeInteger(pid) || pid <= 0) return null;
  if (!PROC) return answersSignals(pid) ? { pid, born: null } : null;
  // After the name, which may itself hold blanks and brackets: state is field 3, start time field 22.
  const stat = readText(`/proc/${pid}/stat`);
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state, born] = [fields[0], fields[19]];
  if (state === undefined || born === undefined || state === 'Z' || state === 'X') return null;
  return { pid, born: `${BOOT}/${born}` };
}

export function isAlive(mark: ProcessMark): boolean {
  return markOf(mark.pid)?.born === mark.born;
}

/** Signals a process. One that is gone already is no failure. */
export function signal(mark: ProcessMark, name: NodeJS.Signals): void {
  try {
    if (isAlive(mark)) process.kill(mark.pid, name);
  } catch (thrown) {
    if (codeOf(thrown) !== 'ESRCH') throw thrown;
  }
}

/** EPERM is an answer too: it lives, and belongs to somebody else. */
function answersSignals(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    return codeOf(thrown) === 'EPERM';
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function readLink(path: string): string | null {
  try {
    return readlinkSync(path);
  } catch {
    return null;
  }
}
