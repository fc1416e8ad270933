import type Anthropic from '@anthropic-ai/sdk';
import type { Clock } from '../clock.ts';
import { NO_USAGE } from '../ledger/usage.ts';
import type { ModelEvent, ModelFailure } from '../reply/ports.ts';
import { type Allowed, sentOnlyWhile } from '../send-guard.ts';
import { createBlockReader } from './blocks.ts';
import { readStopReason, readStreamEvent, withReport } from './events.ts';
import { failureFrom, failureOf } from './failure.ts';
import { eventsOf } from './sse.ts';
import { waitFor } from './wait.ts';

/**
 * Longest silences that a call may have, in milliseconds. While text is written only events count as a sign of life;
 * before it and between blocks, when a model may think unseen for minutes, Anthropic's `ping`s do too ("event streams
 * may also include any number of ping events", its streaming guide).
 */
export interface IdleLimits {
  /** From the request to the response headers. */
  readonly headers: number;
  /** Without any sign of life while no text is being written. */
  readonly firstContent: number;
  /** From one event to the next while text is being written. */
  readonly between: number;
  /** With nothing but pings: twice as long as the largest room for thinking takes at 70 tokens a second. */
  readonly pingsOnly: number;
}

export const IDLE_LIMITS: IdleLimits = {
  headers: 60_000,
  firstContent: 120_000,
  between: 45_000,
  pingsOnly: 30 * 60_000,
};

/** How long a finished stream may take to close before its connection is given up instead of reused. */
const CLOSING_MS = 1_000;
/** Backstop behind `IdleLimits.headers`, so that an abandoned attempt can't outlive it in the SDK. */
const SDK_TIMEOUT_SLACK_MS = 5_000;

interface OpenStream {
  readonly events: AsyncIterator<unknown>;
  readonly requestId: string | null;
  /** Ends the connection. */
  readonly close: () => void;
}

type Opened =
  | { readonly ok: true; readonly stream: OpenStream }
  | { readonly ok: false; readonly failure: ModelFailure; readonly tookTooLong: boolean };

/** One attempt to begin a stream, up to the response headers. Never throws. */
export async function openStream(
  client: Anthropic,
  params: Anthropic.MessageCreateParamsStreaming,
  limits: IdleLimits,
  clock: Clock,
  signal: AbortSignal,
  allowed?: Allowed,
): Promise<Opened> {
  // The caller's signal may live long; the SDK gets one that dies with this attempt.
  const attempt = new AbortController();
  const close = () => attempt.abort();
  const waited = await waitFor(
    request(client, params, {
      signal: attempt.signal,
      timeout: limits.headers + SDK_TIMEOUT_SLACK_MS,
      maxRetries: 0,
      ...(allowed === undefined ? {} : { fetchOptions: sentOnlyWhile(allowed) }),
    }),
    limits.headers,
    clock,
    signal,
  );
  if (waited.kind === 'value') {
    const response = waited.value;
    const requestId = response.headers.get('request-id');
    const type = response.headers.get('content-type') ?? '';
    if (type.toLowerCase().startsWith('text/event-stream')) {
      return { ok: true, stream: { events: eventsOf(response), requestId, close } };
    }
    close();
    const message = `${response.status} with content-type "${type}" in place of an event stream`;
    const facts = { status: response.status, requestId };
    return refused(failureOf('malformed', 'MODEL_MALFORMED', message, facts));
  }
  close();
  if (waited.kind === 'aborted') return refused(aborted(null));
  if (waited.kind === 'thrown') return refused(failureFrom(waited.error, 'opening', clock.now()));
  const message = `no response headers after ${limits.headers} ms`;
  return {
    ok: false,
    failure: failureOf('unavailable', 'MODEL_UNREACHABLE', message),
    tookTooLong: true,
  };
}

/**
 * The events of an open stream. The last one is always `stop` or `failure`. A stream that broke after it
 * had told its stop reason is complete: all text and the final usage had come by then. With `blocks`, the blocks are told
 * too, each when it is complete.
 */
export async function* readStream(
  stream: OpenStream,
  limits: IdleLimits,
  clock: Clock,
  signal: AbortSignal,
  { blocks = false }: { readonly blocks?: boolean } = {},
): AsyncGenerator<ModelEvent, void, undefined> {
  const { events, requestId } = stream;
  const reader = blocks ? createBlockReader() : null;
  let usage = NO_USAGE;
  let stop: string | null = null;
  let hasStarted = false;
  let strange = 0;
  let writing = false;
  let lifeless = 0;
  let pingsOnly = 0;
  let mustClose = true;
  const fail = (failure: ModelFailure): ModelEvent => ({ type: 'failure', failure });
  try {
    while (true) {
      const silence: number = writing ? limits.between : limits.firstContent;
      const onlyPings: boolean = limits.pingsOnly - pingsOnly < silence - lifeless;
      const limit: number = onlyPings ? limits.pingsOnly - pingsOnly : silence - lifeless;
      // Only what is waited here counts: whoever reads the events may take long over one.
      const since = clock.monotonic();
      const waited = await waitFor(events.next(), Math.max(0, limit), clock, signal);
      lifeless += clock.monotonic() - since;
      pingsOnly += clock.monotonic() - since;
      if (waited.kind === 'aborted') return yield fail(aborted(requestId));
      const step = waited.kind === 'value' && !waited.value.done ? readStreamEvent(waited.value.value) : null;
      const isOver = step === null ? stop !== null : step.type === 'end';
      if (isOver) {
        if (step !== null) {
          mustClose = false;
          void closeQuietly(stream, clock);
        }
        return yield { type: 'stop', reason: readStopReason(stop), raw: stop };
      }
      if (waited.kind === 'too_long') return yield fail(stalled(onlyPings, pingsOnly, requestId));
      if (waited.kind === 'thrown') {
        return yield fail(failureFrom(waited.error, 'reading', clock.now(), requestId));
      }
      if (step === null) return yield fail(closedEarly(!hasStarted && strange > 0, requestId));
      const whole = waited.kind === 'value' ? reader?.take(waited.value.value) : null;
      if (!writing || step.type !== 'ping') lifeless = 0;
      if (step.type !== 'ping') pingsOnly = 0;
      switch (step.type) {
        case 'start':
          hasStarted = true;
          usage = withReport(usage, step.usage);
          yield { type: 'started', requestId, usage };
          break;
        case 'text':
        case 'thinking':
          writing = step.type === 'text';
          yield step;
          break;
        case 'block_end':
          writing = false;
          break;
        case 'other':
          strange += 1;
          break;
        case 'progress':
          usage = withReport(usage, step.usage);
          stop = step.stop ?? stop;
          yield { type: 'usage', usage };
          break;
        default:
          break;
      }
      if (whole != null) yield whole;
    }
  } finally {
    if (mustClose) stream.close();
  }
}

export function aborted(requestId: string | null): ModelFailure {
  return failureOf('aborted', 'MODEL_ABORTED', 'ended by our own signal', { requestId });
}

/** Without a sign of life the same call may go well; one that only ever thinks would be bought to think again. */
function stalled(onlyPings: boolean, ms: number, requestId: string | null): ModelFailure {
  const message = `nothing but pings for ${Math.round(ms)} ms`;
  return failureOf('stalled', onlyPings ? 'MODEL_ONLY_THINKING' : 'MODEL_STALLED', message, { requestId });
}

/** Events came and none of them was Anthropic's: something else answers at this address. */
function closedEarly(strange: boolean, requestId: string | null): ModelFailure {
  return strange
    ? failureOf('malformed', 'MODEL_MALFORMED', 'a stream without message_start', { requestId })
    : failureOf('ended_early', 'MODEL_STREAM_ENDED_EARLY', 'the stream was closed before message_stop', {
        requestId,
      });
}

const refused = (failure: ModelFailure): Opened => ({ ok: false, failure, tookTooLong: false });

/** Asynchronous, so that what the SDK throws before it sends anything is a rejection like the rest. */
async function request(
  client: Anthropic,
  params: Anthropic.MessageCreateParamsStreaming,
  options: Anthropic.RequestOptions,
) {
  return await client.messages.create(params, options).asResponse();
}

/** Reads to the end of the body, so that the connection can carry the next call. */
async function closeQuietly(stream: OpenStream, clock: Clock): Promise<void> {
  const cancel = clock.after(CLOSING_MS, stream.close);
  try {
    let ended = false;
    while (!ended) ended = (await stream.events.next()).done === true;
  } catch {
    // The answer is complete; how its connection ends changes nothing.
  } finally {
    cancel();
  }
}
