/**
 * Emphasis and strikethrough: which runs of `*`, `_` and `~` open and close something, read forward over a text that
 * may not be finished. CommonMark's rules, and beside them what people and models mean by the same characters:
 * products, powers, globs, pointers and names with underscores are no emphasis.
 */

/** One run of equal delimiters with what it may do where it stands. */
export interface DelimiterRun {
  readonly char: string;
  readonly length: number;
  /** Where it begins in the text. */
  readonly at: number;
  readonly canOpen: boolean;
  readonly canClose: boolean;
  /** By CommonMark's rules it could do both. */
  readonly both: boolean;
  /** It stands behind a letter or digit: what it opens must end before the next blank. */
  readonly inWord: boolean;
}

interface Opener {
  readonly char: string;
  readonly length: number;
  readonly at: number;
  /** Delimiters not yet used up by closers. */
  readonly left: number;
  readonly both: boolean;
  readonly inWord: boolean;
}

/** Innermost last. Immutable, so that every place in a text can keep its own. */
export type Openers = readonly Opener[];

/** One pair: so many delimiters of the run that begins at `at` are closed. */
export interface Closure {
  readonly at: number;
  readonly used: number;
}

// Deeper nesting does not occur in answers; the bound keeps the search for an opener constant.
const deepest = 8;

const space = /^\s?$/u;
const punctuation = /^[\p{P}\p{S}]$/u;
const openingMark = /^[\p{Ps}\p{Pi}]$/u;
const alphanumeric = /^[\p{L}\p{N}]$/u;
const digit = /^\p{N}$/u;
const closingBracket = /^[)\]}]$/;
const cjk =
  /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\u3000-\u303f\uff00-\uffef]$/u;

/** True if a run can open between these neighbours ('' at the ends of the text); turned round, if it can close. */
export const flanks = (inner: string, outer: string): boolean =>
  !space.test(inner) && (!punctuation.test(inner) || space.test(outer) || punctuation.test(outer));

/**
 * Slack's own reading of `**x**` needs a boundary on the outer side that CommonMark does not ask for: between letters
 * of Chinese, Japanese and Korean the marks were shown (see docs/slack-markdown.md).
 */
export const needsBoundary = (outer: string): boolean =>
  !space.test(outer) && !/^[!-/:-@[-`{-~\u200b]$/.test(outer);

export const isCjk = (char: string): boolean => cjk.test(char);

/** What a run of `length` at `at` may do. `before` and `after` are its neighbours, '' at the ends of the text. */
export function readRun(
  { char, length, at }: { readonly char: string; readonly length: number; readonly at: number },
  before: string,
  after: string,
  next: string,
  openers: Openers,
): DelimiterRun {
  const left = flanks(after, before);
  const right = flanks(before, after);
  const run = { char, length, at, both: left && right, inWord: false };
  if (char === '_') {
    const canOpen = left && (!right || punctuation.test(before));
    return { ...run, canOpen, canClose: right && (!left || punctuation.test(after)) };
  }
  if (char === '~') return { ...run, canOpen: length === 2 && left, canClose: length === 2 && right };
  const word = alphanumeric.test(before) && !cjk.test(before);
  if (
    isPath(length, before, after, next) ||
    ((word || closingBracket.test(before)) && length === 2 && digit.test(after))
  )
    return { ...run, canOpen: false, canClose: false };
  const number =
    alphanumeric.test(before) && alphanumeric.test(after) && (digit.test(before) || digit.test(after));
  if (length === 1 && number) return { ...run, canOpen: false, canClose: false };
  const product = closingBracket.test(before) && (alphanumeric.test(after) || after === '(');
  if (length === 1) {
    // `5*3` and `a*b` mean the sign: nobody emphasises half a word with one asterisk.
    return { ...run, canOpen: left && !product && !alphanumeric.test(before), canClose: right };
  }
  if (length === 2 && left !== right) {
    // **Note:**read and **「重点」**内容 can't close by the rules, 是**「重点」** can't open, though they are meant to.
    const waiting = openers.some((opener) => opener.char === '*' && opener.left >= 2);
    if (waiting && left && !space.test(before) && !openingMark.test(before))
      return { ...run, canOpen: false, canClose: true };
    const opens = cjk.test(before) || cjk.test(after) || /^["'“‘`[<]$/.test(after);
    if (!waiting && right && !space.test(after) && opens)
      return { ...run, canOpen: true, canClose: false, inWord: word };
  }
  const power = word && number;
  return { ...run, canOpen: left && !product && !power, canClose: right, inWord: word };
}

/** Globs and comments: `src/**` + `/*.ts`, `*.md`, `/* … *` + `/`. */
function isPath(length: number, before: string, after: string, next: string): boolean {
  if (length === 1 && after === '.' && /^[\w*]$/.test(next) && !alphanumeric.test(before)) return true;
  if (before === '/') return after === '/' || after === '.' || (length === 1 && !alphanumeric.test(after));
  return length === 1 && after === '/' && !alphanumeric.test(before);
}

/** The openers behind one more run, and what it closed. */
export function step(openers: Openers, run: DelimiterRun): { openers: Openers; closed: readonly Closure[] } {
  const closed: Closure[] = [];
  let stack = openers;
  let left = run.length;
  while (run.canClose && left > 0) {
    const at = stack.findLastIndex((opener) => matches(opener, run));
    const opener = stack[at];
    if (!opener) break;
    const used = run.char === '~' || (opener.left >= 2 && left >= 2) ? 2 : 1;
    left -= used;
    closed.push({ at: opener.at, used });
    const rest = opener.left - used;
    stack = rest > 0 ? [...stack.slice(0, at), { ...opener, left: rest }] : stack.slice(0, at);
  }
  if (!run.canOpen || left === 0 || stack.length >= deepest) return { openers: stack, closed };
  const { char, length, at, both, inWord } = run;
  return { openers: [...stack, { char, length, at, left, both, inWord }], closed };
}

function matches(opener: Opener, run: DelimiterRun): boolean {
  if (opener.char !== run.char) return false;
  if (run.char === '~') return opener.length === run.length;
  // CommonMark's rule of three.
  const ambiguous = opener.both || run.both;
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
