/** Where a bare address ends: marks, brackets and the words of a sentence behind it are no part of it. */

import { matchAt } from './neutralise.ts';

/** What may begin a bare address. `www.` is an address for GitHub's rules and perhaps for Slack's. */
const beginning = /(?<![a-z0-9])(?:https?:\/\/(?=[\p{L}\p{N}])|www\.(?=[a-z0-9]))/giu;
const half = /(?<![a-z0-9])(?:h|ht|htt|https?:?\/{0,2}|w|ww|www\.?)$/i;
const stop = /[\s<>`|[\]\\"]/u;
const beyondAscii = /[\p{L}\p{M}\p{N}]/u;
const cjkLetter = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u;
const marks = /\*+|~+|_+/y;

/** Places at which a bare address begins, in order. */
export function addressStarts(text: string): number[] {
  return [...text.matchAll(beginning)].map((found) => found.index);
}

/** Length of the half of an address's beginning at the end of a text that goes on. */
export function halfAddress(text: string): number {
  return half.exec(text.slice(-12))?.[0].length ?? 0;
}

/**
 * Index behind the address that begins at `start`; `waiting` are the marks of emphasis that are open there. An address
 * takes letters of any script, but a letter of Chinese, Japanese or Korean only where a part of its path begins with
 * one: behind other letters it is the next word of the sentence.
 */
export function addressEnd(text: string, start: number, waiting: readonly string[]): number {
  const host = start + (/^(?:https?:\/\/|www\.)/i.exec(text.slice(start, start + 8))?.[0].length ?? 0);
  let end = host;
  let previous = '';
  let slashes = 0;
  let cjkHost = false;
  while (end < text.length) {
    const char = String.fromCodePoint(text.codePointAt(end) ?? 0);
    if (stop.test(char) || (char > '\u007f' && !beyondAscii.test(char))) break;
    if (cjkLetter.test(char) && !cjkLetter.test(previous)) {
      const begins =
        end === host || /[=#?&_-]/.test(previous) || (previous === '/' && (slashes > 1 || cjkHost));
      if (!begins) break;
    }
    const run = matchAt(marks, text, end)?.[0];
    if (run !== undefined) {
      if (!isPartOfAddress(run, text[end + run.length] ?? '', waiting)) break;
      previous = run.slice(-1);
      end += run.length;
      continue;
    }
    if (char === '/') slashes++;
    if (slashes === 0 && cjkLetter.test(char)) cjkHost = true;
    previous = char;
    end += char.length;
  }
  return trimmed(text, start, end);
}

/** A run of marks that goes on with the address: it ends nothing that is open, and an asterisk or tilde stands alone. */
function isPartOfAddress(run: string, next: string, waiting: readonly string[]): boolean {
  const char = run[0] ?? '';
  if (waiting.some((marks) => marks.startsWith(char) && marks.length <= run.length))
    return /\w/.test(next) && char === '_';
  return char === '_' || (run.length === 1 && /[\w/.]/.test(next));
}

/** Punctuation behind an address belongs to the sentence, and so does a bracket that nothing in it opens. */
function trimmed(text: string, start: number, to: number): number {
  let end = to;
  let surplus = 0;
  for (let at = start; at < to; at++) surplus += text[at] === ')' ? 1 : text[at] === '(' ? -1 : 0;
  for (;;) {
    const last = text[end - 1] ?? '';
    const extra = last === ')' && surplus > 0;
    if (end <= start || (!extra && !/[?!.,:;*_~'(]/.test(last))) return end;
    if (extra) surplus--;
    if (last === '(') surplus++;
    end--;
  }
}
