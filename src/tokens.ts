/**
 * How many tokens a text has, without asking the provider: for calls whose count was never told, and for sizes that
 * need not be exact. Claude's tokenizers are not published since Claude 3. The weights are fitted to the one that was
 * (Anthropic's npm package `@anthropic-ai/tokenizer` 0.0.4, of Claude 2), so that none of its counts for 40 kinds of text
 * is above ours (`test/spec/tokens.test.ts` holds the counts); for later models Anthropic names factors.
 */

/**
 * "The same input text produces approximately 30 percent more tokens than on earlier models" (Anthropic's page on token
 * counting): Opus 4.7 and later, every model of generation 5, and so also every model that is not known yet.
 */
const OLDER = /^claude-(?:[23]|(?:opus|sonnet|haiku)-4-[0-6](?!\d))/;
const NEWER_FACTOR = 1.35;

/** A tokenizer begins a new token where the class of characters changes; a space goes with the word behind it. */
const WORD = 1;
const CAPITAL = 2;
const DIGIT = 3;
const SPACE = 4;
const MARK = 5;
const OTHER = 0;

/** Tokens of the first character of a run of one class, and of each that follows; by class. */
const FIRST = Float64Array.of(0, 1, 1.2, 1, 0.1, 1);
const NEXT = Float64Array.of(0, 0.2, 0.5, 0.5, 0.06, 0.6);
/** A mark that is repeated (a ruler, an indent in a table) shares tokens with those before it. */
const SAME_MARK = 0.12;
/** No word of a language is longer; what goes on is random letters, of which a token holds about two. */
const LONGEST_WORD = 14;
const BEYOND_WORD = 0.6;

/**
 * Tokens of one character beyond ASCII, by the last code point of its block. Scripts that are not named have at least a
 * token for each byte, which is the most that a tokenizer over bytes can come to.
 */
const BLOCKS: readonly (readonly [upTo: number, tokens: number])[] = [
  [0x00bf, 1.2], // Latin-1 signs
  [0x024f, 2], // Latin letters with marks
  [0x036f, 1.6], // phonetic letters, combining marks
  [0x03ff, 1.4], // Greek
  [0x052f, 0.65], // Cyrillic
  [0x058f, 2], // Armenian
  [0x05ff, 1.1], // Hebrew
  [0x06ff, 1.25], // Arabic
  [0x08ff, 2],
  [0x097f, 1.4], // Devanagari
  [0x0dff, 2.4], // other scripts of India, Sinhala
  [0x0e7f, 2], // Thai
  [0x0fff, 3],
  [0x10ff, 1.6], // Burmese, Georgian
  [0x1dff, 3.3], // Ethiopic and others
  [0x1eff, 2], // Latin letters with two marks: Vietnamese
  [0x1fff, 3],
  [0x206f, 1.6], // typographic quotes, dashes, the joiner of emoji
  [0x24ff, 2.2], // signs, arrows, mathematics
  [0x257f, 0.9], // frames
  [0x2fff, 2.4],
  [0x303f, 1.1], // punctuation of East Asia
  [0x30ff, 1.2], // Kana
  [0x33ff, 3],
  [0x9fff, 1.4], // Han
  [0xabff, 3],
  [0xd7ff, 1.4], // Hangul
  [0xfdff, 3],
  [0xfe0f, 2.5], // variation selectors
  [0xfeff, 3],
  [0xffef, 1.4], // full-width forms
  [0xffff, 3],
];
/** Emoji, and everything that is rare enough to lie there. */
const ASTRAL = 3.4;

const CLASSES = Uint8Array.from({ length: 0x80 }, (_, code) => classOf(code));
/** By UTF-16 unit. */
const BEYOND_ASCII = tokensByUnit();

/**
 * Tokens of `text`, a little too many for every kind of text (1.0 to 1.8 times the counts that the weights were fitted to;
 * more for long runs of one character); 0 for ''. `model`: an id of the provider; absent or unknown: counted as by the
 * newest tokenizer, which makes more. Total, linear, and never less for a longer text than for its beginning.
 */
export function estimateTokens(text: string, model = ''): number {
  return tokenCounter(model)(text);
}

/** The same for a text that comes in pieces: takes the next piece, and returns the tokens of all so far. */
export function tokenCounter(model = ''): (piece: string) => number {
  const factor = OLDER.test(model) ? 1 : NEWER_FACTOR;
  let tokens = 0;
  let before = OTHER;
  let last = 0;
  let run = 0;
  return (piece) => {
    for (let at = 0; at < piece.length; at++) {
      const code = piece.charCodeAt(at);
      const now = code < 0x80 ? (CLASSES[code] ?? OTHER) : OTHER;
      if (now === OTHER) tokens += isSecondHalf(last, code) ? 0 : (BEYOND_ASCII[code] ?? 0);
      else if (now === before) {
        run += 1;
        if (now === MARK && code === last) tokens += SAME_MARK;
        else tokens += now === WORD && run > LONGEST_WORD ? BEYOND_WORD : (NEXT[now] ?? 0);
      } else {
        // "The" is one word: what follows a capital letter goes with it.
        tokens += (now === WORD && before === CAPITAL ? NEXT[now] : FIRST[now]) ?? 0;
        run = 1;
      }
      before = now;
      last = code;
    }
    return Math.ceil(tokens * factor);
  };
}

/**
 * The same of a text of which only its size is known. `characters`: code points, `bytes`: in UTF-8. What is beyond ASCII
 * counts as Han, which has two bytes more than an ASCII character.
 */
export function estimateTokensOfSize(
  { characters, bytes }: { readonly characters: number; readonly bytes: number },
  model = '',
): number {
  const factor = OLDER.test(model) ? 1 : NEWER_FACTOR;
  return Math.ceil((characters * 0.31 + Math.max(0, bytes - characters) * 0.6) * factor);
}

/** Anthropic's page on vision: an image costs a token for each patch of so many pixels a side, up to a most. */
const PATCH = 28;
const MOST_IMAGE = { older: 1568, newer: 4784 } as const;
/** Its page on PDF support: "1,500-3,000 tokens per page" of text, and an image of each page besides. */
const PAGE_TEXT = 3000;

/** Tokens of an image of so many pixels: the provider shrinks it where it would have more than the most. */
export function imageTokens(
  { width, height }: { readonly width: number; readonly height: number },
  model = '',
): number {
  return Math.min(mostImageTokens(model), Math.ceil(width / PATCH) * Math.ceil(height / PATCH));
}

export function mostImageTokens(model = ''): number {
  return OLDER.test(model) ? MOST_IMAGE.older : MOST_IMAGE.newer;
}

/** Tokens of a PDF, a likely most: a page may hold more words than people read. */
export function pdfTokens(pages: number, model = ''): number {
  return pages * (PAGE_TEXT + MOST_IMAGE.older) * (OLDER.test(model) ? 1 : NEWER_FACTOR);
}

/** Whether a UTF-16 unit is the second half of a pair, which is paid for with the first. */
function isSecondHalf(before: number, code: number): boolean {
  return code >= 0xdc00 && code <= 0xdfff && before >= 0xd800 && before <= 0xdbff;
}

function classOf(code: number): number {
  if (code >= 0x61 && code <= 0x7a) return WORD;
  if (code >= 0x41 && code <= 0x5a) return CAPITAL;
  if (code >= 0x30 && code <= 0x39) return DIGIT;
  return code <= 0x20 ? SPACE : MARK;
}

function tokensByUnit(): Float32Array {
  const tokens = new Float32Array(0x1_0000);
  let from = 0x80;
  for (const [upTo, each] of BLOCKS) {
    tokens.fill(each, from, upTo + 1);
    from = upTo + 1;
  }
  return tokens.fill(ASTRAL, 0xd800, 0xe000);
}
