import type { Clock } from '../../clock.ts';
import { sayTheSame } from '../../conversation/store.ts';
import { beginSummary, dropSummary, finishSummary } from '../../conversation/summaries/store.ts';
import { buildTranscript, wordsOf } from '../../conversation/transcript.ts';
import {
  type Placed,
  part,
  pieces,
  type Summary,
  summaryTurn,
  turnsTokens,
  turnTokens,
} from '../../conversation/window.ts';
import { toError } from '../../errors.ts';
import type { Log } from '../../log.ts';
import type { Database } from '../../postgres/database.ts';
import { SUMMARISING } from '../../words/reply.ts';
import type { Keep, Model, ModelRequest, Turn } from '../ports.ts';
import type { ContextNote, StoredReply } from '../store.ts';
import type { Calls } from './calls.ts';
import { generate } from './generate.ts';
import { SUMMARY_RULES, summaryTask } from './instructions.ts';
import type { Prepared } from './prepare.ts';

interface Fitted {
  readonly turns: readonly Turn[];
  readonly keep: Keep;
  /** What became of the earlier part of the thread for this answer; null: it was given as before. */
  readonly note: ContextNote | null;
  /** What was made for this, or failed, is stored nowhere: another owner of the reply would pay for it again. */
  readonly carries: boolean;
}

export interface FitOptions {
  readonly database: Database;
  readonly model: Model;
  readonly log: Log;
  /** Most tokens of history (setting `context_tokens`). */
  readonly contextTokens: number;
  /** The request that these turns would make. */
  readonly requestOf: (turns: readonly Turn[], keep: Keep) => ModelRequest;
  readonly calls: Pick<Calls, 'begin' | 'started' | 'ended'>;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** The model has refused the thread as too long: it is counted and shortened in any case. */
  readonly refused?: boolean;
  /** Asked at the last moment before a request leaves. */
  readonly allowed: () => boolean;
  /** What the answer waits for; null: for nothing any more. */
  readonly onBusy: (notice: string | null) => void;
}

/** Every model that we know holds this much, with the longest answer. */
const ALWAYS_FITS = 100_000;
/** What a model that we do not know holds at least: every model since 2024 does. */
const LEAST_WINDOW_TOKENS = 200_000;
/** Kept free in the model's window besides the answer. */
const MARGIN_TOKENS = 2000;
/** The rough size of a text is a little too large: this part of it is likely for prose. */
const LIKELY = 0.75;
/** How much of a thread is given to a model that has refused the whole, if by every count it fits. */
const REFUSED_PART = 0.75;
/** Most tokens of a summary; of a short thread at most a fifth of what is allowed. */
const SUMMARY_TOKENS = 1500;
/** A word of English has 1.3 to 2 tokens, one of Russian, German or Hindi up to 2.5. */
const TOKENS_PER_WORD = 2.5;
/** What one call reads of a thread, for a summary that leaves nothing out. */
const MOST_READ_TOKENS = 60_000;

/**
 * A thread that is longer than it may be is given to the model in two parts: a summary of the earlier one, made once by
 * the model and stored, and the newer half of what is allowed, word by word, so that there is room for a while. Where a
 * summary can't be made, the earlier part is left out of this answer; either is told under it.
 */
export async function fitContext(
  options: FitOptions,
  reply: StoredReply,
  prepared: Prepared,
): Promise<Fitted> {
  const { turns, said, summary } = prepared;
  const { contextTokens, refused = false } = options;
  const whole: Fitted = { turns, keep: prepared.keep, note: null, carries: false };
  const rough = turnsTokens(turns, reply.model);
  if (!refused && rough <= Math.min(contextTokens, ALWAYS_FITS)) return whole;
  const full = options.requestOf(turns, prepared.keep);
  const most = await options.model.mostTokens(full, { exact: true });
  const aside = turnTokens(full.system, reply.model);
  // While the provider can't be asked, a thread that probably fits is sent: it can still be refused.
  const history =
    most.counted === true
      ? Math.max(1, (most.promptTokens ?? most.inputTokens) - aside)
      : Math.ceil(rough * LIKELY);
  const window = (most.windowTokens ?? LEAST_WINDOW_TOKENS) - aside;
  const possible = Math.min(contextTokens, window - most.outputTokens - MARGIN_TOKENS);
  const room = refused ? Math.min(possible, Math.floor(history * REFUSED_PART)) : possible;
  if (history <= room) return whole;

  // Sizes are rough here, so the room is made as rough.
  const inRough = (tokens: number) => Math.floor((tokens * rough) / history);
  const maxTokens = Math.min(SUMMARY_TOKENS, Math.floor(room / 5));
  const { earlier, kept: newer } = part(said, inRough(room / 2 - maxTokens));
  const last = earlier.at(-1);
  if (last === undefined) return whole;
  const named = reply.kind !== 'im';
  const { turns: rest } = buildTranscript(newer, { named });
  // Another beginning than that of the call before.
  const anew: Keep = { ...prepared.keep, sentBefore: 0, keptBefore: 0 };
  const read = Math.min(MOST_READ_TOKENS, inRough(window) - 4 * SUMMARY_TOKENS);
  const draft = await beginSummary(options.database, reply.conversation, last.slackTs);
  const text = await summarise(options, { earlier, named, summary, read, maxTokens });
  if (text === null) {
    await dropSummary(options.database.query, draft);
    if (!options.signal.aborted)
      options.log.warn({ messages: earlier.length }, 'the earlier part of a thread is left out');
    const without = summary === null ? rest : [summaryTurn(summary), ...rest];
    return { turns: without, keep: anew, note: 'left_out', carries: true };
  }
  const kept = await keep(options, reply, { draft, text, earlier });
  const shorter = [summaryTurn({ until: last.slackTs, text }), ...rest];
  return { turns: shorter, keep: anew, note: 'summarised', carries: !kept };
}

/** The text is stored if it was made of what is there now: what was read before the draft began may have changed. */
async function keep(
  { database, log }: FitOptions,
  reply: StoredReply,
  { draft, text, earlier }: { draft: string; text: string; earlier: readonly Placed[] },
): Promise<boolean> {
  try {
    const same = await sayTheSame(database.query, earlier);
    if (same && (await finishSummary(database, draft, text))) return true;
    await dropSummary(database.query, draft);
    log.info({ conversation: reply.conversation }, 'a summary was not kept: what it is made of has changed');
  } catch (thrown) {
    log.warn({ err: toError(thrown) }, 'a summary could not be stored; the next question makes it again');
  }
  return false;
}

/** Piece by piece, each together with the summary so far; null if the model gave none. */
async function summarise(
  options: FitOptions,
  {
    earlier,
    named,
    summary,
    read,
    maxTokens,
  }: {
    earlier: readonly Placed[];
    named: boolean;
    summary: Summary | null;
    /** Rough tokens of each piece. */
    read: number;
    maxTokens: number;
  },
): Promise<string | null> {
  const lines = buildTranscript(earlier, { named }).turns.flatMap(({ role, blocks }) => {
    const said = wordsOf(blocks, role === 'assistant' ? '' : '\n');
    // What tools gave is told by the answer that was made of it.
    if (said.trim() === '') return [];
    if (role === 'assistant') return [`You: ${said}`];
    return [named ? said : `They: ${said}`];
  });
  let text = summary?.text ?? null;
  let made = false;
  const calls: FitOptions['calls'] = {
    ...options.calls,
    async begin(request, signal, how) {
      const begun = await options.calls.begin(request, signal, {
        ...how,
        carries: made || how?.carries === true,
      });
      made ||= begun.kind === 'begun';
      return begun;
    },
  };
  options.onBusy(SUMMARISING);
  for (const piece of pieces(lines, read)) {
    text = await shortened({ ...options, calls }, { before: text, piece, maxTokens });
    if (text === null) break;
  }
  options.onBusy(null);
  return text;
}

/**
 * A summary that is whole: it is told how many words it has, gets twice the tokens that these take, and is asked for once
 * more, in half as many words, if it was cut all the same. What is cut is the end: what is still open.
 */
async function shortened(
  options: FitOptions,
  { before, piece, maxTokens }: { before: string | null; piece: string; maxTokens: number },
): Promise<string | null> {
  const words = Math.max(50, Math.floor(maxTokens / TOKENS_PER_WORD));
  for (const most of [words, Math.floor(words / 2)]) {
    const result = await written(options, summaryTask(before, piece, most), 2 * maxTokens);
    if (result === null || !result.cut) return result?.text ?? null;
  }
  return null;
}

/** What the model writes for a task beside the answer; null: nothing that could stand for anything. */
async function written(
  options: FitOptions,
  task: string,
  maxTokens: number,
): Promise<{ text: string; cut: boolean } | null> {
  const turn: Turn = { role: 'user', blocks: [{ type: 'text', text: task }] };
  // Nothing of this call is sent again.
  const { tools: _, ...request } = options.requestOf([turn], { next: 'never', sentBefore: 0, keptBefore: 0 });
  let text = '';
  // Only this: what else is among the options is about the answer.
  const { model, clock, signal, allowed, calls } = options;
  const ending = await generate({
    ...{ model, clock, signal, allowed, calls },
    request: { ...request, system: SUMMARY_RULES, maxTokens, effort: 'low' },
    received: '',
    onText: (delta) => {
      text += delta;
    },
    onThinking: () => {},
    onRetry: () => {},
  });
  if (ending.kind !== 'ended' || ending.reason === 'refusal' || text.trim() === '') return null;
  const cut = ending.reason === 'max_tokens' || ending.reason === 'context_full';
  return { text: text.trim(), cut };
}
