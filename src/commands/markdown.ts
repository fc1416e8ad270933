import { neutraliseCode } from '../render/neutralise.ts';

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
export function plain(name: string): string {
  return neutraliseCode(name.replace(/\s+/g, ' ').slice(0, 80)).replace(/[\\`*_{}[\]<>()#+\-.!|~&]/g, '\\$&');
}

/** A table; cells are Markdown on one line. Slack shows at most 100 rows of one. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.slice(0, 99).map(line)].join('\n');
}

const WIDTH = 10;

/** A share as a bar of text with its percentage, which is read also without the bar. */
export function bar(part: bigint, whole: bigint): string {
  return `\`${bareBar(part, whole)}\``;
}

/** The same for a place that is code already; all of one width. */
export function bareBar(part: bigint, whole: bigint): string {
  const percent = whole <= 0n ? 0n : (part * 100n) / whole;
  const most = percent > 100n ? 100n : percent;
  const filled = Number((most * BigInt(WIDTH) + 50n) / 100n);
  return `${'█'.repeat(filled)}${'░'.repeat(WIDTH - filled)} ${String(percent).padStart(3)} %`;
}
