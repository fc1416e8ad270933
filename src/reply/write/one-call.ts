import type { Clock } from '../../clock.ts';
import type { TurnBlock } from '../../conversation/blocks.ts';
import { createWholeWords } from '../../render/words.ts';
import type { Model, ModelFailure, ModelRequest, StopReason, Usage } from '../ports.ts';
import type { Begun, CallEnd, Calls } from './calls.ts';
import { createSeam } from './seam.ts';

export interface CallOptions {
  readonly model: Model;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Asked at the last moment before a request leaves; absent: always true. */
  readonly allowed?: () => boolean;
  readonly calls: Pick<Calls, 'begin' | 'started' | 'ended'>;
  readonly onText: (delta: string) => void;
  /** A block is complete, and all of its text was told. `call`: the one that it came with. */
  readonly onBlock?: (block: TurnBlock, call: number) => void;
  /** Gives a call of a tool the id that it is known by from here on; absent: the one that it came with. */
  readonly nameCall?: (block: TurnBlock) => TurnBlock;
  /** The model has begun to think or goes on thinking, and has written nothing yet. */
  readonly onThinking: () => void;
}

type CallOutcome = { type: 'stop'; reason: StopReason } | { type: 'failure'; failure: ModelFailure };

interface CallResult {
  /** What was told of it: without words that were there before. */
  readonly text: string;
  /** All blocks, as they came but for ids that `nameCall` gave. */
  readonly blocks: readonly TurnBlock[];
  /** Nothing but blanks came. */
  readonly silent: boolean;
  /** The model is known to have thought. */
  readonly thought: boolean;
  readonly end: CallOutcome;
  readonly requestId: string | null;
}

/** So long after the last piece the end of a sentence is shown though nothing follows it. */
const SILENCE_MS = 300;

/** One call to the model, from its request to its last event. `before`: the text that it goes on after; '': none. */
export async function oneCall(
  options: CallOptions,
  request: ModelRequest,
  { call }: Begun & { kind: 'begun' },
  before: string,
): Promise<CallResult> {
  const { clock } = options;
  let seam = before === '' ? null : createSeam(before);
  // What is shown, and what is kept as shown, ends with a word's end while more may come.
  const words = createWholeWords();
  const blocks: TurnBlock[] = [];
  let text = '';
  /** Where in `text` the open block began, and whether it began in the words of a seam. */
  let from = 0;
  let seamed = false;
  let raw = '';
  let silent = true;
  let told: Usage | null = null;
  let thinking = false;
  /** Monotonic time since which there is no word, and the milliseconds of it; it ends with the first text. */
  let wordlessSince: number | null = null;
  let wordlessMs = 0;
  let requestId: string | null = null;
  let settled = false;
  let end: CallOutcome | null = null;
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
  /** A block is stored with all of its words; of one that repeats what was there, with what is new. */
  const complete = (came: TurnBlock) => {
    cancelSilence();
    const block = options.nameCall?.(came) ?? came;
    blocks.push(block);
    if (block.type !== 'text') return options.onBlock?.(block, call);
    if (seam !== null) take(words.push(seam.finish({ cut: false })));
    seam = null;
    take(words.finish());
    const fresh = text.slice(from);
    if (!seamed) options.onBlock?.(block, call);
    else if (fresh !== '') options.onBlock?.({ ...block, text: fresh }, call);
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
      case 'text_start':
        from = text.length;
        seamed = seam !== null;
        break;
      case 'block':
        if (event.block.type !== 'text') wordlessSince ??= clock.monotonic();
        complete(event.block);
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
    blocks,
    silentMs: wordlessMs,
  });
  const thought = thinking || (told?.thinkingTokens ?? 0) > 0;
  return { text, blocks, silent, thought, end, requestId };
}

/** What is known of the tokens of a call that ended like this. */
function countsOf(
  end: CallOutcome,
  { heard, settled }: { heard: boolean; settled: boolean },
): CallEnd['counts'] {
  if (end.type === 'stop') return settled ? 'told' : 'cut';
  const { kind, status, unsent } = end.failure;
  // An answer with a status of its own is no stream: an error, or a page that is not the provider's.
  return !heard && (kind === 'rejected' || status !== null || unsent === true) ? 'unbilled' : 'cut';
}
