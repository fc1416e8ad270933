/** Tokens of one model call, by kind. Counts are running totals: a later report replaces an earlier one. */
export interface Usage {
  readonly inputTokens: number;
  readonly cacheWrite5mTokens: number;
  readonly cacheWrite1hTokens: number;
  readonly cacheReadTokens: number;
  readonly outputTokens: number;
  /** Part of `outputTokens` spent on thinking. */
  readonly thinkingTokens: number;
}

export const NO_USAGE: Usage = {
  inputTokens: 0,
  cacheWrite5mTokens: 0,
  cacheWrite1hTokens: 0,
  cacheReadTokens: 0,
  outputTokens: 0,
  thinkingTokens: 0,
};

/**
 * Output tokens of `characters` of text, for calls whose end the provider never told. English prose has
 * about four characters a token, code and other scripts fewer; 3.5 errs on the dear side.
 */
export function estimateTokens(characters: number): number {
  return Math.ceil(characters / 3.5);
}
