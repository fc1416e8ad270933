import type { Clock } from '../../clock.ts';
import { acceptable, field } from '../../conversation/blocks.ts';
import { toError } from '../../errors.ts';
import { suspectFiles, withinRequest, withoutFiles } from '../../files/blocks.ts';
import type { Files } from '../../files/reading.ts';
import type { Lease } from '../../jobs/worker.ts';
import type { Log } from '../../log.ts';
import { spanned } from '../../operations/traces.ts';
import type { Database } from '../../postgres/database.ts';
import type { ConnectedTool } from '../../tools/connected.ts';
import type { WebTools } from '../../tools/offered.ts';
import { createSources } from '../../tools/sources.ts';
import { type Step, stepOf } from '../../tools/steps.ts';
import * as notices from '../../words/reply.ts';
import * as tools from '../../words/tools.ts';
import { forAWhile, type Persistently } from '../persistently.ts';
import type { Keep, Links, Model, ModelRequest, Reader, Turn, TurnBlock } from '../ports.ts';
import type { Show } from '../show/show.ts';
import { behindCall, behindMarks, closeOpen, gapBetween, marks } from '../show/sources.ts';
import type { StoredReply, ToolNote } from '../store.ts';
import { type CarryOut, createCarryOut } from '../tools/carry-out.ts';
import { createNaming, usesIn } from '../tools/names.ts';
import type { Calling } from '../tools/ports.ts';
import { usesOf } from '../tools/store.ts';
import { Waits } from '../waits/waits.ts';
import type { Calls } from './calls.ts';
import { compose } from './compose.ts';
import type { Ending, GenerateOptions } from './generate.ts';
import { systemPrompt } from './instructions.ts';
import { contentOf } from './logbook.ts';
import { loopOf } from './loop.ts';
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
  /** Names of the connected servers whose tools are offered here. */
  readonly tools: readonly string[];
  /** Absent: no server is connected. */
  readonly calling?: Calling;
  readonly persistently: Persistently;
  /** Opaque, stable id of a person for the model's provider. */
  readonly pseudonym: (team: string, user: string) => string;
  /** Aborts when nobody wants the answer from here any more. */
  readonly signal: AbortSignal;
  /** Where the text goes, and what the answer waits for. */
  readonly show: Pick<Show, 'text' | 'add' | 'block' | 'blocks' | 'waitFor' | 'keep'>;
}

/** What was made for an answer is stored within this time after it, in milliseconds, or for the next one. */
const SAVE_MS = 20_000;

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
  const { database, clock, log, lease, signal, show } = options;
  if (signal.aborted) return { kind: 'aborted' };
  const onBusy = (notice: string | null) => show.waitFor(notice ?? quietly(show));
  const prepared = await spanned('skein.prepare', { inside: true }, () =>
    prepare({ ...options, onBusy }, reply),
  );
  if (signal.aborted) return { kind: 'aborted' };
  let saving: Promise<unknown> | null = null;
  // Not before the model has the request: somebody is waiting for that.
  const saved = () =>
    (saving ??= forAWhile(prepared.save, { clock, signal: lease.signal, mostMs: SAVE_MS }).catch((err) =>
      log.warn({ err: toError(err) }, 'a transcript could not be stored'),
    ));
  if (prepared.empty) return saved().then(() => ({ kind: 'hint' }));
  const noted = (note: ToolNote) => noteTools(database.query, lease.token, reply, note);
  let web = options.web;
  let offered = await offeredHere(options, reply);
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
    system: systemPrompt(reply.instructions, { web: web !== null, servers: offered.length > 0 }),
    turns: withoutFiles(withinRequest(turns), refused),
    media: prepared.media,
    keep,
    user: options.pseudonym(reply.team, reply.asker),
    account: reply.team,
    ...(reply.effort === 'auto' ? {} : { effort: reply.effort }),
    ...(web === null && offered.length === 0 ? {} : { tools: { web, client: offered } }),
  });
  for (;;) {
    const ending = await composed(options, reply, { prepared, requestOf, refused, saved, offered });
    if (ending instanceof Waits) {
      await saved();
      return { kind: 'waits', wait: ending };
    }
    // A schema that a server made up may be one that the provider does not take. Nothing was called so far.
    if (offered.length > 0 && wasRejected(ending) && !hasCalled(options)) {
      offered = [];
      without = 'tools_rejected';
      continue;
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
  return wasRejected(ending) ? 'web_rejected' : null;
}

function wasRejected(ending: Ending): boolean {
  if (ending.kind !== 'failed') return false;
  return ['MODEL_REQUEST_REJECTED', 'MODEL_REQUEST_TOO_LARGE'].includes(ending.failure.code);
}

/** Whether this answer has called something of a connected server. */
function hasCalled({ show }: Pick<WriteOptions, 'show'>): boolean {
  return show.blocks().some(({ block }) => block?.type === 'tool_use');
}

/** The tools of the servers that the settings allow here. */
async function offeredHere(
  { calling, tools: servers }: WriteOptions,
  { team }: StoredReply,
): Promise<readonly ConnectedTool[]> {
  if (calling === undefined || servers.length === 0) return [];
  return calling.connected.offered({ team, servers });
}

async function composed(
  options: WriteOptions,
  reply: StoredReply,
  {
    prepared,
    requestOf,
    refused,
    saved,
    offered,
  }: {
    readonly prepared: Prepared;
    readonly offered: readonly ConnectedTool[];
    readonly requestOf: (turns: readonly Turn[], keep: Keep) => ModelRequest;
    /** Files that the provider does not take, by hash. */
    readonly refused: Set<string>;
    readonly saved: () => Promise<unknown>;
  },
): Promise<Ending | Waits> {
  const { database, log, lease, calls, show, calling, persistently } = options;
  const shown = showBlocks(show, offered);
  const noted = (note: ToolNote) => persistently(() => noteTools(database.query, lease.token, reply, note));
  const onBusy = (notice: string | null) => show.waitFor(notice ?? quietly(show));
  const ofCalls =
    calling === undefined || offered.length === 0
      ? {}
      : {
          carryOut: carryOut(calling),
          nameCall: createNaming([
            ...(await persistently(() => usesOf(database.query, reply.id))),
            ...usesIn(prepared.turns.flatMap(({ blocks }) => blocks)),
            ...usesIn(show.blocks().map(({ block }) => block)),
          ]),
        };
  const ending = await composeOrWait(
    {
      ...options,
      ...ofCalls,
      requestOf,
      content: () => contentOf(show.blocks(), show.text()),
      loop: () => loopOf(show.blocks(), show.text()),
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
      onCut: (call) => closeOpen(show, call ?? reply.calls),
      onEnough: () =>
        void noted('tools_limited').catch((err) =>
          log.warn({ err: toError(err) }, 'that an answer made all its calls could not be noted'),
        ),
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

  function carryOut(calling: Calling): CarryOut {
    const work = createCarryOut(reply, {
      ...options,
      ...calling,
      offered,
      content: () => contentOf(show.blocks(), show.text()),
      onCalling: (called) => show.waitFor(callLine(called)),
      onResult: shown.result,
    });
    return async (uses) => {
      // A call that is written down belongs to a block that the next owner finds.
      await show.keep();
      const results = await work(uses);
      show.waitFor(quietly(show));
      return results;
    };
  }
}

/** Puts what the model says and does into `show`: words with the numbers of their sources, and what it does meanwhile. */
function showBlocks(show: WriteOptions['show'], offered: readonly ConnectedTool[]) {
  const known = contentOf(show.blocks(), show.text());
  const sources = createSources(acceptable(known), false);
  const last = known.at(-1);
  let marked = false;
  /** Something else than words stands between the words so far and those to come. */
  let apart = last !== undefined && last.type !== 'text';
  let latest = show.blocks().at(-1)?.call ?? 0;
  return {
    text(delta: string) {
      const gap = apart ? gapBetween(show.text(), delta) : '';
      const next = apart ? behindCall(show.text(), delta) : delta;
      apart = false;
      if (gap !== '') {
        // Ours: what goes back to the model is as it wrote it.
        show.add(gap);
        show.block(null, latest);
        marked = false;
      }
      show.add(marked ? behindMarks(next) : next);
      marked = false;
    },
    block(block: TurnBlock, call: number) {
      latest = call;
      apart ||= block.type !== 'text';
      const mark = marks(sources.cite(block));
      if (mark !== '') show.add(mark);
      marked = mark !== '';
      show.block(block, call);
      const step = stepOf(block);
      if (step !== null) show.waitFor(stepLine(step, offered));
      else if (block.type !== 'text') show.waitFor(quietly(show));
    },
    result(result: TurnBlock) {
      // It belongs to the round of its call, whoever made that.
      const use = field(result, 'tool_use_id');
      const round = show.blocks().find(({ block }) => block?.type === 'tool_use' && block['id'] === use);
      apart = true;
      show.block(result, round?.call ?? latest);
    },
  };
}

function stepLine(step: Step, offered: readonly ConnectedTool[]): string {
  switch (step.kind) {
    case 'searching':
      return tools.searching(step.query);
    case 'reading':
      return tools.reading(step.host);
    case 'calling':
      return callLine(offered.filter(({ name }) => name === step.tool)) ?? tools.USING;
  }
}

/** What is called now, in one line; null: nothing. */
function callLine(calls: readonly { readonly server: string; readonly title: string }[]): string | null {
  const first = calls[0];
  return first === undefined ? null : tools.calling(first.server, first.title, calls.length - 1);
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
