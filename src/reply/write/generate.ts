import { backoff } from '../../clock.ts';
import { acceptable, type TurnBlock, textOf, turnsOfAnswer } from '../../conversation/blocks.ts';
import type { ErrorCode } from '../../errors.ts';
import { estimateTokens } from '../../tokens.ts';
import { searchesIn } from '../../tools/steps.ts';
import type { Effort, ModelFailure, ModelRequest, StopReason, Turn } from '../ports.ts';
import { type CarryOut, openUses } from '../tools/carry-out.ts';
import type { Loop } from './loop.ts';
import { type CallOptions, oneCall } from './one-call.ts';
import { GO_ON_AFTER_TOOLS, goOnAfter } from './seam.ts';

export type Ending =
  | { readonly kind: 'ended'; readonly reason: StopReason; readonly requestId: string | null }
  | { readonly kind: 'failed'; readonly failure: ModelFailure }
  /** No budget has room for the call, or for what is missing of the answer. */
  | { readonly kind: 'unaffordable'; readonly code: ErrorCode }
  /** No word came, also when it was asked for otherwise. */
  | { readonly kind: 'empty'; readonly code: ErrorCode }
  | { readonly kind: 'aborted' };

export interface GenerateOptions extends CallOptions {
  readonly request: ModelRequest;
  /** Text of this answer that is already known: the model goes on after it. */
  readonly received: string;
  /**
   * The answer so far as blocks, what came during this call to `generate` included; absent: it is `received` and what came,
   * because nothing but text can come.
   */
  readonly content?: () => readonly TurnBlock[];
  /** What is stored of it may be gone on with in the loop that it belongs to; absent: nothing is called that we carry out. */
  readonly loop?: () => Loop;
  /** Carries out what a round called. As `calls.begin`, it may throw `Waits`. */
  readonly carryOut?: CarryOut;
  /** Text that no block has is one by itself now. `call`: the one that it came with; null: that of an owner before us. */
  readonly onCut?: (call: number | null) => void;
  /** Rounds or time are used up, and the model is told to finish. */
  readonly onEnough?: () => void;
  /** UTF-16 units of it that the tokens of this answer do not have to pay for: it was continued after them. */
  readonly paidBefore?: number;
  /** A call failed and the next begins after `waitMs`; null: it goes on. */
  readonly onRetry: (
    retry: { attempt: number; of: number; failure: ModelFailure; waitMs: number } | null,
  ) => void;
}

/** Tries for one answer, the first one included. */
const MOST_TRIES = 5;
const BACKOFF = { first: 1000, most: 20_000 };
/** A pause longer than this that the provider asks for is not waited for: the person is told instead. */
const LONGEST_ASKED_MS = 60_000;

/** What is left to try where thinking used up an answer; every model that thinks has it or ignores the wish. */
const LOWEST: Effort = 'low';

/** With fewer tokens left than this, going on would only repeat the last words. */
const LEAST_WORTH_ASKING = 24;

/** So much new text, in UTF-16 units, makes a broken call one that moved on: failures before it are forgotten. */
const MOVED_ON = 1000;

/**
 * Rounds of one answer: calls that go on where the one before paused, or behind the results of what it called. The provider
 * pauses after ten steps of its own. Then the answer is finished without tools.
 */
const MOST_ROUNDS = 8;
/** Longer than this no owner of an answer looks things up, in milliseconds. */
const MOST_ROUNDS_MS = 10 * 60_000;

/** Behind the question that asks to go on. */
const ENOUGH = 'You have looked up as much as you may: finish the answer with what is there.';

const NUDGE = 'Please answer my last message in words.';
const NUDGE_ON = 'You were asked this before and wrote nothing: write the rest of the answer in words.';

/**
 * One answer from the model, over as many calls as it takes: a failed call is tried again, a broken stream is gone on
 * with after what is there, a round that paused goes on with its own blocks, and one that called something with those and the
 * results. An answer without a word is asked for once more, in other words and, where thinking used it up, at the lowest
 * effort: never the same call again. Every call is told to the ledger, whatever became of it. Never throws because of
 * the model; throws what `calls.begin` and `carryOut` throw.
 */
export async function generate(options: GenerateOptions): Promise<Ending> {
  const { clock, signal, paidBefore = 0 } = options;
  let { request } = options;
  let received = options.received;
  /** The answer up to where it was cut last, and what came in the rounds since then, unchanged. */
  let { before, since, uses } = goesOn(options, received);
  let rounds = roundsIn(options);
  /** As much was looked up as one answer may: it is to be finished with that. */
  let enough = false;
  const roundsUntil = clock.monotonic() + MOST_ROUNDS_MS;
  let failures = 0;
  let nudged = false;
  /** The call to the model that was made last. */
  let call: number | null = null;
  const finish = () => {
    enough = true;
    before = contentOf(options, received);
    since = [];
  };

  if (rounds >= MOST_ROUNDS && uses.length === 0) finish();

  for (;;) {
    if (signal.aborted) return { kind: 'aborted' };
    if (uses.length > 0 && options.carryOut !== undefined) {
      options.onCut?.(call);
      const results = await options.carryOut(uses);
      if (results === null) return { kind: 'aborted' };
      since = [...since, ...results];
      uses = [];
      rounds += 1;
      failures = 0;
      const usedUp = rounds >= MOST_ROUNDS || clock.monotonic() > roundsUntil;
      // The provider counts searches anew in each round.
      if (usedUp || hasSearched(options, request)) finish();
      if (usedUp) options.onEnough?.();
    }
    const turns = turnsOf(request.turns, { before, since, nudged, enough });
    // What was received has been paid for once; the rest of the answer has the rest of the tokens.
    const maxTokens = request.maxTokens - estimateTokens(received.slice(paidBefore), request.model);
    if (received.length > paidBefore && maxTokens < LEAST_WORTH_ASKING)
      return { kind: 'ended', reason: 'max_tokens', requestId: null };
    const looping = since.length > 0;
    const paused = looping && since.at(-1)?.type !== 'tool_result';
    // The tools stay as they are: a thought holds only behind those that it was thought with.
    const wanted = { ...request, turns, maxTokens, paused, mayCall: !enough };
    // What failed, or said nothing, or paused, is stored nowhere: another owner would try it all anew.
    const carries = failures > 0 || nudged || paused;
    const begun = await options.calls.begin(wanted, signal, { carries });
    if (begun.kind !== 'begun') return begun;
    if (!looping && request.tools !== undefined) options.onCut?.(call);
    call = begun.call;
    const seam = looping || behindResults(before) ? '' : wordsOf(before, received);
    const result = await oneCall(options, { ...wanted, maxTokens: begun.maxTokens }, begun, seam);
    received += result.text;
    const { end } = result;
    const called = options.carryOut === undefined ? [] : openUses(result.blocks);
    if (end.type === 'stop') {
      const ended: Ending = { kind: 'ended', reason: end.reason, requestId: result.requestId };
      // A call that `max_tokens` cut may not be whole; whoever presses Continue wants those before it.
      if (called.length > 0 && end.reason !== 'refusal' && end.reason !== 'max_tokens') {
        if (enough) return { ...ended, reason: 'paused' };
        since = [...since, ...result.blocks];
        uses = called;
        continue;
      }
      if (end.reason === 'paused' && result.blocks.length > 0) {
        if (enough) return ended;
        rounds += 1;
        since = [...since, ...result.blocks];
        if (rounds >= MOST_ROUNDS || clock.monotonic() > roundsUntil || hasSearched(options, request))
          finish();
        continue;
      }
      const silent = result.silent && called.length === 0;
      const cutByBudget = end.reason === 'max_tokens' && begun.maxTokens < maxTokens && !silent;
      if (end.reason === 'refusal' || (!silent && !cutByBudget)) return ended;
      // Cut by what is left of a budget, and not by what was asked for: it goes on if there is room again.
      if (cutByBudget) {
        ({ before, since, uses } = goesOn(options, received));
        continue;
      }
      before = contentOf(options, received);
      since = [];
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
    // Thoughts hold only behind exactly what they were thought behind: settings may have changed while a person decided.
    if (mayBeForThoughts(failure, since)) {
      before = contentOf(options, received);
      since = [];
      continue;
    }
    const movedOn = result.text.length >= MOVED_ON || acceptable(result.blocks).length > 0;
    failures = movedOn ? 1 : failures + 1;
    const waitMs = waitAfter(failures, failure, clock.random());
    if (!failure.retryable || failures >= MOST_TRIES || waitMs > LONGEST_ASKED_MS)
      return { kind: 'failed', failure };
    // A round that told nothing may be asked for again as it was; else what came is gone on with.
    if (result.text !== '' || result.blocks.length > 0) ({ before, since, uses } = goesOn(options, received));
    options.onRetry({ attempt: failures + 1, of: MOST_TRIES, failure, waitMs });
    await clock.sleep(waitMs, signal);
    options.onRetry(null);
  }
}

/** What of the answer is over, and what goes on. */
function goesOn(options: GenerateOptions, received: string): Loop {
  // Without tools of ours, calls of them are left out of the request.
  const mayLoop = options.loop !== undefined && (options.request.tools?.client.length ?? 0) > 0;
  return options.loop !== undefined && mayLoop
    ? options.loop()
    : { before: contentOf(options, received), since: [], uses: [] };
}

/** Rounds that owners before us carried out: each has results of its own, one after the other. */
function roundsIn({ content }: GenerateOptions): number {
  const blocks = content?.() ?? [];
  return blocks.filter((block, at) => isResult(block) && !isResult(blocks[at - 1])).length;
}

/** The words of an answer that goes on, with the blanks that it was shown with: those alone are in no block that may be sent. */
function wordsOf(before: readonly TurnBlock[], received: string): string {
  const words = textOf(before).trimEnd();
  return words === '' ? '' : words + received.slice(received.trimEnd().length);
}

const isResult = (block: TurnBlock | undefined): boolean => block?.type === 'tool_result';
const behindResults = (blocks: readonly TurnBlock[]): boolean => isResult(blocks.at(-1));

/** Recorded: "Invalid `signature` in `thinking` block. The block is bound to a different conversation." */
function mayBeForThoughts(failure: ModelFailure, since: readonly TurnBlock[]): boolean {
  if (failure.code !== 'MODEL_REQUEST_REJECTED' || !/thinking|signature/i.test(failure.message)) return false;
  return since.some(({ type }) => type.endsWith('thinking'));
}

/** The answer so far as it may be sent in a turn of its own. */
function contentOf({ content }: GenerateOptions, received: string): readonly TurnBlock[] {
  if (content !== undefined) return acceptable(content());
  return received.trim() === '' ? [] : [{ type: 'text', text: received }];
}

/** Whether an answer has made all the searches that it may: the provider counts those of one round. */
function hasSearched({ content }: GenerateOptions, { tools }: ModelRequest): boolean {
  return tools?.web != null && content !== undefined && searchesIn(content()) >= tools.web.searches;
}

/** `before`: what was cut, in a turn that is over; `since`: what has to stay the last turn, for the provider to go on in it. */
function turnsOf(
  turns: readonly Turn[],
  {
    before,
    since,
    nudged,
    enough,
  }: { before: readonly TurnBlock[]; since: readonly TurnBlock[]; nudged: boolean; enough: boolean },
): readonly Turn[] {
  const open = turnsOfAnswer(since);
  const say = (text: string): Turn => ({ role: 'user', blocks: [{ type: 'text', text }] });
  if (before.length === 0) return [...turns, ...(nudged ? [say(NUDGE)] : []), ...open];
  const last = before.at(-1);
  const said =
    last?.type === 'text' ? [...before.slice(0, -1), { ...last, text: last.text.trimEnd() }] : before;
  const words = textOf(said);
  const goOn = words.trim() === '' || behindResults(said) ? GO_ON_AFTER_TOOLS : goOnAfter(words);
  const ask = enough ? `${goOn} ${ENOUGH}` : goOn;
  return [...turns, ...turnsOfAnswer(said), say(nudged ? `${ask} ${NUDGE_ON}` : ask), ...open];
}

function waitAfter(failures: number, failure: ModelFailure, random: number): number {
  return Math.round(Math.max(backoff(BACKOFF, failures, random), failure.retryAfterMs ?? 0));
}
