import { neutraliseCode } from '../render/neutralise.ts';
import { percent } from '../words/numbers.ts';

/** Pieces of answers in Markdown. What a person wrote goes in as code or escaped, and stays on its line. */

/** A text of anybody's as a piece of code on one line, cut at `most` characters. */
export function code(text: string, most = 80): string {
  const line = text.replace(/\s+/g, ' ').trim();
  const cut = line.length > most ? `${line.slice(0, most).replace(/[\ud800-\udbff]$/, '')}…` : line;
  if (cut === '') return '—';
  const longest = Math.max(0, ...[...cut.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  // A backtick at an edge needs a space, or it would join the fence.
  const pad = cut.startsWith('`') || cut.endsWith('`') ? ' ' : '';
  return `${fence}${pad}${neutraliseCode(cut).replaceAll('|', '¦')}${pad}${fence}`;
}

/** A name of a person or channel in running text. */
export function escapeMarkdown(name: string): string {
  return neutraliseCode(name.replace(/\s+/g, ' ').slice(0, 80)).replace(/[\\`*_{}[\]<>()#+\-.!|~&]/g, '\\$&');
}

/**
 * A table; cells are Markdown on one line. Slack shows at most 100 rows of one. `figures`: names in `head` of columns of
 * numbers.
 */
export function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  figures: readonly string[] = [],
): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const marks = head.map((name) => (figures.includes(name) ? '---:' : '---'));
  return [line(head), line(marks), ...rows.slice(0, 99).map(line)].join('\n');
}

const WIDTH = 10;

/**
 * A share as its percentage, with a bar of text behind it. The number comes first, because a screen reader reads the
 * bar as one "full block" after the other.
 */
export function bar(part: bigint, whole: bigint): string {
  const of = percentOf(part, whole);
  const drawn = '█'.repeat(Number(((of > 100n ? 100n : of) * BigInt(WIDTH) + 50n) / 100n));
  return drawn === '' ? percent(part, whole) : `${percent(part, whole)} \`${drawn}\``;
}

function percentOf(part: bigint, whole: bigint): bigint {
  return whole <= 0n ? 0n : (part * 100n) / whole;
}
