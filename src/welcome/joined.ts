import type { IncomingJoin } from '../incoming.ts';
import { enqueue, type LeaseToken } from '../jobs/store.ts';
import type { Database } from '../postgres/database.ts';
import { greetJob } from './greeting.ts';

/** We were added to a channel: stores the job that greets it, once for ever. */
export async function joined(
  join: IncomingJoin,
  options: {
    readonly database: Database;
    /** Id under which a job may be begun here at once; null: leave it to any worker. */
    readonly claimant: (team: string) => string | null;
    readonly begin: (lease: LeaseToken) => void;
  },
): Promise<void> {
  const enqueued = await options.database.transaction((tx) =>
    enqueue(tx, greetJob(join), options.claimant(join.team)),
  );
  if (enqueued !== null && enqueued.lease !== null) options.begin(enqueued.lease);
}
