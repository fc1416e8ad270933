import { estimateTokens } from '../tokens.ts';

/** Tokens of one model call, by kind. Counts are running totals: a later report replaces an earlier one. */
export interface Usage {
  readonly inputTokens: number;
  readonly cacheWrite5mTokens: number;
  readonly cacheWrite1hTokens: number;
  readonly cacheReadTokens: number;
  readonly outputTokens: number;
  /** Part of `outputTokens` spent on thinking. */
  readonly thinkingTokens: number;
  /** Searches of the web that the provider made for the call; billed by the piece. */
  readonly webSearches: number;
}

export const NO_USAGE: Usage = {
  inputTokens: 0,
  cacheWrite5mTokens: 0,
  cacheWrite1hTokens: 0,
  cacheReadTokens: 0,
  outputTokens: 0,
  thinkingTokens: 0,
  webSearches: 0,
};

/** The whole prompt of a call, whatever became of it in the cache. */
export function promptTokensOf(usage: Usage): number {
  return usage.inputTokens + usage.cacheReadTokens + usage.cacheWrite5mTokens + usage.cacheWrite1hTokens;
}

/** What is known of a call whose final counts were never told: stopped, cut, or left by a process that died. */
export interface CutCall {
  readonly model: string;
  /** What the provider told so far; null: it was not heard of, and may have read the prompt all the same. */
  readonly told: Usage | null;
  /** The prompt by estimate, for a call that was not heard of. */
  readonly promptTokens: number;
  /** All text that came. */
  readonly text: string;
  /** Milliseconds in which the model sent no text and may have been thinking. */
  readonly silentMs: number;
  /** Most tokens that it may have thought; 0: it does not think. */
  readonly mostThinking: number;
  /** What the provider looked up meanwhile; absent: nothing. */
  readonly found?: {
    readonly searches: number;
    /** Searches and pages: the provider reads the prompt again after each. */
    readonly steps: number;
    /** Of what was found, by estimate. */
    readonly tokens: number;
  };
}

/**
 * Tokens a second in which a model thinks unseen: ours, on the dear side of the 60 or so that the larger models write. A
 * provider tells what a thought has come to only at the end of a call.
 */
const THINKING_SPEED = 100;

/**
 * Usage of such a call, on the dear side: the prompt as the provider told it (`message_start` has it exactly), else by
 * estimate; the output by the text that came, and what may have been thought by its time. Never less than was told.
 */
export function usageOfCut(cut: CutCall): Usage {
  const { model, told, promptTokens, text, silentMs, mostThinking, found } = cut;
  const known = told ?? { ...NO_USAGE, inputTokens: promptTokens };
  const byTime = told === null ? 0 : Math.ceil((Math.max(0, silentMs) / 1000) * THINKING_SPEED);
  const thinkingTokens = Math.max(known.thinkingTokens, Math.min(byTime, Math.max(0, mostThinking)));
  const outputTokens = Math.max(known.outputTokens, estimateTokens(text, model) + thinkingTokens);
  const usage = { ...known, outputTokens, thinkingTokens };
  if (found === undefined || found.steps + found.searches === 0) return usage;
  return {
    ...usage,
    inputTokens: usage.inputTokens + found.tokens,
    cacheReadTokens: usage.cacheReadTokens + found.steps * promptTokensOf(known),
    webSearches: Math.max(usage.webSearches, found.searches),
  };
}
