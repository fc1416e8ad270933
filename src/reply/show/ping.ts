import type { Clock } from '../../clock.ts';
import { toError } from '../../errors.ts';
import type { Log } from '../../log.ts';
import type { Database } from '../../postgres/database.ts';
import type { Aside } from '../ports.ts';
import type { StoredReply } from '../store.ts';
import { loadSegments, markPinged } from './store.ts';

/**
 * An edit of a message notifies nobody, so whoever asked and left would not learn that a long answer is done.
 * At most once for each reply: it is noted before it is sent. Never throws; an answer is done without it.
 */
export async function pingIfLate(
  { database, aside, clock, log }: { database: Database; aside?: Aside; clock: Clock; log: Log },
  reply: StoredReply,
  stopReason: string,
): Promise<void> {
  const seconds = (clock.now() - reply.createdAt.getTime()) / 1000;
  if (aside === undefined || reply.pingAfter === null || seconds < reply.pingAfter) return;
  // Whoever opened it again looks at it.
  if (reply.changes > 0) return;
  // Who stopped it was there.
  if (reply.asker === '' || stopReason === 'stopped' || stopReason === 'hint') return;
  try {
    const [first] = await loadSegments(database.query, reply.id);
    if (first?.ts === undefined || first.ts === null || !(await markPinged(database.query, reply.id))) return;
    const place = { team: reply.team, channel: reply.channel, threadTs: reply.threadTs };
    await aside.ping(place, reply.asker, first.ts);
  } catch (thrown) {
    log.warn({ err: toError(thrown), reply: reply.id }, 'the asker of a long answer was not pinged');
  }
}
