import type { webApi } from '@slack/bolt';

interface ClientOptionsInput {
  /** Ends in `/api/`; the token is sent wherever it points. */
  readonly slackApiUrl: string;
  /** Own fetch, e.g. for a proxy or to add headers: never add headers by `headers`, see below. */
  readonly fetch?: NonNullable<webApi.WebClientOptions['fetch']>;
  /** Milliseconds until a call is given up; then its outcome is unclear. Default 10,000. */
  readonly timeoutMs?: number;
}

/**
 * Options for every Web API client. A new object on each call, because the SDK writes into what it is given:
 * - Socket Mode puts 100 retries into the object, which then hold for all clients that share it;
 * - with `headers` the first token is written into that object and sent by every other client, one tenant's
 *   token for another tenant's message. So `headers` is never set.
 *
 * The SDK must not repeat or pause on its own: it repeats `chat.postMessage` after a timeout (a second
 * message), and on 429 it stops the whole queue of a workspace. `reply/` decides about both. Nor may a call wait in that
 * queue (of 100, unless told): the allowances say how many there are, and `onlyWhile` has to see each one begin.
 */
export function webClientOptions(input: ClientOptionsInput): webApi.WebClientOptions {
  return {
    slackApiUrl: input.slackApiUrl,
    rejectRateLimitedCalls: true,
    retryConfig: { retries: 0 },
    timeout: input.timeoutMs ?? 10_000,
    maxRequestConcurrency: Number.POSITIVE_INFINITY,
    ...(input.fetch === undefined ? {} : { fetch: input.fetch }),
  };
}
