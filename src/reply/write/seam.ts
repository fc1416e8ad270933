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

export interface Seam {
  /** Takes the next piece of the continuation; returns what is new after the text before it. */
  push(delta: string): string;
  /**
   * The continuation has ended: returns what was still held back. If it was `cut`, what may be the beginning of
   * a repetition is one, and is dropped.
   */
  finish(how: { cut: boolean }): string;
}

export function createSeam(before: string): Seam {
  const tail = before.slice(-LONGEST_OVERLAP);
  let held = '';
  let open = true;

  const settle = (): string => {
    open = false;
    const overlap = longestOverlap(tail, held.trimStart());
    const skipped = held.length - held.trimStart().length;
    if (overlap > 0) return held.slice(skipped + overlap);
    return before === '' || /\s$/.test(before) || /^[\s.,;:!?)\]}]/.test(held)
      ? held
      : joinWords(before, held);
  };

  return {
    push(delta) {
      if (!open) return delta;
      held += delta;
      return mayStillOverlap(tail, held.trimStart()) ? '' : settle();
    },
    finish({ cut }) {
      if (!open) return '';
      // Words that stand in the end of what is there twice are no meeting point while a longer repetition may have begun.
      if (cut && mayStillOverlap(tail, held.trimStart())) return '';
      return settle();
    },
  };
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

/** No repetition to go by: a word that stopped before a capital letter or a marker was whole. */
function joinWords(before: string, after: string): string {
  return /[\p{L}\p{N}.,;:!?)]$/u.test(before) && /^[\p{Lu}*_`([#-]/u.test(after) ? ` ${after}` : after;
}
