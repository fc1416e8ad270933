/**
 * Markdown that no one writes: quotes and lists nested in one line, or emphasis marks by the thousand.
 * Reading it takes seconds or a deeper stack than there is (measured on 12,000 characters: `- > ` over and
 * over 21 s, `*a_ ` 6 s), so that it is shown as plain text instead.
 */

/** Twenty levels opened in one line; people stop at three. */
const NESTED = /^[ \t]*(?:(?:>|[*+-][ \t]|\d{1,9}[.)][ \t])[ \t]*){20}/m;
/** An answer of 12,000 characters that is full of bold words has some hundreds. */
const MOST_MARKS = 2_000;

/** True if the text should not be read as Markdown. Linear in its length. */
export function isTangled(text: string): boolean {
  if (NESTED.test(text)) return true;
  let marks = 0;
  for (const char of text) if (char === '*' || char === '_') marks += 1;
  return marks > MOST_MARKS;
}
