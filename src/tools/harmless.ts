import { neutraliseCode } from '../render/neutralise.ts';

/**
 * Characters that nobody sees, or that make others look like something else: controls but tab and line feed, soft hyphen,
 * marks of direction, zero widths, fillers, variation selectors beyond the common two, the tags in which whole sentences can
 * be hidden (U+E0000 and on), private and unassigned ones.
 */
const UNSEEN =
  /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Cs}\u115f\u1160\u3164\uffa0]|\u17b4|\u17b5|[\u180b-\u180f]|[\u{e0100}-\u{e01ef}]/gu;
const KEPT = new Set(['\t', '\n', '\u200d']);

/** Text from a server of tools as the model and people may get it: without what is not seen, and without pings. */
export function harmless(text: string): string {
  const seen = text.replace(/\r\n?/g, '\n').replace(UNSEEN, (letter) => (KEPT.has(letter) ? letter : ''));
  return neutraliseCode(seen);
}

/** One line of such text, at most `most` characters, for names and titles. */
export function harmlessLine(text: string, most: number): string {
  const line = harmless(text).replace(/\s+/g, ' ').trim();
  const letters = [...line];
  return letters.length <= most ? line : `${letters.slice(0, most - 1).join('')}…`;
}
