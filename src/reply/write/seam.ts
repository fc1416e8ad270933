/**
 * Going on after a cut. The model can't be given the start of its own answer to complete (prefill is
 * refused by current models), so it is shown what it has written and asked to repeat the last words and go
 * on; the repetition tells where the two texts meet, also inside a word or between two blanks.
 */

/** An overlap shorter than this may be chance. */
const LEAST_OVERLAP = 6;
/** No repetition is longer than this: what has not met by then begins anew. */
const LONGEST_OVERLAP = 600;
/** How much of the end the model is asked to repeat; some scripts put no blanks between words. */
const LAST_WORDS = /(?:\S+\s+){0,5}\S+$/;
const MOST_REPEATED = 160;

/** The question that asks the model to go on after `received`. */
export function goOnAfter(received: string): string {
  const end = received.trimEnd().slice(-MOST_REPEATED);
  // As it stands, line breaks included: what is quoted differently comes back differently. No half characters.
  const last = (LAST_WORDS.exec(end)?.[0] ?? end).replace(/^[\udc00-\udfff]/, '');
  return [
    'Your answer above was cut off by a technical fault. Go on from exactly where it stopped.',
    `Begin by repeating its last words exactly ("${last}"), then continue without any comment, apology or heading of your own.`,
    'Do not start over. If the answer was in fact complete, repeat those last words and stop.',
  ].join(' ');
}

/** The question that asks the model to go on where nothing but what was looked up is there. */
export const GO_ON_AFTER_TOOLS =
  'Your answer was cut off by a technical fault after what you looked up above. Answer now: use what is there, and look up only what is missing.';

interface Seam {
  /** Takes the next piece of the continuation; returns what is new after the text before it. */
  push(delta: string): string;
  /**
   * The continuation has ended: returns what was still held back. If it was `cut`, what may be the beginning of
   * a repetition is one, and is dropped.
   */
  finish(how: { cut: boolean }): string;
}

export function createSeam(before: string): Seam {
  const exact = before.trimEnd().slice(-LONGEST_OVERLAP);
  // Blanks may come back differently: then where the texts meet is told by the rest.
  const tail = withoutBlanks(before.slice(-2 * LONGEST_OVERLAP)).slice(-LONGEST_OVERLAP);
  let held = '';
  let text = '';
  /** Characters of `held` that repeat what is there; null until that is known. */
  let repeated: number | null = null;
  let open = true;

  const meet = () => {
    const begin = held.trimStart();
    const asItWas = longestOverlap(exact, begin);
    const overlap = asItWas > 0 ? 0 : longestOverlap(tail, text);
    repeated = asItWas > 0 ? held.length - begin.length + asItWas : lengthOf(held, overlap);
  };
  const join = (): string => {
    open = false;
    const rest = held.slice(repeated ?? 0);
    if ((repeated ?? 0) > 0) return afterBlanks(before, rest, '');
    if (before === '' || /^[.,;:!?)\]}]/.test(rest)) return rest;
    return /^\s|\s$/.test(`${rest.slice(0, 1)}${before.slice(-1)}`)
      ? afterBlanks(before, rest, indentOf(rest))
      : joinWords(before, rest);
  };

  return {
    push(delta) {
      if (!open) return delta;
      held += delta;
      text += withoutBlanks(delta);
      if (repeated === null && !mayStillOverlap(tail, text)) meet();
      // Blanks that follow are seen together with the word behind them.
      return repeated === null || held.slice(repeated).trim() === '' ? '' : join();
    },
    finish({ cut }) {
      if (!open) return '';
      // Words that stand in the end of what is there twice are no meeting point while a longer repetition may have begun.
      if (repeated === null && cut && mayStillOverlap(tail, text)) return '';
      if (repeated === null) meet();
      return join();
    },
  };
}

function withoutBlanks(text: string): string {
  return text.replace(/\s+/g, '');
}

/** How much of `text` has its first `count` characters that are no blanks. */
function lengthOf(text: string, count: number): number {
  let at = 0;
  for (let left = count; left > 0; at++) if (!/\s/.test(text[at] ?? 'x')) left -= 1;
  return at;
}

/** `rest` without the blanks that already stand at the end of `before`; `indent` if a line ends there and none begins. */
function afterBlanks(before: string, rest: string, indent: string): string {
  const end = before.slice(before.trimEnd().length);
  const words = rest.trimStart();
  const start = rest.slice(0, rest.length - words.length);
  if (start.startsWith(end)) return rest.slice(end.length);
  const lines = linesIn(start) - linesIn(end);
  if (lines > 0) return '\n'.repeat(lines) + start.slice(start.lastIndexOf('\n') + 1) + words;
  return linesIn(end) > 0 && linesIn(start) === 0 ? indent + words : words;
}

function indentOf(text: string): string {
  return /^[^\S\n]*/.exec(text)?.[0] ?? '';
}

function linesIn(blanks: string): number {
  return blanks.split('\n').length - 1;
}

/** Length of the longest end of `tail` with which `text` begins; 0 if that is too short to mean anything. */
function longestOverlap(tail: string, text: string): number {
  for (
    let length = Math.min(tail.length, text.length);
    length >= Math.min(LEAST_OVERLAP, tail.length) && length > 0;
    length--
  )
    if (text.startsWith(tail.slice(-length))) return length;
  return 0;
}

/** True while some longer repetition of the end of `tail` can still begin as `text` does. */
function mayStillOverlap(tail: string, text: string): boolean {
  if (text.length >= tail.length) return false;
  if (text === '') return true;
  for (let at = tail.indexOf(text); at >= 0; at = tail.indexOf(text, at + 1))
    if (at + text.length < tail.length) return true;
  return false;
}

/**
 * No repetition to go by: a word that stopped before a capital letter or a marker was whole, and so is a sentence that
 * ended with another mark than the full stop, which also stands in addresses.
 */
function joinWords(before: string, after: string): string {
  if (/[!?…]$/.test(before) && /^\p{L}/u.test(after)) return ` ${after}`;
  return /[\p{L}\p{N}.,;:!?)]$/u.test(before) && /^[\p{Lu}*_`([#-]/u.test(after) ? ` ${after}` : after;
}
