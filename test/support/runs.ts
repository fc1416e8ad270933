import { inject } from 'vitest';

declare module 'vitest' {
  interface ProvidedContext {
    /** How many times as many generated cases as usual. */
    lawFactor: number;
    /** The seed of all of them. */
    lawSeed: number;
  }
}

/** So many generated cases; in the long run (`npm run test:laws`) many more, with the seed that it printed. */
export function runs(usual: number): { numRuns: number; seed?: number } {
  const factor: number | undefined = inject('lawFactor');
  return factor === undefined ? { numRuns: usual } : { numRuns: usual * factor, seed: inject('lawSeed') };
}
