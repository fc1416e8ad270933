import { acceptable, type ToolBlock, type TurnBlock } from '../../conversation/blocks.ts';
import { openUses } from '../tools/carry-out.ts';
import type { LoggedBlock } from './logbook.ts';

/** An answer that goes on: what of it is over, and the rounds that the next call belongs to. */
export interface Loop {
  /** The answer up to where it was cut last, as it may be sent in a turn that is over. */
  readonly before: readonly TurnBlock[];
  /** What came since then, unchanged, thoughts included: the API wants it back so while it goes on. */
  readonly since: readonly TurnBlock[];
  /** Calls of it that have no result: they come first. */
  readonly uses: readonly ToolBlock[];
}

/**
 * Where a stored answer goes on. Calls without a result are carried out before anything is asked, also those of a round that
 * broke behind them. Behind results, what only was thought is asked for again; text that was cut there ends the loop, and
 * the seam goes on after it. A loop begins where a call to the model began that had no results to go on with: there the
 * answer had been cut.
 */
export function loopOf(logged: readonly LoggedBlock[], log: string): Loop {
  const rows = logged.flatMap(({ block, call }) => (block === null ? [] : [{ block, call }]));
  const tail = log.slice(logged.at(-1)?.upto ?? 0);
  const blocks = rows.map(({ block }) => block);
  const all: readonly TurnBlock[] = tail === '' ? blocks : [...blocks, { type: 'text', text: tail }];
  const start = rows.findLastIndex(({ call }, at) => {
    const before = rows[at - 1];
    return before !== undefined && before.call !== call && before.block.type !== 'tool_result';
  });
  const from = Math.max(0, start);
  const uses = openUses(all.slice(from));
  const split = (until?: number) => ({
    before: acceptable(all.slice(0, from)),
    since: all.slice(from, until).filter((block) => block.type !== 'text' || block.text.trim() !== ''),
    uses,
  });
  if (uses.length > 0) {
    const { since, ...rest } = split();
    const waiting = new Set<TurnBlock>(uses);
    const open = since.findIndex((block) => waiting.has(block));
    // Results stand right behind all of their round, whatever came meanwhile.
    const [results, others] = [true, false].map((wanted) =>
      since.slice(open).filter(({ type }) => (type === 'tool_result') === wanted),
    );
    return { ...rest, since: [...since.slice(0, open), ...(others ?? []), ...(results ?? [])] };
  }
  const last = all.findLastIndex(({ type }) => type === 'tool_result');
  const only = all.slice(last + 1).every(({ type }) => type.endsWith('thinking'));
  if (last >= from && only) return split(last + 1);
  return { before: acceptable(all), since: [], uses: [] };
}
