import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isFields } from './refused.ts';
import type { ModelCall } from './types.ts';

/** Newest calls that are kept; older ones are forgotten. */
const MOST_CALLS = 1_000;
const FILE = 'model-calls.jsonl';

export interface Journal {
  /** Oldest first. */
  calls(): readonly ModelCall[];
  nextId(): number;
  /** Adds a call, or replaces its earlier state, and tells the listeners. */
  put(call: ModelCall): void;
  onCall(listener: (call: ModelCall) => void): () => void;
}

/**
 * Every call to the model. With a folder, calls that are over are also appended to a file there, one JSON
 * line each, and are there again after a restart; a last line that was torn by a crash is dropped.
 */
export function createJournal(folder: string | null): Journal {
  const calls = new Map<number, ModelCall>();
  const listeners = new Set<(call: ModelCall) => void>();
  const file = folder === null ? null : join(folder, FILE);
  if (file !== null && folder !== null) {
    mkdirSync(folder, { recursive: true });
    for (const call of load(file)) calls.set(call.id, call);
    writeFileSync(file, [...calls.values()].map(toLine).join(''));
  }
  let lastId = Math.max(0, ...calls.keys());

  return {
    calls: () => [...calls.values()],
    nextId: () => {
      lastId += 1;
      return lastId;
    },
    put(call) {
      calls.set(call.id, call);
      const oldest = calls.keys().next().value;
      if (calls.size > MOST_CALLS && oldest !== undefined) calls.delete(oldest);
      if (file !== null && call.outcome !== 'running') appendFileSync(file, toLine(call));
      for (const listener of [...listeners]) listener(call);
    },
    onCall(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

const toLine = (call: ModelCall): string => `${JSON.stringify(call)}\n`;

function load(file: string): ModelCall[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return [];
  }
  return text
    .split('\n')
    .flatMap((line) => {
      try {
        const call: unknown = JSON.parse(line);
        return isCall(call) ? [call] : [];
      } catch {
        return [];
      }
    })
    .slice(-MOST_CALLS);
}

/** The file is our own; what a person may have put there by hand must only not break the start. */
function isCall(value: unknown): value is ModelCall {
  return (
    isFields(value) &&
    Number.isSafeInteger(value.id) &&
    typeof value.rawBody === 'string' &&
    typeof value.text === 'string' &&
    isFields(value.billed)
  );
}
