import { APIConnectionError, APIError, APIUserAbortError } from '@anthropic-ai/sdk';
import { CATALOGUE, type ErrorCode, toError } from '../errors.ts';
import { withoutSecrets } from '../log.ts';
import type { FailureKind, ModelFailure } from '../reply/ports.ts';

/** The codes of `src/errors.ts` that a model call can end with. */
export type ModelFailureCode = Extract<ErrorCode, `MODEL_${string}`>;

/** When something was thrown: before the response headers came, or while the stream was read. */
export type Stage = 'opening' | 'reading';

/** Error bodies can be whole web pages (a proxy's 413); a log line needs no more than this. */
const MOST_MESSAGE_CHARACTERS = 300;

/** 429s that waiting does not cure: a monthly tier cap and a contract's cap. They need an admin. */
const SPEND_LIMIT_CODES: ReadonlySet<string> = new Set([
  'enforced_spend_limit_reached',
  'contract_spend_limit_reached',
  'linked_organization_spend_limit_reached',
]);

/** The one refusal that has no type or code of its own: "prompt is too long: 203052 tokens > 200000 maximum". */
const PROMPT_TOO_LONG = /^prompt is too long/;

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
      ? failureOf('error_event', codeOfEvent(thrown), message, facts)
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
  const code = codeOfStatus(error, status);
  const kind =
    code === 'MODEL_MALFORMED' ? 'malformed' : CATALOGUE[code].retryable ? 'unavailable' : 'rejected';
  return failureOf(kind, code, message, { ...facts, status });
}

function codeOfStatus(error: APIError, status: number): ModelFailureCode {
  if (isSpendLimit(error)) return 'MODEL_BILLING';
  if (error.type === 'overloaded_error' || status === 529) return 'MODEL_OVERLOADED';
  switch (status) {
    case 401:
    case 403:
      return 'MODEL_KEY_REJECTED';
    case 402:
      return 'MODEL_BILLING';
    case 404:
      return 'MODEL_UNKNOWN';
    case 408:
    case 409:
    case 499:
      return 'MODEL_ERROR';
    case 413:
      return 'MODEL_REQUEST_TOO_LARGE';
    case 429:
      return 'MODEL_BUSY';
    default:
      if (status >= 500) return 'MODEL_ERROR';
      // A 3xx that fetch could not follow: something that is not the API answers at this address.
      if (status < 400) return 'MODEL_MALFORMED';
      return PROMPT_TOO_LONG.test(error.apiMessage ?? '')
        ? 'MODEL_PROMPT_TOO_LONG'
        : 'MODEL_REQUEST_REJECTED';
  }
}

/** The same types come inside a stream, without a status and without the SDK's subclasses. */
function codeOfEvent(error: APIError): ModelFailureCode {
  if (isSpendLimit(error)) return 'MODEL_BILLING';
  switch (error.type) {
    case 'overloaded_error':
      return 'MODEL_OVERLOADED';
    case 'rate_limit_error':
      return 'MODEL_BUSY';
    case 'authentication_error':
    case 'permission_error':
      return 'MODEL_KEY_REJECTED';
    case 'not_found_error':
      return 'MODEL_UNKNOWN';
    case 'invalid_request_error':
      return PROMPT_TOO_LONG.test(error.apiMessage ?? '')
        ? 'MODEL_PROMPT_TOO_LONG'
        : 'MODEL_REQUEST_REJECTED';
    default:
      return 'MODEL_STREAM_ERROR';
  }
}

function isSpendLimit(error: APIError): boolean {
  return (
    error.type === 'billing_error' || (error.errorCode !== null && SPEND_LIMIT_CODES.has(error.errorCode))
  );
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
