import { graphemeCut } from './grapheme.ts';

/** A stretch without a blank that is longer is not waited for: Chinese and Japanese have none. */
const longestWord = 40;
/** Marks that mean something together with their neighbours. */
const mark = /[`*_~|[\](){}<>&!\\#\u2060]/;
/** The beginning of a line that is nothing yet: markers of quotes, items, headings and tasks without a word. */
const markers = /^(?:\s*(?:>|[-+*]|\d{1,9}[.)]|#{1,6}|\[[ xX]\])(?=\s))+\s*$/;
/** Inside the row of a table. */
const row = /^[\s>]*(?:(?:[-+*]|\d{1,9}[.)])\s+)*\|/;
/** The row of dashes, without which the header is text. */
const separator = /^\|?[\s:|-]*-[\s:|-]*$/;

/**
 * What can be appended to a streamed message that holds `sent`, when `settled` is the beginning of what it will
 * hold: it ends behind a blank and in front of something else, because Slack may drop white space at the start of a
 * piece; never inside the row of a table, and not behind a marker that nothing follows yet. '' if there is nothing
 * yet; null if `settled` does not continue `sent`, so that appending can't help.
 */
export function nextPiece(sent: string, settled: string): string | null {
  const text = settled.trimEnd();
  if (text.length <= sent.length) return sent.startsWith(text) ? '' : null;
  if (!text.startsWith(sent)) return null;
  return text.slice(sent.length, Math.max(sent.length, pieceEnd(text, sent.length)));
}

/** What completes a streamed message to `markdown`; null if it can't be completed by adding to it. */
export function lastPiece(sent: string, markdown: string): string | null {
  if (markdown.startsWith(sent)) return markdown.slice(sent.length);
  return sent.trimEnd() === markdown ? '' : null;
}

function pieceEnd(text: string, from: number): number {
  let end = text.length;
  while (end > from) {
    const word = wordStart(text, end);
    const line = text.lastIndexOf('\n', word - 1) + 1;
    const head = text.slice(line, word);
    const begins = head.trim() === '';
    const alone = begins ? separator.test(lineAt(text, word)) : row.test(head) || markers.test(head);
    if (!alone) return end === text.length ? longWord(text, from, word) : word;
    // A marker and a row are cut off at the start of their line, a row of dashes goes together with its header.
    const start = begins && line > 0 ? text.lastIndexOf('\n', line - 2) + 1 : line;
    const next = start + (/\S/.exec(text.slice(start, end))?.index ?? 0) + 1;
    if (next >= end) return from;
    end = next;
  }
  return from;
}

/** A cut in the last word if it is too long to wait for, else in front of it. */
function longWord(text: string, from: number, word: number): number {
  const start = Math.max(from, word);
  if (text.length - start <= longestWord || row.test(lineAt(text, word))) return word;
  const cut = start + graphemeCut(text.slice(start), text.length - start - 1);
  return mark.test(text.slice(cut - 1, cut + 1)) || /[\uD800-\uDBFF]$/.test(text.slice(0, cut)) ? word : cut;
}

function wordStart(text: string, end: number): number {
  let at = end;
  while (at > 0 && !/\s/.test(text[at - 1] ?? '')) at--;
  return at;
}

function lineAt(text: string, at: number): string {
  const end = text.indexOf('\n', at);
  return text.slice(at, end < 0 ? text.length : end);
}
