import type { Clock } from '../../clock.ts';
import type { ErrorCode } from '../../errors.ts';
import { createWholeWords } from '../../render/words.ts';
import { estimateTokens } from '../../tokens.ts';
import type { Effort, Model, ModelFailure, ModelRequest, StopReason, Turn, Usage } from '../ports.ts';
import type { Begun, CallEnd, Calls } from './calls.ts';
import { createSeam, goOnAfter } from './seam.ts';

export type Ending =
  | { readonly kind: 'ended'; readonly reason: StopReason; readonly requestId: string | null }
  | { readonly kind: 'failed'; readonly failure: ModelFailure }
  /** No budget has room for the call, or for what is missing of the answer. */
  | { readonly kind: 'unaffordable'; readonly code: ErrorCode }
  /** No word came, also when it was asked for otherwise. */
  | { readonly kind: 'empty'; readonly code: ErrorCode }
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
  /** The model has begun to think or goes on thinking, and has written nothing yet. */
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

/** What is left to try where thinking used up an answer; every model that thinks has it or ignores the wish. */
const LOWEST: Effort = 'low';

/** With fewer tokens left than this, going on would only repeat the last words. */
const LEAST_WORTH_ASKING = 24;

/** So much new text, in UTF-16 units, makes a broken call one that moved on: failures before it are forgotten. */
const MOVED_ON = 1000;

/** So long after the last piece the end of a sentence is shown though nothing follows it. */
const SILENCE_MS = 300;

const NUDGE = 'Please answer my last message in words.';
const NUDGE_ON = 'You were asked this before and wrote nothing: write the rest of the answer in words.';

/**
 * One answer from the model, over as many calls as it takes: a failed call is tried again, a broken stream is gone on
 * with after the text that is there. An answer without a word is asked for once more, in other words and, where thinking
 * used it up, at the lowest effort: never the same call again. Every call is told to the ledger, whatever became of it.
 * Never throws because of the model; throws what `calls.begin` throws.
 */
export async function generate(options: GenerateOptions): Promise<Ending> {
  const { clock, signal, paidBefore = 0 } = options;
  let { request } = options;
  let received = options.received;
  let failures = 0;
  let nudged = false;

  for (;;) {
    if (signal.aborted) return { kind: 'aborted' };
    const turns = turnsOf(request.turns, received, nudged);
    // What was received has been paid for once; the rest of the answer has the rest of the tokens.
    const maxTokens = request.maxTokens - estimateTokens(received.slice(paidBefore), request.model);
    if (received.length > paidBefore && maxTokens < LEAST_WORTH_ASKING)
      return { kind: 'ended', reason: 'max_tokens', requestId: null };
    const wanted = { ...request, turns, maxTokens };
    // What failed, or said nothing, is stored nowhere: another owner would try it all anew.
    const begun = await options.calls.begin(wanted, signal, { carries: failures > 0 || nudged });
    if (begun.kind !== 'begun') return begun;
    const result = await oneCall(options, { ...wanted, maxTokens: begun.maxTokens }, begun, received);
    received += result.text;
    const { end } = result;
    if (end.type === 'stop') {
      const ended: Ending = { kind: 'ended', reason: end.reason, requestId: result.requestId };
      // Cut by what is left of a budget, and not by what was asked for: it goes on if there is room again.
      if (end.reason === 'max_tokens' && begun.maxTokens < maxTokens && !result.silent) continue;
      if (end.reason === 'refusal' || !result.silent) return ended;
      const usedUp = result.thought && end.reason === 'max_tokens';
      if (nudged || (usedUp && request.effort === LOWEST)) {
        // Nothing to add to a text that was cut: it was complete, or the model is silent, as for a first answer.
        if (received.trim() !== '') return ended;
        return { kind: 'empty', code: usedUp ? 'MODEL_ONLY_THINKING' : 'MODEL_EMPTY' };
      }
      nudged = true;
      if (result.thought) request = { ...request, effort: LOWEST };
      continue;
    }
    const { failure } = end;
    if (failure.kind === 'aborted' || signal.aborted) return { kind: 'aborted' };
    failures = result.text.length >= MOVED_ON ? 1 : failures + 1;
    const waitMs = waitAfter(failures, failure, clock.random());
    if (!failure.retryable || failures >= MOST_TRIES || waitMs > LONGEST_ASKED_MS)
      return { kind: 'failed', failure };
    options.onRetry({ attempt: failures + 1, of: MOST_TRIES, failure, waitMs });
    await clock.sleep(waitMs, signal);
    options.onRetry(null);
  }
}

type End = { type: 'stop'; reason: StopReason } | { type: 'failure'; failure: ModelFailure };

interface CallResult {
  readonly text: string;
  /** Nothing but blanks came. */
  readonly silent: boolean;
  /** The model is known to have thought. */
  readonly thought: boolean;
  readonly end: End;
  readonly requestId: string | null;
}

async function oneCall(
  options: GenerateOptions,
  request: ModelRequest,
  { call }: Begun & { kind: 'begun' },
  before: string,
): Promise<CallResult> {
  const { clock } = options;
  const seam = before === '' ? null : createSeam(before);
  // What is shown, and what is kept as shown, ends with a word's end while more may come.
  const words = createWholeWords();
  let text = '';
  let raw = '';
  let silent = true;
  let told: Usage | null = null;
  let thinking = false;
  /** Monotonic time since which there is no word, and the milliseconds of it; it ends with the first text. */
  let wordlessSince: number | null = null;
  let wordlessMs = 0;
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
  let cancelSilence = () => {};
  const wordsBegin = () => {
    if (wordlessSince !== null) wordlessMs += clock.monotonic() - wordlessSince;
    wordlessSince = null;
  };
  for await (const event of options.model.stream(request, options.signal, options.allowed)) {
    switch (event.type) {
      case 'started':
        told = event.usage;
        requestId = event.requestId;
        wordlessSince = clock.monotonic();
        options.calls.started({ call, usage: told, requestId });
        break;
      case 'text':
        wordsBegin();
        raw += event.text;
        silent &&= event.text.trim() === '';
        take(words.push(seam === null ? event.text : seam.push(event.text)));
        cancelSilence();
        if (words.sentenceEnds()) cancelSilence = clock.after(SILENCE_MS, () => take(words.finish()));
        break;
      case 'thinking':
        thinking = true;
        wordlessSince ??= clock.monotonic();
        if (text === '') options.onThinking();
        break;
      case 'usage':
        told = event.usage;
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
  cancelSilence();
  if (end === null) throw new Error('the model port ended without stop or failure');
  wordsBegin();
  const cut = end.type === 'failure' || end.reason === 'max_tokens';
  if (seam !== null) take(words.push(seam.finish({ cut })));
  // Half a word of a call that broke is not kept: the next call would have to find its other half.
  if (end.type === 'stop') take(words.finish());
  await options.calls.ended({
    call,
    requestId,
    told,
    counts: countsOf(end, { heard: told !== null, settled }),
    text: raw,
    silentMs: wordlessMs,
  });
  const thought = thinking || (told?.thinkingTokens ?? 0) > 0;
  return { text, silent, thought, end, requestId };
}

/** What is known of the tokens of a call that ended like this. */
function countsOf(end: End, { heard, settled }: { heard: boolean; settled: boolean }): CallEnd['counts'] {
  if (end.type === 'stop') return settled ? 'told' : 'cut';
  const { kind, status, unsent } = end.failure;
  // An answer with a status of its own is no stream: an error, or a page that is not the provider's.
  return !heard && (kind === 'rejected' || status !== null || unsent === true) ? 'unbilled' : 'cut';
}

function turnsOf(turns: readonly Turn[], received: string, nudged: boolean): readonly Turn[] {
  if (received.trim() !== '')
    return [
      ...turns,
      { role: 'assistant', blocks: [{ type: 'text', text: received.trimEnd() }] },
      {
        role: 'user',
        blocks: [{ type: 'text', text: nudged ? `${goOnAfter(received)} ${NUDGE_ON}` : goOnAfter(received) }],
      },
    ];
  if (nudged) return [...turns, { role: 'user', blocks: [{ type: 'text', text: NUDGE }] }];
  return turns;
}

function waitAfter(failures: number, failure: ModelFailure, random: number): number {
  const backoff = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (failures - 1)) * (1 - random / 4);
  return Math.round(Math.max(backoff, failure.retryAfterMs ?? 0));
}
