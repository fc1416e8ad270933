import { type RenderLimits, slackLimits } from './limits.ts';
import { createRenderer } from './renderer.ts';
import { type Size, sizeOf } from './size.ts';

/** A segment that is smaller in every unit is not cut any more: its size is not why it was refused. */
const small = 1_600;

/**
 * Limits for a segment that Slack refused as it was (`msg_too_long`, `msg_blocks_too_long`, `invalid_blocks`): three
 * fifths of its size in every unit, and a third of the rows of a table. Null for a segment that is small already: what
 * Slack minds is then the Markdown itself, and `plainPieces` has the words without it.
 */
export function limitsBelow(markdown: string): RenderLimits | null {
  const size = sizeOf(markdown);
  if (Math.max(size.characters, size.bytes, size.json) <= small) return null;
  const part = (unit: keyof Size) => Math.max(small / 4, Math.floor(size[unit] * 0.6));
  return {
    characters: part('characters'),
    bytes: part('bytes'),
    json: part('json'),
    tableRows: Math.ceil(slackLimits.tableRows / 3),
    tableColumns: slackLimits.tableColumns,
    tableCharacters: Math.min(slackLimits.tableCharacters, part('characters')),
    tables: slackLimits.tables,
  };
}

/** The Markdown of a segment as several segments within `limits`, each well-formed by itself. */
export function divide(markdown: string, limits: RenderLimits): string[] {
  const renderer = createRenderer(limits);
  renderer.push(markdown);
  renderer.finish();
  return renderer.segments().map((segment) => segment.markdown);
}
