/** Rows of one statement: some ten milliseconds, so that no limit of a statement is met and nobody waits for it. */
export const BATCH = 2000;

/**
 * Deletes in batches until nothing is left or `signal` aborts; returns how many rows those were. `batch` deletes at
 * most `BATCH` rows and returns how many it deleted.
 */
export async function inBatches(batch: () => Promise<number>, signal?: AbortSignal): Promise<number> {
  for (let all = 0; ; ) {
    const deleted = await batch();
    all += deleted;
    if (deleted < BATCH || signal?.aborted === true) return all;
  }
}
