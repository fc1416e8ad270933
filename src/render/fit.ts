import { cutParagraph } from './cut.ts';
import type { RenderOptions } from './limits.ts';
import type { Paragraph } from './paragraph.ts';
import { all, minus, nothing, type Size, share, sizeOf, smallest } from './size.ts';
import { rank, type Unit, type Writer } from './writer.ts';

// A part of a paragraph at the end of a segment should be worth reading: an eighth of a segment, or none.
const tightest = 1 / 8;
const shortest = 1 / 4;
const leastFill = 0.6;
// A steady paragraph is cut in the last part of the room it began with, and shown before that only.
const steadyCut = 0.7;
const steadyShown = 0.6;

/** A paragraph as a unit, with this text. */
export function paragraphUnit(paragraph: Paragraph, text: string): Unit {
  return { lead: paragraph.lead, text, seam: paragraph.seam, closing: '' };
}

/**
 * Makes room for a paragraph that is still growing: ends the segment in front of it, or cuts off and writes what fills
 * the segment. Returns what remains, which fits.
 */
export function fitParagraph(
  paragraph: Paragraph,
  writer: Writer,
  limits: RenderOptions,
  longestLink: number,
): Paragraph {
  let rest = paragraph;
  if (writer.mayEnd(paragraph.seam)) writer.endBefore(paragraphUnit(paragraph, ''));
  while (!writer.fits(rest.bound)) {
    const room = writer.room();
    const atTop = writer.isEmpty;
    const tight = isTight(room, limits);
    // A short paragraph or an item stays whole when what is in front of it fills a segment.
    const short = rest.text.length < limits.characters * shortest;
    const whole = !limits.steady && writer.isFull && (short || rest.seam.rank >= rank.pause);
    if (!atTop && (tight || whole)) {
      writer.endBefore(paragraphUnit(rest, ''));
      continue;
    }
    writer.work += rest.text.length;
    const framed = minus(room, sizeOf(rest.lead + rest.seam.open));
    const least = limits.steady ? smallest(framed) * steadyCut : atTop ? limits.characters * leastFill : 0;
    const cut = cutParagraph(rest, framed, least, longestLink);
    if (cut) {
      const { open, drop } = rest.seam;
      writer.endWith(atTop ? open + cut.head.slice(drop) : rest.lead + cut.head);
      rest = cut.rest;
    } else if (atTop) break;
    else writer.endBefore(paragraphUnit(rest, ''));
  }
  return rest;
}

function isTight(room: Size, limits: RenderOptions): boolean {
  return share(minus(limits, room), limits) > 1 - tightest;
}

/** How much of an open paragraph stays in the segment that is being written, however the paragraph goes on. */
export function steadyRoom(paragraph: Paragraph, writer: Writer, limits: RenderOptions): Size {
  const room = writer.room();
  if (!writer.isEmpty && isTight(room, limits)) return nothing;
  const frame = paragraph.lead.length + paragraph.seam.open.length;
  return all(Math.max(0, (smallest(room) - frame) * steadyShown));
}
