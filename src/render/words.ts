import { graphemeCut } from './grapheme.ts';

/** A stretch without a blank that is longer is not waited for: a link, or a script of which we don't know that it has none. */
const LONGEST_WORD = 40;
/** Scripts that put no blanks between words: each character of them ends something that can be read. */
const WITHOUT_BLANKS =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]\p{M}*$/u;

/** Text that comes in pieces, cut anywhere, as whole words. */
export interface WholeWords {
  /** Takes a piece; returns what is whole now: up to a blank, or a character in scripts without blanks. Pieces add up. */
  push(piece: string): string;
  /** No more comes: the last word is whole. */
  finish(): string;
}

export function createWholeWords(): WholeWords {
  let held = '';
  return {
    push(piece) {
      held += piece;
      const end = wordEnd(held);
      const whole = held.slice(0, end);
      held = held.slice(end);
      return whole;
    },
    finish() {
      const rest = held;
      held = '';
      return rest;
    },
  };
}

function wordEnd(text: string): number {
  if (WITHOUT_BLANKS.test(text.slice(-8))) return text.length;
  let end = text.length;
  while (end > 0 && !/\s/.test(text[end - 1] ?? '')) end -= 1;
  if (text.length - end <= LONGEST_WORD) return end;
  return end + graphemeCut(text.slice(end), text.length - end - 1);
}
