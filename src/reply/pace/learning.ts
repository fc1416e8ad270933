import type { Queryable } from '../../postgres/database.ts';
import { type Lengths, REMEMBERED } from './lengths.ts';
import { lastLengths } from './store.ts';

/**
 * Learns how long the last replies of all processes took: this one may have written none of them. To be called now
 * and then; what has not changed costs the query alone. Rejects if the database is away.
 */
export function createLearning(db: Queryable, lengths: Lengths): () => Promise<void> {
  let learned = '';
  return async () => {
    const known = await lastLengths(db, REMEMBERED);
    if (known.join() === learned) return;
    learned = known.join();
    lengths.replace(known);
  };
}
