/** Cutting a paragraph that does not fit: where, and how both parts stay well-formed. */
import { closers, type Openers, reopeners } from './emphasis.ts';
import { graphemeCut } from './grapheme.ts';
import { type InlineToken, readInline } from './inline.ts';
import { joiner, neutraliseCode } from './neutralise.ts';
import { layOut, type Paragraph, startParagraph } from './paragraph.ts';
import { all, fits, minus, nothing, plus, type Size, sizeOf } from './size.ts';
import { blockStart } from './starts.ts';
import { rank } from './writer.ts';

interface Cut {
  /** First part, written, with closing markers. */
  readonly head: string;
  readonly rest: Paragraph;
}

interface Place {
  /** Index in the paragraph's text. */
  readonly at: number;
  /** Line break 3, end of a sentence 2, space 1, anywhere 0. */
  readonly rank: number;
  readonly openers: Openers;
  /** Back-ticks of the code around the place, '' outside code. */
  readonly ticks: string;
  /** Tokens in front, and how much of the next one belongs to the head. */
  readonly tokens: number;
  readonly within: number;
}

// Short code is one word to its reader.
const wordOfCode = 120;
const closingRoom = 48;
const sentenceEnd = /(?:[.!?…]["'”’)\]]*\s|[。！？])$/u;

/**
 * Cuts a paragraph so that the head has at most `room` and, if the text allows it, at least `least` characters.
 * Depends on the text alone. `null` if not even one character fits.
 */
export function cutParagraph(
  paragraph: Paragraph,
  room: Size,
  least: number,
  longestLink: number,
): Cut | null {
  const { tokens } = readInline(paragraph.text, {
    open: true,
    longestLink,
    reopened: paragraph.reopened,
  });
  const place = findPlace(paragraph, tokens, room, least);
  // Nothing would be left: an item would begin the next segment and have no words.
  if (!place || place.at === 0 || place.at >= paragraph.text.trimEnd().length) return null;
  const token = tokens[place.tokens];
  const kept = tokens.slice(0, place.tokens);
  if (token && place.within > 0)
    kept.push({ ...token, kind: 'text', end: place.at, out: part(paragraph, token, place) });
  const head = `${layOut(paragraph, kept).trimEnd()}${place.ticks}${closers(place.openers)}`;
  return { head, rest: continueAt(paragraph, place) };
}

function part(paragraph: Paragraph, token: InlineToken, place: Place): string {
  const ticks = token.kind === 'code' ? token.ticks : '';
  const source = paragraph.text.slice(token.start + ticks.length, place.at).replaceAll('\n', ' ');
  return ticks + neutraliseCode(source).trimEnd();
}

function continueAt(paragraph: Paragraph, place: Place): Paragraph {
  const source = paragraph.text.slice(place.at);
  const text = source.trimStart();
  const passed = paragraph.text.slice(0, place.at + source.length - text.length);
  const lines = passed.split('\n').length - 1;
  const opened = reopeners(place.openers) + place.ticks;
  // What stood in the middle of a line must not become a heading, an item or a fence at the start of one.
  const guard =
    opened === '' && blockStart.test(text) ? joiner : place.ticks !== '' && text.startsWith('`') ? ' ' : '';
  const seam = { rank: rank.block, close: '', open: '', drop: 0 };
  const begun = startParagraph({
    lead: '',
    seam,
    again: paragraph.again,
    prefix: paragraph.again,
    text: opened + guard + text,
    reopened: opened.length,
    heading: paragraph.heading,
  });
  const prefixes = [paragraph.again, ...paragraph.prefixes.slice(lines + 1)];
  const more = sizeOf(paragraph.prefixes.slice(lines + 1).join('\n'));
  return { ...begun, prefixes, bound: plus(begun.bound, more) };
}

function findPlace(
  paragraph: Paragraph,
  tokens: readonly InlineToken[],
  room: Size,
  least: number,
): Place | null {
  const most = minus(room, all(closingRoom));
  let size = plus(nothing, sizeOf(paragraph.prefixes[0] ?? ''));
  let best: Place | null = null;
  let early: Place | null = null;
  let openers: Openers = [];
  // The last boundary that does not follow an opening marker: `**|word` would leave the marker alone.
  let boundary: Place | null = null;
  let line = 0;
  // What follows here is not read yet: it may be the mark that closes what is open.
  const unread = tokens.at(-1)?.end ?? 0;
  let avoided: Place | null = null;
  const avoid = (place: Place): boolean => {
    if (place.openers.length === 0 || place.at !== unread || unread === paragraph.text.length) return false;
    avoided = place;
    return true;
  };
  const last = paragraph.text.trimEnd().length;
  const offer = (place: Place, used: Size) => {
    if (place.at >= last || avoid(place)) return;
    if (!fits(used, most)) return;
    if (Math.max(used.characters, used.bytes, used.json) < least) {
      if (!early || place.rank >= early.rank || place.rank > 0) early = place;
    } else if (!best || place.rank >= best.rank) best = place;
  };
  for (const [index, token] of tokens.entries()) {
    const ticks = token.kind === 'code' ? token.ticks : '';
    if (token.kind === 'newline') {
      line++;
      offer({ at: token.end, rank: 3, openers, ticks: '', tokens: index, within: 0 }, size);
    } else if (boundary?.at === token.start) offer(boundary, size);
    if (token.kind === 'text' || (token.kind === 'code' && token.body.length > wordOfCode)) {
      const from = token.start + ticks.length;
      const to = token.kind === 'code' && token.closed ? token.end - ticks.length : token.end;
      const closing = closingRun(tokens[index + 1], openers);
      placesWithin(paragraph.text, from, to, plus(size, sizeOf(ticks)), most, (at, placeRank, used) => {
        // A mark that closes here goes with its text: opened again in front of it, the two would be words.
        if (at === to && closing !== null)
          offer({ ...closing, rank: placeRank, ticks: '', tokens: index + 2, within: 0 }, used);
        else offer({ at, rank: placeRank, openers, ticks, tokens: index, within: at - from }, used);
      });
    }
    const out = token.kind === 'newline' ? `\n${paragraph.prefixes[line] ?? ''}` : token.out;
    size = plus(size, sizeOf(out));
    if (!fits(size, most)) break;
    const before = openers;
    openers = token.openers;
    if (openers.length <= before.length) {
      const closing = closingRun(tokens[index + 1], openers);
      const next: Place =
        closing === null
          ? { at: token.end, rank: 0, openers, ticks: '', tokens: index + 1, within: 0 }
          : { ...closing, rank: 0, ticks: '', tokens: index + 2, within: 0 };
      if (!avoid(next)) boundary = next;
    }
  }
  if (!best && boundary && fits(size, most)) offer(boundary, size);
  return best ?? early ?? (tokens.length > 0 ? (boundary ?? avoided) : null);
}

/** Where a run ends that closes one of `openers`, and what is open behind it; null if it is none. */
function closingRun(token: InlineToken | undefined, openers: Openers): Pick<Place, 'at' | 'openers'> | null {
  if (token?.kind !== 'run' || token.openers.length >= openers.length) return null;
  return { at: token.end, openers: token.openers };
}

/** Offers the places inside a plain stretch: spaces, ends of sentences, and the last character that fits. */
function placesWithin(
  text: string,
  from: number,
  to: number,
  before: Size,
  most: Size,
  offer: (at: number, placeRank: number, used: Size) => void,
): void {
  const stretch = text.slice(from, to);
  let used = before;
  let at = 0;
  for (const found of stretch.matchAll(/\s+|[。！？、，；：]/gu)) {
    const end = found.index + found[0].length;
    const next = plus(used, sizeOf(neutraliseCode(stretch.slice(at, end))));
    if (!fits(next, most)) break;
    used = next;
    at = end;
    offer(from + end, sentenceEnd.test(text.slice(Math.max(0, from + end - 8), from + end)) ? 2 : 1, used);
  }
  let fit = at;
  let total = used;
  while (fit < stretch.length) {
    const char = stretch[fit] ?? '';
    // Each of these may get a joiner.
    const more = sizeOf(char === '<' || char === '&' ? char + joiner : char);
    const next = plus(total, more);
    if (!fits(next, most)) break;
    total = next;
    fit++;
  }
  if (fit < stretch.length && fit > at) {
    const cut = at + graphemeCut(stretch.slice(at), fit - at);
    if (cut > at && cut <= fit) offer(from + cut, 0, plus(used, sizeOf(stretch.slice(at, cut))));
  }
}
