/** Sizes in every unit in which Slack may count, and the worst that rendering can make of a character. */

export interface Size {
  /** UTF-16 units. */
  readonly characters: number;
  /** UTF-8 bytes. */
  readonly bytes: number;
  /**
   * Characters of the text as a JSON string in which `&`, `<` and `>` are the entities as which Slack stores them:
   * a line break, a tab, a quotation mark and a backslash count twice, `&` five times, `<` and `>` four times.
   */
  readonly json: number;
}

export const nothing: Size = { characters: 0, bytes: 0, json: 0 };

export const plus = (a: Size, b: Size): Size => ({
  characters: a.characters + b.characters,
  bytes: a.bytes + b.bytes,
  json: a.json + b.json,
});

export const minus = (a: Size, b: Size): Size => ({
  characters: a.characters - b.characters,
  bytes: a.bytes - b.bytes,
  json: a.json - b.json,
});

/** So much in every unit. */
export const all = (count: number): Size => ({ characters: count, bytes: count, json: count });

export const fits = (size: Size, most: Size): boolean =>
  size.characters <= most.characters && size.bytes <= most.bytes && size.json <= most.json;

/** How full `size` makes `most`: 1 is full in at least one unit. */
export const share = (size: Size, most: Size): number =>
  Math.max(size.characters / most.characters, size.bytes / most.bytes, size.json / most.json);

/** The unit of which least is there. */
export const smallest = (size: Size): number => Math.min(size.characters, size.bytes, size.json);

const bytesOf = (code: number): number =>
  // Half of a surrogate pair: the pair is four bytes.
  code < 0x80 ? 1 : code < 0x800 ? 2 : code >= 0xd800 && code <= 0xdfff ? 2 : 3;

function jsonOf(code: number): number {
  if (code === 0x26) return 5;
  if (code === 0x3c || code === 0x3e) return 4;
  return code === 0x22 || code === 0x5c || code === 0x0a || code === 0x09 ? 2 : 1;
}

export function sizeOf(text: string): Size {
  let bytes = 0;
  let json = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    bytes += bytesOf(code);
    json += jsonOf(code);
  }
  return { characters: text.length, bytes, json };
}

/** Length of the longest beginning of a text that is no larger than `most`. */
export function fitting(text: string, most: Size): number {
  let bytes = 0;
  let json = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    bytes += bytesOf(code);
    json += jsonOf(code);
    if (at + 1 > most.characters || bytes > most.bytes || json > most.json) return at;
  }
  return text.length;
}

const ascii = (characters: number, json = characters): Size => ({ characters, bytes: characters, json });

// What the inline stage can add per character: an escape, a boundary outside a mark and a joiner inside it; an entity
// and a joiner for `<`; a joiner behind `&` and `]`; brackets around an address and an escape in one without a scheme;
// back-ticks around a formula; the word "image" for `![](`; a readable word for a token (`<#C1>` becomes #channel);
// percent encoding in addresses. Counting the worst case beforehand makes the place of a cut depend on the text alone
// and the result fit without a second look.
const extra: Readonly<Record<string, Size>> = {
  '<': { characters: 4, bytes: 6, json: 6 },
  '&': { characters: 1, bytes: 3, json: 1 },
  ']': { characters: 3, bytes: 5, json: 3 },
  '*': { characters: 2, bytes: 6, json: 2 },
  _: { characters: 1, bytes: 3, json: 2 },
  '~': { characters: 1, bytes: 3, json: 2 },
  '!': ascii(5),
  '|': ascii(2),
  '>': ascii(2),
  '"': ascii(2),
  '`': ascii(2),
  '\\': ascii(2),
  '(': ascii(2),
  ')': ascii(2),
  '[': ascii(2),
  $: ascii(1),
  '/': ascii(1, 4),
  w: ascii(1, 2),
  W: ascii(1, 2),
  '\u00a0': ascii(5),
  '\u3000': ascii(8),
};

/** An upper bound for the size of a text after the inline stage. Additive: bound(a + b) = bound(a) + bound(b). */
export function boundOf(text: string): Size {
  let { characters, bytes, json } = sizeOf(text);
  for (let at = 0; at < text.length; at++) {
    const more = extra[text[at] ?? ''];
    if (more) {
      characters += more.characters;
      bytes += more.bytes;
      json += more.json;
    }
  }
  return { characters, bytes, json };
}
