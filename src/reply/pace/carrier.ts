import type { Streaming } from '../../defaults.ts';

/** What makes a segment grow: edits of an ordinary message, or a native stream that is appended to. */
export type Carrier = 'edit' | 'native';

export interface Budgets {
  /** Until a stream may be started, and one stopped, in milliseconds. */
  readonly startWaitMs: number;
  readonly stopWaitMs: number;
  /** How far apart movements would be if this reply were carried by edits, or by appends, in milliseconds. */
  readonly editDistanceMs: number;
  readonly appendDistanceMs: number;
}

/** Edits suffice as long as they come at least this often: they have a placeholder and a Stop button. */
const LIVELY_MS = 400;
/** A reader should not wait longer for a stream to be allowed; an edit can begin at once. */
const LONGEST_START_MS = 500;

/**
 * What carries the next segment. `native` means streams wherever they can begin now; `auto` goes by what the
 * reader gets: edits while they are lively, else the budget that moves more often.
 */
export function choose(streaming: Streaming, budgets: Budgets): Carrier {
  const { startWaitMs, stopWaitMs, editDistanceMs, appendDistanceMs } = budgets;
  if (streaming === 'edit') return 'edit';
  // A start is a promise to stop: with no stop left the next ones would pile up behind it.
  if (startWaitMs > LONGEST_START_MS || stopWaitMs > LONGEST_START_MS) return 'edit';
  if (streaming === 'native') return 'native';
  return editDistanceMs > LIVELY_MS && appendDistanceMs < editDistanceMs ? 'native' : 'edit';
}
