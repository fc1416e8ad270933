import type { Lease } from '../../jobs/worker.ts';
import type { Database } from '../../postgres/database.ts';
import type { Persistently } from '../persistently.ts';
import type { Show } from '../show/show.ts';
import { closeOpen } from '../show/sources.ts';
import type { StoredReply } from '../store.ts';
import { openUses } from './carry-out.ts';
import { MOST_RESULTS_BYTES } from './rules.ts';
import { abandonCalls, callsOf } from './store.ts';
import { resultBlock } from './told.ts';

/**
 * An answer ends without those of its calls that are open: they are not run any more. What is known of them is added to its
 * blocks, so that whoever reads them later knows what was done. Nothing is asked of the database for an answer without
 * calls. Throws LeaseLost.
 */
export async function endCalls(
  { database, lease, persistently }: { database: Database; lease: Lease; persistently: Persistently },
  reply: Pick<StoredReply, 'id' | 'version' | 'calls'>,
  show: Pick<Show, 'text' | 'block' | 'blocks'>,
): Promise<void> {
  const logged = show.blocks();
  const blocks = logged.flatMap(({ block }) => block ?? []);
  if (!blocks.some(({ type }) => type === 'tool_use')) return;
  await persistently(() => abandonCalls(database.query, lease.token, reply.id));
  const open = new Map(openUses(blocks).map((use) => [String(use['id']), use]));
  if (open.size === 0) return;
  const calls = await persistently(() => callsOf(database.query, reply));
  const known = calls.filter(({ use }) => open.has(use));
  if (known.length > 0) closeOpen(show, reply.calls);
  for (const call of known) {
    const round = logged.find(({ block }) => block?.type === 'tool_use' && block['id'] === call.use);
    show.block(resultBlock(call, MOST_RESULTS_BYTES), round?.call ?? reply.calls);
  }
}
