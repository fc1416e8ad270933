/**
 * CommonMark's delimiter rules for `*`, `_` and `~~`, run forward over a text that may not be finished: which
 * openers are waiting for their closers at this point.
 */

/** One run of equal delimiters with what it may do where it stands. */
export interface DelimiterRun {
  readonly char: string;
  readonly length: number;
  readonly canOpen: boolean;
  readonly canClose: boolean;
}

interface Opener {
  readonly char: string;
  readonly length: number;
  /** Delimiters not yet used up by closers. */
  readonly left: number;
  readonly both: boolean;
}

/** Innermost last. Immutable, so that every place in a text can keep its own. */
export type Openers = readonly Opener[];

// Deeper nesting does not occur in answers; the bound keeps the search for an opener constant.
const deepest = 8;

const space = /^\s?$/u;
const punctuation = /[\p{P}\p{S}]/u;
const cjk =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\u3000-\u303f\uff00-\uffef]/u;

/** What a run between two characters ('' at the ends) may do; `repair` says where a joiner makes it possible. */
export function readRun(
  char: string,
  length: number,
  before: string,
  after: string,
  openers: Openers,
): DelimiterRun & { readonly repair: 'before' | 'after' | null } {
  const left =
    !space.test(after) && (!punctuation.test(after) || space.test(before) || punctuation.test(before));
  const right =
    !space.test(before) && (!punctuation.test(before) || space.test(after) || punctuation.test(after));
  if (char === '_') {
    const canOpen = left && (!right || punctuation.test(before));
    return { char, length, canOpen, canClose: right && (!left || punctuation.test(after)), repair: null };
  }
  if (char === '~' && length !== 2) return { char, length, canOpen: false, canClose: false, repair: null };
  // `5*3` and `a*b` mean the sign: nobody emphasises half a word with one asterisk.
  const sign = char === '*' && length === 1 && /[\p{L}\p{N}]/u.test(before);
  const run = { char, length, canOpen: left && !sign, canClose: right };
  // Chinese and Japanese have no spaces, so **「quoted」** between letters can't open or close by the rules. A
  // joiner is neither space nor punctuation: beside the run it gives the run the side it was meant to have.
  if (char === '*' && length === 2 && left !== right && (cjk.test(before) || cjk.test(after))) {
    const waiting = openers.some((opener) => opener.char === '*' && opener.length === 2);
    if (waiting && !right && !space.test(before))
      return { ...run, canOpen: false, canClose: true, repair: 'before' };
    if (!waiting && !left && !space.test(after))
      return { ...run, canOpen: true, canClose: false, repair: 'after' };
  }
  return { ...run, repair: null };
}

/** The openers after one more run. */
export function advance(openers: Openers, run: DelimiterRun): Openers {
  let stack = openers;
  let left = run.length;
  while (run.canClose && left > 0) {
    const at = stack.findLastIndex((opener) => matches(opener, run));
    const opener = stack[at];
    if (!opener) break;
    const used = run.char === '~' || (opener.left >= 2 && left >= 2) ? 2 : 1;
    left -= used;
    const rest = opener.left - used;
    stack = rest > 0 ? [...stack.slice(0, at), { ...opener, left: rest }] : stack.slice(0, at);
  }
  if (!run.canOpen || left === 0 || stack.length >= deepest) return stack;
  return [...stack, { char: run.char, length: run.length, left, both: run.canClose }];
}

function matches(opener: Opener, run: DelimiterRun): boolean {
  if (opener.char !== run.char) return false;
  if (run.char === '~') return opener.length === run.length;
  // CommonMark's rule of three.
  const ambiguous = opener.both || run.canOpen;
  return (
    !ambiguous || (opener.length + run.length) % 3 !== 0 || (opener.length % 3 === 0 && run.length % 3 === 0)
  );
}

/** Markers that close everything that is open, innermost first. */
export function closers(openers: Openers): string {
  return openers
    .map((opener) => opener.char.repeat(opener.left))
    .toReversed()
    .join('');
}

/** Markers that open it all again. */
export function reopeners(openers: Openers): string {
  return openers.map((opener) => opener.char.repeat(opener.left)).join('');
}
