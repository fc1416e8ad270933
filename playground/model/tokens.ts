/** The stand-in's tokenizer: four characters are a token, rounded up, and a text is at least one. */
const CHARACTERS_PER_TOKEN = 4;

export function countTokens(text: string): number {
  return Math.max(1, Math.ceil(text.length / CHARACTERS_PER_TOKEN));
}

/** The longest beginning of `text` that is at most `tokens` tokens; never half a surrogate pair. */
export function firstTokens(text: string, tokens: number): string {
  const end = Math.max(0, tokens) * CHARACTERS_PER_TOKEN;
  if (end >= text.length) return text;
  const high = text.charCodeAt(end - 1);
  return text.slice(0, high >= 0xd800 && high <= 0xdbff ? end - 1 : end);
}

/**
 * Cuts a text where a model's deltas end: a word with the space before it, a longer word in pieces, marks
 * and line ends by themselves. Joined, the pieces are the text.
 */
export function toDeltas(text: string): string[] {
  return text.match(/ ?[\p{L}\p{M}\p{N}]{1,8}|\s+|[^\p{L}\p{M}\p{N}\s]{1,4}/gu) ?? [];
}
