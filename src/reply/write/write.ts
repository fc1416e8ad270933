import type { Clock } from '../../clock.ts';
import { toError } from '../../errors.ts';
import { suspectFiles, withinRequest, withoutFiles } from '../../files/blocks.ts';
import type { Files } from '../../files/reading.ts';
import type { Lease } from '../../jobs/worker.ts';
import type { Log } from '../../log.ts';
import { spanned } from '../../operations/traces.ts';
import type { Database } from '../../postgres/database.ts';
import * as notices from '../../words/reply.ts';
import type { Keep, Links, Model, ModelRequest, Reader, Turn } from '../ports.ts';
import type { Show } from '../show/show.ts';
import type { StoredReply } from '../store.ts';
import { Waits } from '../waits/waits.ts';
import type { Calls } from './calls.ts';
import { compose } from './compose.ts';
import type { Ending, GenerateOptions } from './generate.ts';
import { systemPrompt } from './instructions.ts';
import { prepare } from './prepare.ts';
import { noteContext } from './store.ts';

export interface WriteOptions {
  readonly database: Database;
  readonly model: Model;
  readonly reader: Reader;
  /** Absent: links stay links. */
  readonly links?: Links;
  /** Absent: of files only the names are told. */
  readonly files?: Files;
  readonly clock: Clock;
  readonly log: Log;
  readonly lease: Lease;
  readonly calls: Calls;
  /** Most tokens of history. */
  readonly contextTokens: number;
  /** Opaque, stable id of a person for the model's provider. */
  readonly pseudonym: (team: string, user: string) => string;
  /** Aborts when nobody wants the answer from here any more. */
  readonly signal: AbortSignal;
  /** Where the text goes, and what the answer waits for. */
  readonly show: Pick<Show, 'text' | 'add' | 'waitFor'>;
}

/** How the writing of an answer ended; 'hint': its question has no words. */
export type Written = Ending | { readonly kind: 'hint' };

/**
 * Asks the model and hands its answer to `show`. Never throws because of the model. 'waits': the answer can't go on before
 * something has come from outside, and nothing is known here that is not stored.
 */
export async function write(
  options: WriteOptions,
  reply: StoredReply,
): Promise<Written | { readonly kind: 'waits'; readonly wait: Waits }> {
  const { database, log, lease, calls, signal, show } = options;
  if (signal.aborted) return { kind: 'aborted' };
  const onBusy = (notice: string | null) => show.waitFor(notice ?? quietly(show));
  const prepared = await spanned('skein.prepare', { inside: true }, () =>
    prepare({ ...options, onBusy }, reply),
  );
  if (signal.aborted) return { kind: 'aborted' };
  let saving: Promise<unknown> | null = null;
  // Not before the model has the request: somebody is waiting for that.
  const saved = () =>
    (saving ??= prepared
      .save()
      .catch((err) => log.warn({ err: toError(err) }, 'a transcript could not be stored')));
  if (prepared.empty) return saved().then(() => ({ kind: 'hint' }));
  const refused = new Set<string>();
  const requestOf = (turns: readonly Turn[], keep: Keep): ModelRequest => ({
    model: reply.model,
    maxTokens: reply.maxTokens,
    system: systemPrompt(reply.instructions),
    turns: withoutFiles(withinRequest(turns), refused),
    media: prepared.media,
    keep,
    user: options.pseudonym(reply.team, reply.asker),
    account: reply.team,
    ...(reply.effort === 'auto' ? {} : { effort: reply.effort }),
  });
  const ending = await composeOrWait(
    {
      ...options,
      requestOf,
      async withFewerFiles({ turns }) {
        const suspects = suspectFiles(turns);
        for (const hash of suspects) refused.add(hash);
        if (suspects.length === 0) return false;
        await saved();
        await options.files?.refused(reply.team, reply.id, suspects);
        return true;
      },
      allowed: () => lease.held(),
      onBusy,
      received: show.text,
      paidBefore: reply.continuedAt,
      onNote: (note) => noteContext(database.query, lease.token, reply.id, note),
      calls: {
        begin: calls.begin,
        ended: calls.ended,
        started(start) {
          void saved();
          calls.started(start);
        },
      },
      onAsked() {
        if (show.text() === '') show.waitFor(notices.THINKING, notices.thinkingWith(reply.effort));
      },
      onText: show.add,
      onThinking: () => {},
      onRetry: (retry) => tellRetry(options, retry),
    },
    reply,
    prepared,
  );
  await saved();
  if (ending instanceof Waits) return { kind: 'waits', wait: ending };
  if (ending.kind === 'failed') {
    const { code, kind, status: http, requestId, message } = ending.failure;
    log.error({ code, kind, http, requestId, reason: message }, 'the model could not answer');
  }
  return ending;
}

async function composeOrWait(...args: Parameters<typeof compose>): Promise<Ending | Waits> {
  try {
    return await compose(...args);
  } catch (thrown) {
    if (thrown instanceof Waits) return thrown;
    throw thrown;
  }
}

/** What stands under the text while nothing else is waited for. */
export function quietly({ text }: Pick<Show, 'text'>): string | null {
  return text() === '' ? notices.THINKING : null;
}

/** A blip is not worth a word; a wait that a person would notice is. */
function tellRetry(
  { show, log }: Pick<WriteOptions, 'show' | 'log'>,
  retry: Parameters<GenerateOptions['onRetry']>[0],
): void {
  if (retry === null) {
    show.waitFor(quietly(show));
    return;
  }
  const { code, kind, requestId, message } = retry.failure;
  show.waitFor(notices.busy(code, retry.attempt, retry.of));
  log.warn(
    { code, kind, requestId, reason: message, attempt: retry.attempt, waitMs: retry.waitMs },
    'a model call failed and is tried again',
  );
}
