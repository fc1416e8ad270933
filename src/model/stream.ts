import type Anthropic from '@anthropic-ai/sdk';
import type { Clock } from '../clock.ts';
import { NO_USAGE } from '../ledger/usage.ts';
import type { ModelEvent, ModelFailure } from '../reply/ports.ts';
import { readStopReason, readStreamEvent, withReport } from './events.ts';
import { failureFrom, failureOf } from './failure.ts';
import { waitFor } from './wait.ts';

/** Longest silences that a call may have, in milliseconds. Anthropic's `ping`s do not count as a sign of life. */
export interface IdleLimits {
  /** From the request to the response headers. */
  readonly headers: number;
  /** From any event to the next, until the first text or thought: a model may think unseen for long. */
  readonly firstContent: number;
  /** From any event to the next, after that. */
  readonly between: number;
}

export const IDLE_LIMITS: IdleLimits = { headers: 60_000, firstContent: 120_000, between: 45_000 };

/** How long a finished stream may take to close before its connection is given up instead of reused. */
const CLOSING_MS = 1_000;
/** Backstop behind `IdleLimits.headers`, so that an abandoned attempt can't outlive it in the SDK. */
const SDK_TIMEOUT_SLACK_MS = 5_000;

export interface OpenStream {
  readonly events: AsyncIterator<unknown>;
  readonly requestId: string | null;
  /** Ends the connection. */
  readonly close: () => void;
}

export type Opened =
  | { readonly ok: true; readonly stream: OpenStream }
  | { readonly ok: false; readonly failure: ModelFailure; readonly tookTooLong: boolean };

/** One attempt to begin a stream, up to the response headers. Never throws. */
export async function openStream(
  client: Anthropic,
  params: Anthropic.MessageCreateParamsStreaming,
  limits: IdleLimits,
  clock: Clock,
  signal: AbortSignal,
): Promise<Opened> {
  // The caller's signal may live long; the SDK gets one that dies with this attempt.
  const attempt = new AbortController();
  const close = () => attempt.abort();
  const waited = await waitFor(
    request(client, params, limits.headers + SDK_TIMEOUT_SLACK_MS, attempt.signal),
    limits.headers,
    clock,
    signal,
  );
  if (waited.kind === 'value') {
    const { data, response } = waited.value;
    const requestId = response.headers.get('request-id');
    const type = response.headers.get('content-type') ?? '';
    if (type.toLowerCase().startsWith('text/event-stream')) {
      return { ok: true, stream: { events: data[Symbol.asyncIterator](), requestId, close } };
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
 * had told its stop reason is complete: all text and the final usage had come by then.
 */
export async function* readStream(
  stream: OpenStream,
  limits: IdleLimits,
  clock: Clock,
  signal: AbortSignal,
): AsyncGenerator<ModelEvent, void, undefined> {
  const { events, requestId } = stream;
  let usage = NO_USAGE;
  let stop: string | null = null;
  let hasContent = false;
  let mustClose = true;
  const fail = (failure: ModelFailure): ModelEvent => ({ type: 'failure', failure });
  try {
    while (true) {
      const limit = hasContent ? limits.between : limits.firstContent;
      const waited = await waitFor(events.next(), limit, clock, signal);
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
      if (waited.kind === 'too_long') {
        const message = `no event for ${limit} ms`;
        return yield fail(failureOf('stalled', 'MODEL_STALLED', message, { requestId }));
      }
      if (waited.kind === 'thrown') {
        return yield fail(failureFrom(waited.error, 'reading', clock.now(), requestId));
      }
      if (step === null) {
        const message = 'the stream was closed before message_stop';
        return yield fail(failureOf('ended_early', 'MODEL_STREAM_ENDED_EARLY', message, { requestId }));
      }
      switch (step.type) {
        case 'start':
          usage = withReport(usage, step.usage);
          yield { type: 'started', requestId, usage };
          break;
        case 'text':
        case 'thinking':
          hasContent = true;
          yield step;
          break;
        case 'progress':
          usage = withReport(usage, step.usage);
          stop = step.stop ?? stop;
          yield { type: 'usage', usage };
          break;
        default:
          break;
      }
    }
  } finally {
    if (mustClose) stream.close();
  }
}

export function aborted(requestId: string | null): ModelFailure {
  return failureOf('aborted', 'MODEL_ABORTED', 'ended by our own signal', { requestId });
}

const refused = (failure: ModelFailure): Opened => ({ ok: false, failure, tookTooLong: false });

/** Asynchronous, so that what the SDK throws before it sends anything is a rejection like the rest. */
async function request(
  client: Anthropic,
  params: Anthropic.MessageCreateParamsStreaming,
  timeout: number,
  signal: AbortSignal,
) {
  return await client.messages.create(params, { signal, timeout, maxRetries: 0 }).withResponse();
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
