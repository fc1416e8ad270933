import {
  ProtocolError,
  SdkError,
  SdkErrorCode,
  SdkHttpError,
  UnauthorizedError,
} from '@modelcontextprotocol/client';
import { toError } from '../../errors.ts';
import type { CallOutcome } from '../connected.ts';
import { harmless, harmlessLine } from '../harmless.ts';
import { NotSent, type NotSentWhy, TooLarge } from './outgoing.ts';

/** What went wrong with a request to a server of tools. `message` is for people: one plain line. */
export type Failure =
  /** Nothing left, or nobody was there to take it. */
  | { readonly kind: 'not_sent'; readonly why: NotSentWhy; readonly message: string }
  /** 401 or 403: not with this account. */
  | { readonly kind: 'unauthorized'; readonly message: string }
  /** 404 to a session that was known. */
  | { readonly kind: 'session_lost'; readonly message: string }
  /** The server says that it will not do it: a status of 4xx, or an error of the protocol about the request. */
  | { readonly kind: 'refused'; readonly message: string }
  /** An error of the protocol that says nothing about what was done. */
  | { readonly kind: 'error'; readonly message: string }
  /** An answer came and was too large to read. */
  | { readonly kind: 'too_large'; readonly message: string }
  /** It left, and there was no answer that anybody could read. */
  | { readonly kind: 'unknown'; readonly message: string };

/** JSON-RPC 2.0, section 5.1: the request was not understood, so nothing was done. */
const NOT_DONE = new Set([-32700, -32600, -32601, -32602]);

/** What an error of the protocol's client, or of our `fetch` below it, means. `session`: there was one. */
export function failureOf(thrown: unknown, session: boolean): Failure {
  const inner = innermost(thrown);
  if (inner instanceof NotSent) return { kind: 'not_sent', why: inner.why, message: inner.message };
  if (inner instanceof TooLarge) return { kind: 'too_large', message: inner.message };
  for (const error of chain(thrown)) {
    if (error instanceof UnauthorizedError)
      return { kind: 'unauthorized', message: 'the server does not take the account (401)' };
    if (error instanceof SdkHttpError) return byStatus(error, session);
    if (error instanceof ProtocolError) {
      const message = harmlessLine(error.message, 500);
      return NOT_DONE.has(error.code) ? { kind: 'refused', message } : { kind: 'error', message };
    }
    if (error instanceof SdkError) {
      if (error.code === SdkErrorCode.CapabilityNotSupported)
        return { kind: 'refused', message: 'the server has no tools' };
      if (error.code === SdkErrorCode.UnsupportedResultType)
        return {
          kind: 'refused',
          message: 'the server asks for something in the middle of a call, which is not supported',
        };
      if (error.code === SdkErrorCode.NotConnected)
        return { kind: 'not_sent', why: 'unreachable', message: 'the connection was closed before the call' };
      if (error.code === SdkErrorCode.RequestTimeout)
        return { kind: 'unknown', message: 'the server did not answer in time' };
    }
  }
  return {
    kind: 'unknown',
    message: `no answer that can be read came (${harmlessLine(toError(inner).message, 200)})`,
  };
}

function byStatus(error: SdkHttpError, session: boolean): Failure {
  const status = error.data.status;
  const message = `the server answered with status ${status}`;
  if (status === 401 || status === 403) return { kind: 'unauthorized', message };
  if (status === 404 && session) return { kind: 'session_lost', message };
  if (status >= 300 && status < 500) return { kind: 'refused', message };
  return { kind: 'unknown', message };
}

/** How a call ended that failed so. */
export function outcomeOf(failure: Failure): CallOutcome {
  switch (failure.kind) {
    case 'not_sent':
      return { kind: 'not_done', why: 'unreachable', reason: failure.message };
    case 'unauthorized':
    case 'session_lost':
    case 'refused':
      return { kind: 'not_done', why: 'refused', reason: failure.message };
    case 'error':
      return {
        kind: 'done',
        parts: [{ type: 'text', text: harmless(failure.message) }],
        failed: true,
        cut: false,
      };
    case 'too_large':
      return {
        kind: 'done',
        parts: [{ type: 'text', text: `[The answer was not read: ${failure.message}.]` }],
        failed: false,
        cut: true,
      };
    case 'unknown':
      return { kind: 'unknown', reason: failure.message };
  }
}

function* chain(thrown: unknown): Generator<unknown> {
  for (let error = thrown, depth = 0; error !== undefined && depth < 6; depth++) {
    yield error;
    if (!(error instanceof Error)) return;
    // The package keeps the cause of some of its errors among their facts.
    const { data } = error as { data?: unknown };
    const kept = typeof data === 'object' && data !== null && 'cause' in data ? data.cause : undefined;
    error = error.cause ?? kept;
  }
}

/** The first error of the chain that is ours, else the last. */
function innermost(thrown: unknown): unknown {
  let last = thrown;
  for (const error of chain(thrown)) {
    if (error instanceof NotSent || error instanceof TooLarge) return error;
    last = error;
  }
  return last;
}
