import type { Clock } from '../../clock.ts';
import type { ErrorCode } from '../../errors.ts';
import { estimateTokens, NO_USAGE } from '../../ledger/usage.ts';
import { createWholeWords } from '../../render/words.ts';
import type { Model, ModelFailure, ModelRequest, StopReason, Turn, Usage } from '../ports.ts';
import type { Begun, Calls } from './calls.ts';
import { createSeam, goOnAfter } from './seam.ts';

export type Ending =
  | { readonly kind: 'ended'; readonly reason: StopReason; readonly requestId: string | null }
  | { readonly kind: 'failed'; readonly failure: ModelFailure }
  /** No budget has room for the call, or for what is missing of the answer. */
  | { readonly kind: 'unaffordable'; readonly code: ErrorCode }
  | { readonly kind: 'empty' }
  | { readonly kind: 'aborted' };

export interface GenerateOptions {
  readonly model: Model;
  readonly request: ModelRequest;
  /** Text of this answer that is already known: the model goes on after it. */
  readonly received: string;
  /** UTF-16 units of it that the tokens of this answer do not have to pay for: it was continued after them. */
  readonly paidBefore?: number;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Asked at the last moment before a request leaves; absent: always true. */
  readonly allowed?: () => boolean;
  readonly calls: Pick<Calls, 'begin' | 'started' | 'ended'>;
  readonly onText: (delta: string) => void;
  /** The model is thinking, and has written nothing yet. */
  readonly onThinking: () => void;
  /** A call failed and the next begins after `waitMs`; null: it goes on. */
  readonly onRetry: (
    retry: { attempt: number; of: number; failure: ModelFailure; waitMs: number } | null,
  ) => void;
}

/** Tries for one answer, the first one included. */
const MOST_TRIES = 5;
const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 20_000;
/** A pause longer than this that the provider asks for is not waited for: the person is told instead. */
const LONGEST_ASKED_MS = 60_000;

/** With fewer tokens left than this, going on would only repeat the last words. */
const LEAST_WORTH_ASKING = 24;

const NUDGE = 'Please answer my last message in words.';

/**
 * One answer from the model, over as many calls as it takes: a failed call is tried again, a broken stream
 * is gone on with after the text that is there, an empty answer is asked for once more. Every call is told
 * to the ledger, whatever became of it. Never throws because of the model.
 */
export async function generate(options: GenerateOptions): Promise<Ending> {
  const { request, clock, signal } = options;
  let received = options.received;
  let failures = 0;
  let nudged = false;

  for (;;) {
    if (signal.aborted) return { kind: 'aborted' };
    const turns = turnsOf(request.turns, received, nudged);
    // What was received has been paid for once; the rest of the answer has the rest of the tokens.
    const { paidBefore = 0 } = options;
    const maxTokens = request.maxTokens - estimateTokens(Math.max(0, received.length - paidBefore));
    if (received.length > paidBefore && maxTokens < LEAST_WORTH_ASKING)
      return { kind: 'ended', reason: 'max_tokens', requestId: null };
    const wanted = { ...request, turns, maxTokens };
    const begun = await options.calls.begin(wanted, signal);
    if (begun.kind !== 'begun') return begun;
    const result = await oneCall(options, { ...wanted, maxTokens: begun.maxTokens }, begun, received);
    received += result.text;
    const { end } = result;
    if (end.type === 'stop') {
      const ended: Ending = { kind: 'ended', reason: end.reason, requestId: result.requestId };
      // Cut by what is left of a budget, and not by what was asked for: it goes on if there is room again.
      if (end.reason === 'max_tokens' && begun.maxTokens < maxTokens && !result.silent) continue;
      if (end.reason === 'refusal' || !result.silent) return ended;
      // Nothing to add to a text that was cut: it was complete, or the model is silent, as for a first answer.
      if (nudged) return received.trim() === '' ? { kind: 'empty' } : ended;
      nudged = true;
      continue;
    }
    const { failure } = end;
    if (failure.kind === 'aborted' || signal.aborted) return { kind: 'aborted' };
    failures += 1;
    const waitMs = waitAfter(failures, failure, clock.random());
    if (!failure.retryable || failures >= MOST_TRIES || waitMs > LONGEST_ASKED_MS)
      return { kind: 'failed', failure };
    options.onRetry({ attempt: failures + 1, of: MOST_TRIES, failure, waitMs });
    await clock.sleep(waitMs, signal);
    options.onRetry(null);
  }
}

type End = { type: 'stop'; reason: StopReason } | { type: 'failure'; failure: ModelFailure };

async function oneCall(
  options: GenerateOptions,
  request: ModelRequest,
  { call }: Begun & { kind: 'begun' },
  before: string,
): Promise<{ text: string; silent: boolean; end: End; requestId: string | null }> {
  const seam = before === '' ? null : createSeam(before);
  // What is shown, and what is kept as shown, ends with a word's end while more may come.
  const words = createWholeWords();
  let text = '';
  let rawLength = 0;
  let silent = true;
  let usage: Usage | null = null;
  let requestId: string | null = null;
  let settled = false;
  let end: End | null = null;
  const take = (untrusted: string) => {
    // Postgres text cannot hold NUL, and the log must be able to hold the whole answer.
    const piece = untrusted.replaceAll('\0', '');
    if (piece === '') return;
    text += piece;
    options.onText(piece);
  };
  for await (const event of options.model.stream(request, options.signal, options.allowed)) {
    switch (event.type) {
      case 'started':
        usage = event.usage;
        requestId = event.requestId;
        options.calls.started({ call, usage, estimated: true, requestId });
        break;
      case 'text':
        rawLength += event.text.length;
        silent &&= event.text.trim() === '';
        take(words.push(seam === null ? event.text : seam.push(event.text)));
        break;
      case 'thinking':
        if (text === '') options.onThinking();
        break;
      case 'usage':
        usage = event.usage;
        settled = true;
        break;
      case 'stop':
        end = { type: 'stop', reason: event.reason };
        break;
      case 'failure':
        requestId = event.failure.requestId ?? requestId;
        end = { type: 'failure', failure: event.failure };
        break;
    }
  }
  if (end === null) throw new Error('the model port ended without stop or failure');
  const cut = end.type === 'failure' || end.reason === 'max_tokens';
  if (seam !== null) take(words.push(seam.finish({ cut })));
  // Half a word of a call that broke is not kept: the next call would have to find its other half.
  if (end.type === 'stop') take(words.finish());
  const exact = settled && end.type === 'stop';
  await options.calls.ended({
    call,
    requestId,
    estimated: !exact && usage !== null,
    usage: exact ? (usage ?? NO_USAGE) : estimate(usage, rawLength),
  });
  return { text, silent, end, requestId };
}

/** A cut call: what its start told about the input, and the output by the text that came. */
function estimate(usage: Usage | null, characters: number): Usage {
  if (usage === null) return NO_USAGE;
  return { ...usage, outputTokens: Math.max(usage.outputTokens, estimateTokens(characters)) };
}

function turnsOf(turns: readonly Turn[], received: string, nudged: boolean): readonly Turn[] {
  if (received.trim() !== '')
    return [
      ...turns,
      { role: 'assistant', blocks: [{ type: 'text', text: received.trimEnd() }] },
      { role: 'user', blocks: [{ type: 'text', text: goOnAfter(received) }] },
    ];
  if (nudged) return [...turns, { role: 'user', blocks: [{ type: 'text', text: NUDGE }] }];
  return turns;
}

function waitAfter(failures: number, failure: ModelFailure, random: number): number {
  const backoff = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (failures - 1)) * (1 - random / 4);
  return Math.round(Math.max(backoff, failure.retryAfterMs ?? 0));
}
