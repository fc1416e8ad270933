import { questionText } from '../../conversation/store.ts';
import { toError } from '../../errors.ts';
import type { Log } from '../../log.ts';
import type { Database } from '../../postgres/database.ts';
import type { Aside } from '../ports.ts';
import type { StoredReply } from '../store.ts';
import { titleOf } from './heading.ts';

/**
 * Names a conversation of the app's messages by its first question, after its first answer, so that people find it
 * in their list. Never throws: an answer is done without it.
 */
export async function titleIfFirst(
  { database, aside, log }: { database: Database; aside?: Aside; log: Log },
  reply: StoredReply,
): Promise<void> {
  const { team, channel, threadTs, questionTs, kind, changes } = reply;
  if (aside === undefined || kind !== 'im' || threadTs !== questionTs || changes > 0) return;
  try {
    const title = titleOf((await questionText(database.query, reply.question)) ?? '');
    if (title !== null) await aside.title({ team, channel, threadTs }, title);
  } catch (thrown) {
    log.warn({ err: toError(thrown) }, 'a conversation was not given its title');
  }
}
