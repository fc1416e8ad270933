import { slackLimits } from './limits.ts';
import { createRenderer } from './renderer.ts';
import { type Size, sizeOf } from './size.ts';

/** A segment that is smaller in every unit is not cut any more: its size is not why it was refused. */
const small = 1_600;

/**
 * A segment that Slack refused as it was (`msg_too_long`, `msg_blocks_too_long`, `invalid_blocks`), as several, each of
 * at most three fifths of its size in every unit and with at most one table in three of the rows: the next form to try. Each is
 * Markdown that is well-formed by itself and goes through this function again if it is refused too. [] for a segment
 * that is small already: what Slack minds is then the Markdown itself, and `plainPieces` has the words without it.
 */
export function smaller(markdown: string): string[] {
  const size = sizeOf(markdown);
  if (Math.max(size.characters, size.bytes, size.json) <= small) return [];
  const half = (unit: keyof Size) => Math.max(small / 4, Math.floor(size[unit] * 0.6));
  const renderer = createRenderer({
    characters: half('characters'),
    bytes: half('bytes'),
    json: half('json'),
    tableRows: Math.ceil(slackLimits.tableRows / 3),
    tableCharacters: Math.min(slackLimits.tableCharacters, half('characters')),
  });
  renderer.push(markdown);
  renderer.finish();
  return renderer.segments().map((segment) => segment.markdown);
}
