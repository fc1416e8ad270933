import { inject } from 'vitest';

declare module 'vitest' {
  interface ProvidedContext {
    /** The seed of the long run of the laws; absent in the usual run. */
    lawSeed: number;
  }
}

/** So many generated cases; `long` of them in the long run (`npm run test:laws`), with the seed that it printed. */
export function runs(usual: number, long: number): { numRuns: number; seed?: number } {
  const seed: number | undefined = inject('lawSeed');
  return seed === undefined ? { numRuns: usual } : { numRuns: long, seed };
}
