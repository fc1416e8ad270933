import { enqueue, type Job } from '../jobs/store.ts';
import type { Lease } from '../jobs/worker.ts';
import { NO_METER } from '../operations/meter.ts';
import type { Database } from '../postgres/database.ts';
import type { AnswerOptions } from './answer.ts';
import { mailboxOf } from './job.ts';
import type { Pacer } from './pace/pacer.ts';
import { persistentlyUntil } from './persistently.ts';
import type { SegmentContent } from './ports.ts';
import { lastLook, storedEnd } from './show/final-appearance.ts';
import type { Look } from './show/plan.ts';
import { openShow } from './show/show.ts';
import { noteLeftovers, untidyReplies } from './show/store.ts';
import { loadReply, type StoredReply } from './store.ts';

/** Takes away what an answer left under its messages when it ended: under the lease of its conversation, as all that is written there. */
export const TIDY = 'tidy';

/** Replies of one workspace that are tidied at a time; the others come the next time. */
const MOST_AT_ONCE = 4;

/**
 * The handler of those jobs. A stream keeps its Stop button, and its Markdown, until it is edited; an answer that ended in a
 * crowd does not wait for that edit (`publisher.ts`), and says with commit 3 which messages need it still. What can't be
 * done now stays noted, and is tried again.
 */
export function createTidy(
  options: Pick<AnswerOptions, 'database' | 'surface' | 'reader' | 'pacer' | 'meter' | 'clock' | 'log'>,
): (job: Job, lease: Lease) => Promise<void> {
  const { database, clock } = options;
  return async ({ subject: id }, lease) => {
    const reply = await loadReply(database.query, id);
    // Opened again, it is drawn anew at its next end.
    if (reply === null || (reply.state !== 'shown' && reply.state !== 'failed')) return;
    if (reply.leftovers.length === 0) return;
    const { team, channel, threadTs } = reply;
    const log = options.log.child({ team, channel, thread: threadTs, reply: id });
    const { look } = await lastLook(options, reply, storedEnd(reply), reply.log, lease.signal);
    const show = openShow(
      reply,
      { team, channel, threadTs },
      {
        ...{ database, surface: options.surface, pacer: options.pacer, clock, log, lease },
        persistently: persistentlyUntil(lease.signal, { clock, log }),
        meter: options.meter ?? NO_METER,
        known: asTheyAre(reply, look),
        over: Promise.resolve(look),
        rests: false,
        onGone: () => {},
        onPressed: () => {},
      },
    );
    try {
      await show.finish(look);
      await noteLeftovers(database.query, lease.token, id, show.leftovers());
    } finally {
      await show.close();
    }
  };
}

/**
 * Its messages with what each shows. Where there are more or fewer of them than the look has, they were divided in another
 * way, or belonged to a longer version: then nothing is known of any of them, and all are drawn.
 */
function asTheyAre({ segments, leftovers }: StoredReply, look: Look) {
  const contents = look.segments.map(({ content }): SegmentContent => content);
  if (contents.length !== segments.length) return segments;
  return segments.map((segment) => {
    const content = contents[segment.index];
    if (content === undefined) return segment;
    return { ...segment, shows: { content, leftover: leftovers.includes(segment.index) } };
  });
}

/**
 * Has replies tidied whose workspace has an edit to spare at this moment, beside those for the ends of all that is being
 * written. Any number of processes may do it at once: a try has one job.
 */
export async function sweepLeftovers(
  { query, transaction }: Database,
  { room }: Pick<Pacer, 'room'>,
): Promise<void> {
  for (const { reply, conversation, team, questionTs, cause } of await untidyReplies(query, MOST_AT_ONCE)) {
    if (!room(team)) continue;
    const mailbox = mailboxOf(conversation);
    // Behind the questions that wait there.
    const job = { mailbox, team: '', place: `later ${questionTs}`, cause, name: TIDY, subject: reply };
    await transaction((tx) => enqueue(tx, job, null));
  }
}
