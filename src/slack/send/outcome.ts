import type { StreamOutcome, WriteOutcome } from '../../reply/ports.ts';
import { NotAllowedAnyMore } from '../../send-guard.ts';
import { kindOf } from '../error-words.ts';

export type Refusal = Exclude<WriteOutcome, { kind: 'done' }>;
type StreamRefusal = Exclude<StreamOutcome, { kind: 'done' }>;

/** Without a header Slack means a limit of the channel or workspace: a few seconds. */
const NAMELESS_PAUSE_MS = 3000;

/** Longest reason that is logged, in characters. */
const MOST_REASON = 500;

/** Node's codes for a connection that never came to be: nothing can have been written. */
const NEVER_SENT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/**
 * What a failed Web API call means for a message. Branches on the SDK's `code` and on the kind of Slack's error
 * word (`error-words.ts`), never on prose.
 */
export function outcomeOf(thrown: unknown): Refusal {
  const error = fields(thrown);
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  switch (error.code) {
    case 'slack_webapi_rate_limited_error':
      return { kind: 'limited', retryAfterMs: Math.max(1, Number(error.retryAfter) || 1) * 1000 };
    case 'slack_webapi_platform_error':
      return ofPlatform(String(fields(error.data).error ?? ''), message, detailsOf(error.data));
    case 'slack_webapi_http_error':
      return Number(error.statusCode) >= 500
        ? { kind: 'unclear', code: 'SLACK_UNREACHABLE', message }
        : { kind: 'failed', code: 'SLACK_FAILED', message };
    case 'slack_webapi_request_error': {
      const never = causes(thrown).some(
        (cause) => cause instanceof NotAllowedAnyMore || NEVER_SENT.has(String(fields(cause).code)),
      );
      return { kind: never ? 'failed' : 'unclear', code: 'SLACK_UNREACHABLE', message };
    }
    default:
      return { kind: 'unclear', code: 'SLACK_FAILED', message };
  }
}

/** Slack's sentences about what it minds, one behind the other; '' if there are none. */
function detailsOf(data: unknown): string {
  const { messages } = fields(fields(data).response_metadata);
  return Array.isArray(messages) ? messages.map(String).join(' ') : '';
}

/**
 * Slack's word for a second table in a message: seen as the error itself, and as the reason that comes with
 * `invalid_attachments` or `invalid_blocks` (docs/slack-markdown.md).
 */
const SECOND_TABLE = 'only_one_table_allowed';

function ofPlatform(word: string, message: string, details: string): Refusal {
  switch (kindOf(word)) {
    case 'place':
    case 'message':
      return { kind: 'gone', code: 'SLACK_PLACE_GONE', message };
    case 'feature':
      return {
        kind: 'gone',
        code: word === 'missing_scope' ? 'SLACK_MISSING_SCOPE' : 'SLACK_PLACE_GONE',
        message,
      };
    case 'content':
    case 'trigger':
      return {
        kind: 'content_refused',
        code: 'SLACK_CONTENT_REFUSED',
        message: details === '' ? message : `${message}: ${details}`.slice(0, MOST_REASON),
        ...(`${word} ${details}`.includes(SECOND_TABLE) ? { tables: true } : {}),
      };
    case 'unclear':
      return { kind: 'unclear', code: 'SLACK_UNREACHABLE', message };
    case 'stream':
      return { kind: 'streaming', code: 'SLACK_FAILED', message };
    case 'credentials':
      // Slack says of one call what it does not say of the token (`credentials.ts` has asked): another try may pass.
      return { kind: 'failed', code: 'SLACK_AUTH_FAILED', message };
    case 'later':
      return word === 'ratelimited' || word === 'rate_limited'
        ? { kind: 'limited', retryAfterMs: NAMELESS_PAUSE_MS }
        : { kind: 'failed', code: 'SLACK_FAILED', message };
  }
}

/**
 * What a failed call about a native stream means. Every refusal that is about streams, the place or the content
 * says only that this way is closed: an ordinary post or edit finds out whether the place is gone.
 */
export function streamOutcomeOf({
  refusal: outcome,
  word,
  thrown,
}: {
  refusal: Refusal;
  word: string | null;
  thrown: unknown;
}): StreamRefusal {
  switch (outcome.kind) {
    case 'limited':
    case 'failed':
    case 'unclear':
    case 'unauthorised':
      return outcome;
    default: {
      const { message } = outcome;
      if (word === 'message_not_in_streaming_state') return { kind: 'over', message };
      if (word === 'stopped_by_user') return { kind: 'stopped', message };
      return { kind: 'refused', everywhere: isFeatureOff(thrown), message };
    }
  }
}

/** Slack's error word of a failed call, for callers that branch on one; null if it was no answer of Slack's. */
export function errorWord(thrown: unknown): string | null {
  const error = fields(thrown);
  return error.code === 'slack_webapi_platform_error' ? String(fields(error.data).error ?? '') : null;
}

/** Slack does not offer this to us in that workspace: a scope, a plan or a switch is missing. */
export function isFeatureOff(thrown: unknown): boolean {
  const word = errorWord(thrown);
  return word !== null && kindOf(word) === 'feature';
}

/** The HTTP status that Slack answered with instead of words; null if it was not that. */
export function statusOf(thrown: unknown): number | null {
  const error = fields(thrown);
  return error.code === 'slack_webapi_http_error' ? Number(error.statusCode) : null;
}

function causes(thrown: unknown): unknown[] {
  const chain: unknown[] = [];
  let next: unknown = thrown;
  for (let depth = 0; depth < 6 && next !== null && next !== undefined; depth++) {
    chain.push(next);
    next = fields(next).original ?? fields(next).cause;
  }
  return chain;
}

function fields(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
