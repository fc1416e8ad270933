import { APIConnectionError, APIError, APIUserAbortError } from '@anthropic-ai/sdk';
import { CATALOGUE, type ErrorCode, toError } from '../errors.ts';
import { withoutSecrets } from '../log.ts';
import type { FailureKind, ModelFailure } from '../reply/ports.ts';

/** The codes of `src/errors.ts` that a model call can end with. */
export type ModelFailureCode = Extract<ErrorCode, `MODEL_${string}`>;

/** When something was thrown: before the response headers came, or while the stream was read. */
type Stage = 'opening' | 'reading';

/** Error bodies can be whole web pages (a proxy's 413); a log line needs no more than this. */
const MOST_MESSAGE_CHARACTERS = 300;

/** 429s that waiting does not cure: a monthly tier cap and a contract's cap. They need an admin. */
const SPEND_LIMIT_CODES: ReadonlySet<string> = new Set([
  'enforced_spend_limit_reached',
  'contract_spend_limit_reached',
  'linked_organization_spend_limit_reached',
]);

/**
 * Refusals that come as `invalid_request_error` and are told by how their message begins, each as it stands in public
 * reports (GitHub issues): anthropics/claude-code 66314, 38035 and 55998, 72457, 58367 (as 400 and inside a stream);
 * many recordings; docker/docker-agent 569.
 */
const WORDS: readonly (readonly [RegExp, ModelFailureCode])[] = [
  [/^your credit balance is too low/i, 'MODEL_BILLING'],
  [/^you have reached your specified .{0,20}usage limits/i, 'MODEL_SPEND_LIMIT'],
  [/^this organization has been disabled/i, 'MODEL_ACCOUNT_DISABLED'],
  [/^output blocked by content filtering/i, 'MODEL_FILTERED'],
  [/^prompt is too long/i, 'MODEL_PROMPT_TOO_LONG'],
  // Seen as such only in descriptions of the switch in the provider's console, so any sentence about the tools counts, but
  // for those about the transcript, which begin with its place in it.
  [/^(?!messages\b).*\bweb[ _](?:search|fetch)/is, 'MODEL_WEB_FORBIDDEN'],
  [/^input length and `?max_tokens`? exceed context limit/i, 'MODEL_PROMPT_TOO_LONG'],
];

/** By the type of the error, wherever it comes: inside a stream there is no status and no subclass of the SDK. */
const TYPES: Readonly<Record<string, ModelFailureCode>> = {
  overloaded_error: 'MODEL_OVERLOADED',
  rate_limit_error: 'MODEL_BUSY',
  billing_error: 'MODEL_BILLING',
  authentication_error: 'MODEL_KEY_REJECTED',
  permission_error: 'MODEL_NOT_ALLOWED',
  invalid_request_error: 'MODEL_REQUEST_REJECTED',
};

/** By the status, where neither words nor type decide. */
const STATUSES: Readonly<Record<number, ModelFailureCode>> = {
  401: 'MODEL_KEY_REJECTED',
  402: 'MODEL_BILLING',
  403: 'MODEL_NOT_ALLOWED',
  408: 'MODEL_ERROR',
  409: 'MODEL_ERROR',
  413: 'MODEL_REQUEST_TOO_LARGE',
  429: 'MODEL_BUSY',
  499: 'MODEL_ERROR',
};

/** Statuses with which pages of proxies and of other servers come; those of 413, 429 and 5xx mean what they say. */
const PAGE_STATUSES: ReadonlySet<number> = new Set([400, 401, 403, 404, 405, 407, 410, 421, 451]);

interface FailureFacts {
  readonly retryAfterMs?: number | null;
  readonly status?: number | null;
  readonly type?: string | null;
  readonly requestId?: string | null;
  readonly unsent?: boolean;
}

/**
 * Errors of making a connection, by the codes of Node.js and undici (`lib/core/errors.js` there), and our own last look
 * (`send-guard.ts`): nothing of the request was written.
 */
const UNSENT =
  /\[(?:ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT)\]|\bthe right to write was lost\b/;

/** A failure of our own finding (stalled, ended early, aborted, …); retryable or not is the catalogue's word. */
export function failureOf(
  kind: FailureKind,
  code: ModelFailureCode,
  message: string,
  facts: FailureFacts = {},
): ModelFailure {
  return {
    kind,
    code,
    retryable: CATALOGUE[code].retryable,
    retryAfterMs: facts.retryAfterMs ?? null,
    status: facts.status ?? null,
    type: facts.type ?? null,
    requestId: facts.requestId ?? null,
    ...(facts.unsent === true ? { unsent: true } : {}),
    message: withoutSecrets(message).slice(0, MOST_MESSAGE_CHARACTERS),
  };
}

/**
 * Whatever the SDK threw, as a value. Told apart by class, status, type and error code. `now` is wall-clock
 * time in milliseconds, for a `retry-after` that is a date; `requestId` is that of the open stream.
 */
export function failureFrom(
  thrown: unknown,
  stage: Stage,
  now: number,
  requestId: string | null = null,
): ModelFailure {
  const message = describe(thrown);
  if (thrown instanceof APIUserAbortError) {
    return failureOf('aborted', 'MODEL_ABORTED', message, { requestId });
  }
  if (thrown instanceof APIConnectionError) {
    return failureOf('unavailable', 'MODEL_UNREACHABLE', message, {
      requestId,
      unsent: UNSENT.test(message),
    });
  }
  if (thrown instanceof APIError) {
    const facts = {
      type: thrown.type,
      requestId: thrown.requestID ?? requestId,
      retryAfterMs: retryAfter(thrown.headers, now),
    };
    return thrown.status === undefined
      ? failureOf('error_event', codeOf(thrown, null), message, facts)
      : fromStatus(thrown, thrown.status, message, facts);
  }
  if (thrown instanceof SyntaxError) {
    return failureOf('malformed', 'MODEL_MALFORMED', message, { requestId });
  }
  // Nothing else is thrown while a body is read but the socket's own errors, and nothing else before
  // the request leaves but the SDK's refusal to send it.
  return stage === 'reading'
    ? failureOf('connection_lost', 'MODEL_STREAM_CUT', message, { requestId })
    : failureOf('rejected', 'MODEL_REQUEST_REJECTED', message, { requestId });
}

function fromStatus(error: APIError, status: number, message: string, facts: FailureFacts): ModelFailure {
  const code = codeOf(error, status);
  const kind =
    code === 'MODEL_MALFORMED' ? 'malformed' : CATALOGUE[code].retryable ? 'unavailable' : 'rejected';
  return failureOf(kind, code, message, { ...facts, status });
}

/** `status` null: it came inside a stream. */
function codeOf(error: APIError, status: number | null): ModelFailureCode {
  if (error.errorCode !== null && SPEND_LIMIT_CODES.has(error.errorCode)) return 'MODEL_SPEND_LIMIT';
  const said: unknown = error.apiMessage;
  const words = typeof said === 'string' ? said : '';
  const meant = WORDS.find(([beginning]) => beginning.test(words))?.[1];
  if (meant !== undefined) return meant;
  if (error.type === 'not_found_error' || status === 404) {
    // Of a model that it does not know the API says "model: claude-…"; of an address, "Not Found".
    return /\bmodels?\b/i.test(words) ? 'MODEL_UNKNOWN' : 'MODEL_ADDRESS_WRONG';
  }
  const type = error.type === null || !Object.hasOwn(TYPES, error.type) ? undefined : TYPES[error.type];
  if (status === null) return type ?? 'MODEL_STREAM_ERROR';
  // The SDK keeps a body only if it is JSON.
  if (error.error === undefined && PAGE_STATUSES.has(status)) return 'MODEL_ADDRESS_WRONG';
  if (type === 'MODEL_OVERLOADED' || type === 'MODEL_BILLING') return type;
  if (status === 529) return 'MODEL_OVERLOADED';
  if (status >= 500) return 'MODEL_ERROR';
  // A 3xx that fetch could not follow: something that is not the API answers at this address.
  if (status < 400) return 'MODEL_MALFORMED';
  return STATUSES[status] ?? 'MODEL_REQUEST_REJECTED';
}

/** `retry-after-ms`, or `retry-after` in seconds or as an HTTP date, in milliseconds from `now`. */
function retryAfter(headers: Headers | undefined, now: number): number | null {
  const milliseconds = positive(headers?.get('retry-after-ms'));
  if (milliseconds !== null) return milliseconds;
  const raw = headers?.get('retry-after');
  const seconds = positive(raw);
  if (seconds !== null) return Math.round(seconds * 1000);
  const date = raw ? Date.parse(raw) : Number.NaN;
  return Number.isNaN(date) ? null : Math.max(0, date - now);
}

function positive(raw: string | null | undefined): number | null {
  return raw && /^\d+(\.\d+)?$/.test(raw.trim()) ? Number(raw) : null;
}

/** "fetch failed" and "terminated" say nothing without the cause below them. */
function describe(thrown: unknown): string {
  const parts: string[] = [];
  let error: unknown = thrown;
  for (let depth = 0; depth < 4 && error !== undefined; depth += 1) {
    const known = toError(error);
    const code = 'code' in known && typeof known.code === 'string' ? ` [${known.code}]` : '';
    parts.push(`${known.name}${code}: ${known.message}`);
    error = known.cause;
  }
  return parts.join(' < ');
}
