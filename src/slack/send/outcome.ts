import type { StreamOutcome, WriteOutcome } from '../../reply/ports.ts';
import { NotAllowedAnyMore } from '../../send-guard.ts';

type Refusal = Exclude<WriteOutcome, { kind: 'done' }>;
type StreamRefusal = Exclude<StreamOutcome, { kind: 'done' }>;

/** Slack's words for "this can never be written there": the place, the message or our right to it is gone. */
const GONE = new Set([
  'channel_not_found',
  'not_in_channel',
  'is_archived',
  'is_inactive',
  'message_not_found',
  'thread_not_found',
  'cant_update_message',
  'cant_delete_message',
  'edit_window_closed',
  'cannot_reply_to_message',
  'messages_tab_disabled',
  'message_limit_exceeded',
  'posting_to_channel_denied',
  'no_permission',
  'access_denied',
  'ekm_access_denied',
  'app_access_restricted',
  'not_authed',
  'invalid_auth',
  'account_inactive',
  'token_revoked',
  'token_expired',
  'team_not_found',
  'team_access_not_granted',
  'user_not_found',
]);

/** These two may come after the message was stored (slack.dev: "may have partly succeeded"). */
const UNCLEAR = new Set([
  'internal_error',
  'fatal_error',
  'request_timeout',
  'service_unavailable',
  'update_failed',
]);

/** Without a header Slack means a limit of the channel or workspace: a few seconds. */
const NAMELESS_PAUSE_MS = 3000;

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
 * What a failed Web API call means for a message. Branches on the SDK's `code` and Slack's error word, never
 * on prose. An error word we do not know counts as refused content: a simpler form is tried once, then the
 * segment is given up rather than tried for ever.
 */
export function outcomeOf(thrown: unknown): Refusal {
  const error = fields(thrown);
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  switch (error.code) {
    case 'slack_webapi_rate_limited_error':
      return { kind: 'limited', retryAfterMs: Math.max(1, Number(error.retryAfter) || 1) * 1000 };
    case 'slack_webapi_platform_error':
      return ofPlatform(String(fields(error.data).error ?? ''), message);
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

function ofPlatform(error: string, message: string): Refusal {
  if (error === 'ratelimited' || error === 'rate_limited')
    return { kind: 'limited', retryAfterMs: NAMELESS_PAUSE_MS };
  if (error === 'missing_scope') return { kind: 'gone', code: 'SLACK_MISSING_SCOPE', message };
  if (GONE.has(error) || error.startsWith('restricted_action'))
    return { kind: 'gone', code: 'SLACK_PLACE_GONE', message };
  if (UNCLEAR.has(error)) return { kind: 'unclear', code: 'SLACK_UNREACHABLE', message };
  if (error === 'streaming_state_conflict') return { kind: 'streaming', code: 'SLACK_FAILED', message };
  return { kind: 'content_refused', code: 'SLACK_CONTENT_REFUSED', message };
}

/** Slack's words for "no native streams here", whatever the thread: old or restricted workspaces, missing scopes. */
const NO_STREAMS = new Set([
  'unknown_method',
  'method_deprecated',
  'feature_not_enabled',
  'missing_scope',
  'not_allowed_token_type',
]);

/**
 * What a failed call about a native stream means. Every refusal that is about streams, the place or the content
 * says only that this way is closed: an ordinary post or edit finds out whether the place is gone.
 */
export function streamOutcomeOf(thrown: unknown): StreamRefusal {
  const word = errorWord(thrown);
  const outcome = outcomeOf(thrown);
  switch (outcome.kind) {
    case 'limited':
      return outcome;
    case 'failed':
    case 'unclear':
      return outcome;
    default: {
      const { message } = outcome;
      if (word === 'message_not_in_streaming_state') return { kind: 'over', message };
      if (word === 'stopped_by_user') return { kind: 'stopped', message };
      return { kind: 'refused', everywhere: word !== null && NO_STREAMS.has(word), message };
    }
  }
}

/** Slack's error word of a failed call, for callers that branch on one; null if it was no answer of Slack's. */
export function errorWord(thrown: unknown): string | null {
  const error = fields(thrown);
  return error.code === 'slack_webapi_platform_error' ? String(fields(error.data).error ?? '') : null;
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
