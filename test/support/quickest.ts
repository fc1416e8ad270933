/** How often something is measured at most. */
const TRIES = 5;

/**
 * The least of what `measure` returns (milliseconds). It is called until that is below `enough`, five times at most:
 * a busy machine holds up any one try, and hardly all of them, while what is slow by itself is so each time.
 */
export async function quickest(enough: number, measure: () => number | Promise<number>): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let tries = 0; tries < TRIES && least >= enough; tries += 1) least = Math.min(least, await measure());
  return least;
}

/** How many milliseconds some work takes. */
export async function timed(work: () => unknown): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}
