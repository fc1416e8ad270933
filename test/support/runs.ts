import { inject } from 'vitest';

declare module 'vitest' {
  interface ProvidedContext {
    /** The seed of the long run of the laws; absent in the usual run. */
    lawSeed: number;
    /** How many times as many cases as usual in the long run; absent in the usual run. */
    lawTimes: number;
  }
}

interface Runs {
  readonly numRuns: number;
  readonly seed?: number;
  readonly endOnFailure?: boolean;
}

/**
 * So many generated cases; `long` of them in the long run (`npm run test:laws`), with the seed that it printed. There a
 * failure is told at once and as it was found: making an answer of thousands of characters small takes longer than all
 * laws together, and its seed and path can be given to the usual run.
 */
export function runs(usual: number, long: number): Runs {
  const seed: number | undefined = inject('lawSeed');
  const times: number | undefined = inject('lawTimes');
  return seed === undefined
    ? { numRuns: usual }
    : { numRuns: Math.max(1, Math.round(long * (times ?? 1))), seed, endOnFailure: true };
}
