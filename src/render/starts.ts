/** Where a block begins at the start of a line, and how it is kept from beginning where it must not. */
import { type ContainedLine, prefixOf, reopeningPrefix, thematicBreak } from './containers.ts';
import { readFence, readFormula } from './fence.ts';
import { joiner } from './neutralise.ts';
import { type Paragraph, startParagraph } from './paragraph.ts';
import { isSeparator } from './table.ts';
import { rank, type Seam } from './writer.ts';

const heading = /^ {0,3}(#{1,6})(?: +|$)/;

const task = /^\[[ xX]\] (?=\S)/;

/** What would begin a block, or end a paragraph, if it stood at the start of a line. */
export const blockStart =
  /^(?:#{1,6}(?:\s|$)|[-+*](?:\s|$)|\d{1,9}[.)](?:\s|$)|>|\||:?-|={1,}\s*$|`{3}|~{3}|[-*_](?:\s*[-*_]){2,}\s*$)/;

/** So far in, no line begins a block; behind an open paragraph it goes on with it. */
export const isDeep = (rest: string) => /^ {4}/.test(rest);

/** True for a line that ends a paragraph without a blank line. `whole`: its end is known. */
export function interrupts(rest: string, whole: boolean): boolean {
  if (heading.test(rest)) return true;
  return whole && (thematicBreak.test(rest) || readFence(rest) !== null || readFormula(rest) !== null);
}

/**
 * A further line of a paragraph without the blanks in front. What they kept from beginning a block is kept from it
 * still; with `steady`, so is a row of dashes, because what stands above it was shown as text.
 */
export function furtherLine(rest: string, steady: boolean): string {
  const words = rest.trimStart();
  const begins = isDeep(rest) ? blockStart.test(words) || isSeparator(words) : steady && isSeparator(words);
  return (begins ? joiner : '') + words.replace(/ {3,}$/, '  ');
}

/** The place in front of a line that begins a block. `separate`: a blank line stands in front of it. */
export function seamBefore(line: ContainedLine, separate: boolean, afterHeading: boolean): Seam {
  const going = line.containers.slice(0, line.matched);
  const item = line.matched === 0 && line.ownPrefix !== '';
  const place = separate ? (line.matched === 0 ? rank.block : rank.inner) : item ? rank.pause : rank.line;
  return {
    rank: afterHeading ? rank.heading : place,
    close: '',
    open: reopeningPrefix(going),
    drop: line.matchedPrefix.length,
  };
}

/** The paragraph or heading that begins with this line. */
export function beginParagraph(line: ContainedLine, lead: string, seam: Seam): Paragraph {
  const { rest, ownPrefix, containers } = line;
  const title = heading.exec(rest);
  const tick = title || ownPrefix === '' ? null : task.exec(rest);
  const mark = title ? `${title[1] ?? ''} ` : (tick?.[0] ?? '');
  const again = reopeningPrefix(containers);
  return startParagraph({
    lead,
    seam: title && seam.rank === rank.line ? { ...seam, rank: rank.inner } : seam,
    again: title ? again + mark : again,
    prefix: prefixOf(line) + mark,
    text: rest
      .slice((title?.[0] ?? mark).length)
      .trimStart()
      .replace(/ {3,}$/, '  '),
    heading: title !== null,
  });
}
