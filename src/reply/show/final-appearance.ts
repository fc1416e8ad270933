import type { Clock } from '../../clock.ts';
import { notRead } from '../../files/store.ts';
import { formatUsd } from '../../ledger/cost.ts';
import { replyTotal } from '../../ledger/store.ts';
import type { Database } from '../../postgres/database.ts';
import { createRenderer } from '../../render/renderer.ts';
import { filesNotRead } from '../../words/files.ts';
import * as notices from '../../words/reply.ts';
import type { Reader } from '../ports.ts';
import type { StoredReply } from '../store.ts';
import * as store from '../store.ts';
import type { Written } from '../write/write.ts';
import { type End, lastLine } from './ending.ts';
import { lookOf } from './look.ts';
import type { Look } from './plan.ts';
import { missLines } from './sources.ts';
import { isSteady } from './stream-setting.ts';

/** The end that is stored of what a call to the model came to. `goneCode`: why the place is gone, if it is. */
export function endOf(ending: Written, goneCode: string | null): End {
  const none = { stoppedBy: null, errorCode: null, requestId: null };
  switch (ending.kind) {
    case 'ended':
      return { ...none, stopReason: ending.reason, requestId: ending.requestId };
    case 'failed':
      return {
        ...none,
        stopReason: ending.failure.code === 'MODEL_FILTERED' ? 'filtered' : 'failed',
        errorCode: ending.failure.code,
        requestId: ending.failure.requestId,
      };
    case 'unaffordable':
    case 'empty':
      return { ...none, stopReason: 'failed', errorCode: ending.code };
    case 'hint':
      return { ...none, stopReason: 'hint' };
    case 'aborted':
      return goneCode === null
        ? { ...none, stopReason: 'stopped' }
        : { ...none, stopReason: 'failed', errorCode: goneCode };
  }
}

export function storedEnd({
  stopReason,
  stoppedBy,
  errorCode,
}: Pick<StoredReply, 'stopReason' | 'stoppedBy' | 'errorCode'>): End {
  return { stopReason: stopReason ?? 'other', stoppedBy, errorCode, requestId: null };
}

/** How a finished reply looks, and the number of changes to it that this look shows. */
interface LastLook {
  readonly look: Look;
  readonly changes: number;
}

/**
 * How a reply looks for ever after, made from what is stored alone. Rejects once `signal` has aborted. `before`, `end`
 * and `text` belong together: what somebody changed since then is left to the job that came with the change.
 */
export async function lastLook(
  { database, reader, clock }: { database: Database; reader: Reader; clock: Clock },
  before: StoredReply,
  end: End,
  text: string,
  signal: AbortSignal,
): Promise<LastLook> {
  const [loaded, files, stoppedByName] = await Promise.all([
    store.loadReply(database.query, before.id),
    notRead(database.query, before.id),
    end.stoppedBy === null ? notices.SOMEONE : reader.name(before.team, end.stoppedBy),
  ]);
  const reply = loaded?.changes === before.changes ? loaded : before;
  const total = await replyTotal(database.query, reply.id, reply.versionCalls);
  if (signal.aborted) throw new Error('the reply was handed over before its end');
  const until = reply.answeredAt ?? new Date(clock.now());
  const { changes, version, versions, asker, outdated, questionDeleted, contextNote, maxTokens } = reply;
  const line = lastLine(end, {
    reply: reply.id,
    changes,
    version,
    versions,
    asker,
    outdated,
    questionDeleted,
    contextNote,
    toolNote: reply.toolNote,
    misses: missLines(reply.blocks.flatMap(({ block }) => block ?? [])),
    files: filesNotRead(files),
    maxTokens,
    continued: reply.continuedAt > 0,
    hasText: text.trim() !== '',
    stoppedByName,
    footer:
      reply.footer && total.calls > 0 && end.errorCode === null
        ? notices.footer({
            ...total,
            cost: total.cost === null ? null : formatUsd(total.cost),
            model: reply.model,
            seconds: reply.continuedAt > 0 ? null : secondsOf(reply, until),
          })
        : null,
  });
  const renderer = createRenderer({ steady: isSteady(reply) });
  if (line.keepText) renderer.push(text);
  renderer.finish();
  const surplus = line.keepText || versions > 1 ? notices.SURPLUS : notices.WITHDRAWN;
  const look = lookOf(renderer.segments(), line, { charts: renderer.charts(), over: true });
  return { look: { ...look, surplus }, changes };
}

/** From the question on; of a later version, from the press on. */
function secondsOf(reply: StoredReply, until: Date): number {
  const since = reply.version === 1 ? reply.createdAt : reply.begunAt;
  return Math.max(0, (until.getTime() - since.getTime()) / 1000);
}
