import { createHash } from 'node:crypto';
import { factsOf } from '../../src/model/catalogue.ts';

/**
 * The provider's prompt cache, after its caching guide: an entry is a prefix that ends at a breakpoint; a
 * hit is the longest live entry at a breakpoint or at most 20 blocks before it; a read renews the entry;
 * a prefix below the model's minimum is not cached.
 */
export interface PromptBlock {
  /** Everything that makes this block what it is (place, role, type, text), for the identity of the prefix. */
  readonly identity: string;
  readonly tokens: number;
  /** A breakpoint after this block. */
  readonly cache: '5m' | '1h' | null;
}

export interface PromptUsage {
  readonly input: number;
  readonly read: number;
  readonly write5m: number;
  readonly write1h: number;
}

export interface PromptCache {
  /** What this prompt reads and writes, by the state of the cache at `now` (epoch milliseconds). */
  look(model: string, prompt: readonly PromptBlock[], now: number): CacheLook;
}

export interface CacheLook {
  readonly usage: PromptUsage;
  /** To be called when the answer begins: only then can others read what this call writes. */
  keep(): void;
}

const LOOKBACK_BLOCKS = 20;
const MINUTE_MS = 60_000;
const LIFE_MS = { '5m': 5 * MINUTE_MS, '1h': 60 * MINUTE_MS } as const;
const MINIMUM_OF_UNKNOWN_MODEL = 1024;

interface Entry {
  readonly lifeMs: number;
  expiresAt: number;
}

export function createPromptCache(): PromptCache {
  const entries = new Map<string, Entry>();

  return {
    look(model, prompt, now) {
      for (const [key, entry] of entries) if (entry.expiresAt <= now) entries.delete(key);
      const minimum = factsOf(model)?.cacheMinimumTokens ?? MINIMUM_OF_UNKNOWN_MODEL;
      const prefixes = prefixesOf(model, prompt);
      const total = prefixes.at(-1)?.tokens ?? 0;
      const breakpoints = prefixes.flatMap((prefix, index) =>
        prefix.cache !== null && prefix.tokens >= minimum ? [{ ...prefix, cache: prefix.cache, index }] : [],
      );

      const hit = breakpoints
        .flatMap(({ index }) => prefixes.slice(Math.max(0, index - LOOKBACK_BLOCKS + 1), index + 1))
        .filter((prefix) => entries.has(prefix.key))
        .reduce((longest, prefix) => (prefix.tokens > longest.tokens ? prefix : longest), {
          tokens: 0,
          key: '',
        });
      const renewed = entries.get(hit.key);
      if (renewed !== undefined) renewed.expiresAt = now + renewed.lifeMs;

      const written = { '5m': 0, '1h': 0 };
      let covered = hit.tokens;
      for (const { tokens, cache } of breakpoints.filter((prefix) => prefix.tokens > hit.tokens)) {
        written[cache] += tokens - covered;
        covered = tokens;
      }

      return {
        usage: {
          input: total - covered,
          read: hit.tokens,
          write5m: written['5m'],
          write1h: written['1h'],
        },
        keep() {
          for (const { key, cache } of breakpoints) {
            if (!entries.has(key)) {
              entries.set(key, { lifeMs: LIFE_MS[cache], expiresAt: now + LIFE_MS[cache] });
            }
          }
        },
      };
    },
  };
}

/** Tokens of a whole prompt, at least one: what `count_tokens` answers. */
export function promptTokens(prompt: readonly PromptBlock[]): number {
  return Math.max(
    1,
    prompt.reduce((sum, block) => sum + block.tokens, 0),
  );
}

function prefixesOf(model: string, prompt: readonly PromptBlock[]) {
  let key = model;
  let tokens = 0;
  return prompt.map((block) => {
    key = createHash('sha256').update(key).update('\0').update(block.identity).digest('base64');
    tokens += block.tokens;
    return { key, tokens, cache: block.cache };
  });
}
