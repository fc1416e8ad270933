import { graphemeCut } from './grapheme.ts';

/** A stretch without a blank that is longer is not waited for: a link, or a script of which we don't know that it has none. */
const LONGEST_WORD = 40;
/** Scripts that put no blanks between words: each character of them ends something that can be read. */
const WITHOUT_BLANKS =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]\p{M}*$/u;
/**
 * The end of a sentence with nothing behind it yet. No continuation can split it: letters alone may be half a word, and an
 * address, a number or code may go on behind any mark.
 */
const SENTENCE_END = /^[("'“„«*_]*\p{L}[\p{L}\p{M}'’-]*[\p{L}\p{M}][*_)"'”’»]*[.!?…]$/u;

/** Text that comes in pieces, cut anywhere, as whole words. */
interface WholeWords {
  /** Takes a piece; returns what is whole now: up to a blank, or a character in scripts without blanks. Pieces add up. */
  push(piece: string): string;
  /** True if what is held back is the end of a sentence: where nothing follows soon, `finish` may show it. */
  sentenceEnds(): boolean;
  /** Returns what is held back: no more comes, or none for a while and it is the end of a sentence. */
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
    sentenceEnds: () => SENTENCE_END.test(held),
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
