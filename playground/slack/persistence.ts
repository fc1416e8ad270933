/**
 * The workspace on disk: one JSON line per change, written synchronously, so that a process killed at any
 * moment loses nothing that anyone was told. Only the last line can be torn; it is dropped.
 */
import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { isJson, listOf, parseJson } from './json.ts';
import type { Change } from './records.ts';

/** What one line holds: changes that belong together, and the counters as they stood after them. */
export interface Line {
  readonly changes: readonly Change[];
  /** Microseconds of the last message timestamp. */
  readonly lastMicros: number;
  readonly lastId: number;
}

export interface Log {
  append(line: Line): void;
  /** Replaces everything by one line. The old file stays whole until the new one is on disk. */
  replace(line: Line): void;
  close(): void;
}

const tables = new Set(['person', 'channel', 'message', 'file', 'view', 'owed']);

function isChange(value: unknown): value is Change {
  return (
    isJson(value) &&
    typeof value.table === 'string' &&
    tables.has(value.table) &&
    typeof value.key === 'string' &&
    (value.value === null || isJson(value.value))
  );
}

function parseLine(text: string): Line | undefined {
  const value = parseJson(text);
  if (!isJson(value) || typeof value.lastMicros !== 'number' || typeof value.lastId !== 'number')
    return undefined;
  const changes = listOf(value.changes);
  return changes.every(isChange)
    ? { changes, lastMicros: value.lastMicros, lastId: value.lastId }
    : undefined;
}

function readLines(file: string): Line[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if (isJson(error) && error.code === 'ENOENT') return [];
    throw error;
  }
  const rows = text.split('\n');
  const lines: Line[] = [];
  for (const [index, row] of rows.entries()) {
    if (row === '') continue;
    const line = parseLine(row);
    if (line) lines.push(line);
    else if (index !== rows.length - 1) throw new Error(`${file}: line ${index + 1} is damaged`);
  }
  return lines;
}

function writeAll(descriptor: number, text: string): void {
  const bytes = Buffer.from(text);
  for (let done = 0; done < bytes.length; ) done += writeSync(descriptor, bytes, done);
}

/**
 * Opens `workspace.jsonl` in `directory` (made if missing) and returns what it held, oldest first.
 * Throws if the file can't be read or a line before the last is damaged.
 */
export function openLog(directory: string): { readonly log: Log; readonly lines: readonly Line[] } {
  mkdirSync(directory, { recursive: true });
  const file = join(directory, 'workspace.jsonl');
  const lines = readLines(file);
  let descriptor: number | undefined;
  const log: Log = {
    append(line) {
      descriptor ??= openSync(file, 'a');
      writeAll(descriptor, `${JSON.stringify(line)}\n`);
    },
    replace(line) {
      log.close();
      const fresh = `${file}.new`;
      const target = openSync(fresh, 'w');
      writeAll(target, `${JSON.stringify(line)}\n`);
      fsyncSync(target);
      closeSync(target);
      renameSync(fresh, file);
    },
    close() {
      if (descriptor !== undefined) closeSync(descriptor);
      descriptor = undefined;
    },
  };
  return { log, lines };
}
