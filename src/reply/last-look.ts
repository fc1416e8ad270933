import type { Lease } from '../jobs/worker.ts';
import { replyTotal } from '../ledger/store.ts';
import type { AnswerOptions } from './answer.ts';
import { type End, lastLine } from './ending.ts';
import type { Ending } from './generate.ts';
import { lookOf } from './look.ts';
import * as notices from './notices.ts';
import type { Look } from './plan.ts';
import { createRenderer } from './render/renderer.ts';
import type { StoredReply } from './store.ts';
import * as store from './store.ts';
import { isSteady } from './stream-setting.ts';

/** The end that is stored of what a call to the model came to. `goneCode`: why the place is gone, if it is. */
export function endOf(ending: Ending | { kind: 'hint' }, goneCode: string | null): End {
  const none = { stoppedBy: null, errorCode: null, requestId: null };
  switch (ending.kind) {
    case 'ended':
      return { ...none, stopReason: ending.reason, requestId: ending.requestId };
    case 'failed':
      return {
        ...none,
        stopReason: 'failed',
        errorCode: ending.failure.code,
        requestId: ending.failure.requestId,
      };
    case 'empty':
      return { ...none, stopReason: 'failed', errorCode: 'MODEL_EMPTY' };
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

/** How a reply looks for ever after, made from what is stored alone. */
export async function lastLook(
  options: Pick<AnswerOptions, 'database' | 'reader' | 'clock'>,
  reply: StoredReply,
  end: End,
  text: string,
  lease: Lease,
): Promise<Look> {
  const [total, answered, stoppedByName] = await Promise.all([
    replyTotal(options.database.query, reply.id),
    store.loadReply(options.database.query, reply.id),
    end.stoppedBy === null ? 'someone' : options.reader.name(reply.team, end.stoppedBy),
  ]);
  const until = answered?.answeredAt ?? new Date(options.clock.now());
  if (lease.signal.aborted) throw new Error('the reply was handed over before its end');
  const line = lastLine(end, {
    reply: reply.id,
    hasText: text.trim() !== '',
    stoppedByName,
    maxTokens: reply.maxTokens,
    footer:
      reply.footer && total.calls > 0 && end.errorCode === null
        ? notices.footer({
            ...total,
            model: reply.model,
            seconds: (until.getTime() - reply.createdAt.getTime()) / 1000,
          })
        : null,
  });
  const renderer = createRenderer({ steady: isSteady(reply) });
  if (line.keepText) renderer.push(text);
  renderer.finish();
  return lookOf(renderer.segments(), line);
}
