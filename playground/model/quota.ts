/**
 * The `anthropic-ratelimit-*` headers: what is left of this minute at tier "Start" of the Sonnet 4.x bucket
 * (rate limits page, August 2026). The stand-in reports the limits and does not enforce them.
 */
const LIMITS = { requests: 1_000, 'input-tokens': 2_000_000, 'output-tokens': 400_000 } as const;
const WINDOW_MS = 60_000;

export interface Quota {
  /** Counts a request; cache reads do not count as input. */
  spend(inputTokens: number, outputTokens: number): void;
  /** Headers for a reply at `now` (epoch milliseconds). */
  headers(now: number): Record<string, string>;
}

export function createQuota(): Quota {
  let windowEnd = 0;
  let spent = { requests: 0, 'input-tokens': 0, 'output-tokens': 0 };

  return {
    spend(inputTokens, outputTokens) {
      spent.requests += 1;
      spent['input-tokens'] += inputTokens;
      spent['output-tokens'] += outputTokens;
    },
    headers(now) {
      if (now >= windowEnd) {
        windowEnd = now + WINDOW_MS;
        spent = { requests: 0, 'input-tokens': 0, 'output-tokens': 0 };
      }
      const reset = new Date(windowEnd).toISOString();
      const rows: readonly [string, number, number][] = [
        ['requests', LIMITS.requests, spent.requests],
        ['input-tokens', LIMITS['input-tokens'], spent['input-tokens']],
        ['output-tokens', LIMITS['output-tokens'], spent['output-tokens']],
        [
          'tokens',
          LIMITS['input-tokens'] + LIMITS['output-tokens'],
          spent['input-tokens'] + spent['output-tokens'],
        ],
      ];
      const headers: Record<string, string> = {};
      for (const [name, limit, used] of rows) {
        headers[`anthropic-ratelimit-${name}-limit`] = String(limit);
        headers[`anthropic-ratelimit-${name}-remaining`] = String(Math.max(0, limit - used));
        headers[`anthropic-ratelimit-${name}-reset`] = reset;
      }
      return headers;
    },
  };
}
