import type { Clock } from '../../clock.ts';
import { acceptable } from '../../conversation/blocks.ts';
import { toError } from '../../errors.ts';
import { suspectFiles, withinRequest, withoutFiles } from '../../files/blocks.ts';
import type { Files } from '../../files/reading.ts';
import type { Lease } from '../../jobs/worker.ts';
import type { Log } from '../../log.ts';
import { spanned } from '../../operations/traces.ts';
import type { Database } from '../../postgres/database.ts';
import type { WebTools } from '../../tools/offered.ts';
import { createSources } from '../../tools/sources.ts';
import { type Step, stepOf } from '../../tools/steps.ts';
import * as notices from '../../words/reply.ts';
import * as tools from '../../words/tools.ts';
import type { Keep, Links, Model, ModelRequest, Reader, Turn, TurnBlock } from '../ports.ts';
import type { Show } from '../show/show.ts';
import { behindMarks, closeOpen, marks } from '../show/sources.ts';
import type { StoredReply, ToolNote } from '../store.ts';
import { Waits } from '../waits/waits.ts';
import type { Calls } from './calls.ts';
import { compose } from './compose.ts';
import type { Ending, GenerateOptions } from './generate.ts';
import { systemPrompt } from './instructions.ts';
import { contentOf } from './logbook.ts';
import { type Prepared, prepare } from './prepare.ts';
import { noteContext, noteTools } from './store.ts';
import type { WebGuard } from './web-guard.ts';

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
  /** What of the web the settings allow here; null: none of it. */
  readonly web: WebTools | null;
  readonly webGuard: WebGuard;
  /** Opaque, stable id of a person for the model's provider. */
  readonly pseudonym: (team: string, user: string) => string;
  /** Aborts when nobody wants the answer from here any more. */
  readonly signal: AbortSignal;
  /** Where the text goes, and what the answer waits for. */
  readonly show: Pick<Show, 'text' | 'add' | 'block' | 'blocks' | 'waitFor'>;
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
  const { database, log, lease, signal, show } = options;
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
  const noted = (note: ToolNote) => noteTools(database.query, lease.token, reply, note);
  let web = options.web;
  /** Why the web is not used though it is switched on. */
  let without: ToolNote | null = null;
  if (web !== null && options.webGuard.isForbidden(reply.team, reply.model)) {
    web = null;
    without = 'web_forbidden';
  }
  const refused = new Set<string>();
  const requestOf = (turns: readonly Turn[], keep: Keep): ModelRequest => ({
    model: reply.model,
    maxTokens: reply.maxTokens,
    system: systemPrompt(reply.instructions, { web: web !== null }),
    turns: withoutFiles(withinRequest(turns), refused),
    media: prepared.media,
    keep,
    user: options.pseudonym(reply.team, reply.asker),
    account: reply.team,
    ...(reply.effort === 'auto' ? {} : { effort: reply.effort }),
    ...(web === null ? {} : { tools: { web, client: [] } }),
  });
  for (;;) {
    const ending = await composed(options, reply, { prepared, requestOf, refused, saved });
    if (ending instanceof Waits) {
      await saved();
      return { kind: 'waits', wait: ending };
    }
    // What is asked for again was refused as it was; with the web, that may have been the reason.
    const note = web === null ? null : noteOf(ending);
    if (note === null) {
      await saved();
      if (without !== null && ending.kind !== 'unaffordable') await noted(without);
      return ending;
    }
    web = null;
    without = note;
    if (note === 'web_forbidden') options.webGuard.forbid(reply.team, reply.model);
  }
}

/** What may be the web's fault in an answer that came to nothing; null: nothing. */
function noteOf(ending: Ending): ToolNote | null {
  if (ending.kind === 'unaffordable') return 'web_unaffordable';
  if (ending.kind !== 'failed') return null;
  if (ending.failure.code === 'MODEL_WEB_FORBIDDEN') return 'web_forbidden';
  // Pages that were read make a thread large.
  const rejected = ['MODEL_REQUEST_REJECTED', 'MODEL_REQUEST_TOO_LARGE'].includes(ending.failure.code);
  return rejected ? 'web_rejected' : null;
}

async function composed(
  options: WriteOptions,
  reply: StoredReply,
  {
    prepared,
    requestOf,
    refused,
    saved,
  }: {
    readonly prepared: Prepared;
    readonly requestOf: (turns: readonly Turn[], keep: Keep) => ModelRequest;
    /** Files that the provider does not take, by hash. */
    readonly refused: Set<string>;
    readonly saved: () => Promise<unknown>;
  },
): Promise<Ending | Waits> {
  const { database, log, lease, calls, show } = options;
  const shown = showBlocks(show);
  const onBusy = (notice: string | null) => show.waitFor(notice ?? quietly(show));
  const ending = await composeOrWait(
    {
      ...options,
      requestOf,
      content: () => contentOf(show.blocks(), show.text()),
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
      onText: shown.text,
      onBlock: shown.block,
      onCut: () => closeOpen(show, reply.calls),
      onThinking: () => {},
      onRetry: (retry) => tellRetry(options, retry),
    },
    reply,
    prepared,
  );
  if (ending instanceof Waits) return ending;
  if (ending.kind === 'failed') {
    const { code, kind, status: http, requestId, message } = ending.failure;
    log.error({ code, kind, http, requestId, reason: message }, 'the model could not answer');
  }
  return ending;
}

/** Puts what the model says and does into `show`: words with the numbers of their sources, and what it does meanwhile. */
function showBlocks(show: WriteOptions['show']) {
  const sources = createSources(acceptable(contentOf(show.blocks(), show.text())), false);
  let marked = false;
  return {
    text(delta: string) {
      show.add(marked ? behindMarks(delta) : delta);
      marked = false;
    },
    block(block: TurnBlock, call: number) {
      const mark = marks(sources.cite(block));
      if (mark !== '') show.add(mark);
      marked = mark !== '';
      show.block(block, call);
      const step = stepOf(block);
      if (step !== null) show.waitFor(stepLine(step));
      else if (block.type !== 'text') show.waitFor(quietly(show));
    },
  };
}

function stepLine(step: Step): string {
  switch (step.kind) {
    case 'searching':
      return tools.searching(step.query);
    case 'reading':
      return tools.reading(step.host);
    case 'calling':
      return tools.calling(step.tool);
  }
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
