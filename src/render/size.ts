/** Sizes as Slack may count them, and the worst that rendering can make of a character. */

export interface Size {
  /** UTF-16 units. */
  readonly characters: number;
  /** UTF-8 bytes. */
  readonly bytes: number;
}

export const nothing: Size = { characters: 0, bytes: 0 };

export const plus = (a: Size, b: Size): Size => ({
  characters: a.characters + b.characters,
  bytes: a.bytes + b.bytes,
});

const bytesOf = (code: number): number =>
  // Half of a surrogate pair: the pair is four bytes.
  code < 0x80 ? 1 : code < 0x800 ? 2 : code >= 0xd800 && code <= 0xdfff ? 2 : 3;

export function sizeOf(text: string): Size {
  let bytes = 0;
  for (let at = 0; at < text.length; at++) bytes += bytesOf(text.charCodeAt(at));
  return { characters: text.length, bytes };
}

/** Length of the longest beginning of a text that is no larger than `most`. */
export function fitting(text: string, most: Size): number {
  let bytes = 0;
  for (let at = 0; at < text.length; at++) {
    bytes += bytesOf(text.charCodeAt(at));
    if (at + 1 > most.characters || bytes > most.bytes) return at;
  }
  return text.length;
}

// What the inline stage can add per character: a joiner (one unit, three bytes) behind `<`, `&`, `]` and beside
// `**`; the word "image" for `![](`; a readable word for a token (`<#C1>` becomes #channel); percent encoding in
// addresses. Counting the worst case beforehand makes the place of a cut depend on the text alone and the result
// fit without a second look.
const extra: Readonly<Record<string, Size>> = {
  '<': { characters: 3, bytes: 5 },
  '&': { characters: 1, bytes: 3 },
  ']': { characters: 3, bytes: 5 },
  '*': { characters: 1, bytes: 3 },
  '!': { characters: 5, bytes: 5 },
  '|': { characters: 2, bytes: 2 },
  '>': { characters: 2, bytes: 2 },
  '"': { characters: 2, bytes: 2 },
  '`': { characters: 2, bytes: 2 },
  '\\': { characters: 2, bytes: 2 },
  '(': { characters: 2, bytes: 2 },
  ')': { characters: 2, bytes: 2 },
  '[': { characters: 2, bytes: 2 },
  '\u00a0': { characters: 5, bytes: 5 },
  '\u3000': { characters: 8, bytes: 8 },
};

/** An upper bound for the size of a text after the inline stage. Additive: bound(a + b) = bound(a) + bound(b). */
export function boundOf(text: string): Size {
  let { characters, bytes } = sizeOf(text);
  for (let at = 0; at < text.length; at++) {
    const more = extra[text[at] ?? ''];
    if (more) {
      characters += more.characters;
      bytes += more.bytes;
    }
  }
  return { characters, bytes };
}
