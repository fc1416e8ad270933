import type { ModelRequest } from '../ports.ts';
import type { ContextNote, StoredReply } from '../store.ts';
import { type FitOptions, fitContext } from './context.ts';
import { type Ending, type GenerateOptions, generate } from './generate.ts';
import type { Prepared } from './prepare.ts';

interface ComposeOptions
  extends Omit<FitOptions, 'refused'>,
    Pick<
      GenerateOptions,
      | 'paidBefore'
      | 'content'
      | 'loop'
      | 'carryOut'
      | 'onCut'
      | 'onEnough'
      | 'onText'
      | 'onBlock'
      | 'nameCall'
      | 'onThinking'
      | 'onRetry'
    > {
  /** Text of this answer that is already known. */
  readonly received: () => string;
  /** The model is not given all of the thread word by word: to be noted before it is asked. */
  readonly onNote: (note: ContextNote) => Promise<void>;
  /** A request was refused: whether it can be made again with fewer files. */
  readonly withFewerFiles: (request: ModelRequest) => Promise<boolean>;
  /** The model has begun with the answer itself, and not with a summary for it. */
  readonly onAsked: () => void;
}

/**
 * Whether a request was refused for a picture or a document in it: only the provider's sentence says so ("Could not process
 * image", "The PDF specified was not valid").
 */
function mayBeForFiles(ending: Ending): boolean {
  if (ending.kind !== 'failed' || ending.failure.code !== 'MODEL_REQUEST_REJECTED') return false;
  return /\b(?:images?|pdfs?|documents?|pages?|media_type|base64)\b/i.test(ending.failure.message);
}

/**
 * The answer to a prepared thread: fitted into what may be sent, then written by the model. A thread that the model
 * refuses as too long, whatever was reckoned before, is counted, shortened and sent once more. Never throws because of
 * the model.
 */
export async function compose(
  options: ComposeOptions,
  reply: StoredReply,
  prepared: Prepared,
): Promise<Ending> {
  let refusal: Ending | null = null;
  for (;;) {
    const refused = refusal !== null;
    const fitting = { ...options, refused, calls: carrying(options.calls, refused) };
    const { turns, keep, note, carries } = await fitContext(fitting, reply, prepared);
    if (options.signal.aborted) return { kind: 'aborted' };
    // Nothing could be taken away: the last question alone is too long.
    if (refusal !== null && note === null) return refusal;
    const told = prepared.unread ? 'unread' : note;
    if (told !== null) await options.onNote(told);
    const request = options.requestOf(turns, keep);
    const received = options.received();
    // The text of these calls is for the log; that of a summary is not.
    const calls: ComposeOptions['calls'] = {
      ...options.calls,
      begin: (wanted, signal, how) =>
        carrying(options.calls, refused || carries || prepared.unread).begin(wanted, signal, {
          ...how,
          from: options.received().length,
        }),
      started(start) {
        options.onAsked();
        options.calls.started(start);
      },
    };
    const ending = await generate({ ...options, request, received, calls });
    if (mayBeForFiles(ending) && (await options.withFewerFiles(request))) continue;
    const tooLong = ending.kind === 'failed' && ending.failure.code === 'MODEL_PROMPT_TOO_LONG';
    if (!tooLong || refused) return ending;
    refusal = ending;
  }
}

/** Calls that carry something, or those that do anyway. */
function carrying(calls: ComposeOptions['calls'], carries: boolean): ComposeOptions['calls'] {
  return {
    ...calls,
    begin: (request, signal, how) =>
      calls.begin(request, signal, { ...how, carries: carries || how?.carries === true }),
  };
}
