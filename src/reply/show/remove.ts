import { backoff, type Clock } from '../../clock.ts';
import { SkeinError } from '../../errors.ts';
import { Later, NO_ACCESS_DELAY_MS } from '../../jobs/retry.ts';
import type { Lease } from '../../jobs/worker.ts';
import type { Log } from '../../log.ts';
import type { Database } from '../../postgres/database.ts';
import type { Place, Surface, WriteOutcome } from '../ports.ts';
import type { Outlet } from '../sent-files/ports.ts';
import { filesBeside } from '../sent-files/store.ts';
import type { StoredReply, StoredSegment } from '../store.ts';

export interface RemoveOptions {
  readonly database: Database;
  readonly surface: Surface;
  /** Absent: answers come as text alone. */
  readonly outlet?: Outlet;
  readonly clock: Clock;
  readonly log: Log;
}

const MOST_TRIES = 5;
const BACKOFF = { first: 500, most: 10_000 };

/**
 * Deletes all messages of a reply, also one of which nobody knows whether it was posted, and the files beside it. May be
 * repeated: what is gone already is no failure. Rejects when Slack does not take it now; the job is tried again then.
 */
export async function removeAnswer(
  { database, surface, outlet, clock, log }: RemoveOptions,
  reply: StoredReply,
  place: Place,
  segments: readonly StoredSegment[],
  lease: Lease,
): Promise<void> {
  for (const segment of segments) {
    const ts =
      segment.ts ??
      (await surface.find(place, reply.questionTs, { reply: reply.id, segment: segment.index }));
    if (ts === null) continue;
    if (ts === 'unknown')
      throw new SkeinError('SLACK_UNREACHABLE', 'a thread can not be read, so that nothing is deleted');
    await removed('a message', () => surface.remove(place, ts, lease.held));
  }
  const files = await filesBeside(database.query, reply.id);
  if (outlet !== undefined)
    for (const file of files) await removed('a file', () => outlet.remove(reply.team, file, lease.held));
  log.info({ messages: segments.length, files: files.length }, 'reply deleted');

  async function removed(what: string, remove: () => Promise<WriteOutcome>): Promise<void> {
    for (let tries = 1; ; tries++) {
      if (!(await lease.confirm())) throw new Error('the reply was handed over before its end');
      const outcome = await remove();
      if (outcome.kind === 'done') return;
      if (outcome.kind === 'gone') return log.warn({ reason: outcome.message }, `${what} can not be deleted`);
      if (outcome.kind === 'unauthorised') throw new Later(NO_ACCESS_DELAY_MS, outcome.message);
      if (tries >= MOST_TRIES) throw new SkeinError('SLACK_UNREACHABLE', `${what} could not be deleted`);
      const waitMs = outcome.kind === 'limited' ? outcome.retryAfterMs : backoff(BACKOFF, tries);
      await clock.sleep(waitMs, lease.signal);
    }
  }
}
