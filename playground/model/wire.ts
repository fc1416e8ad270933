import type { IncomingHttpHeaders } from 'node:http';
import type { ModelFault } from './types.ts';

/** An HTTP refusal in the provider's envelope. */
export interface WireError {
  readonly status: number;
  readonly type: string;
  readonly message: string;
  readonly errorCode?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const TYPE_OF_STATUS: Readonly<Record<number, string>> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  402: 'billing_error',
  403: 'permission_error',
  404: 'not_found_error',
  409: 'conflict_error',
  413: 'request_too_large',
  422: 'invalid_request_error',
  429: 'rate_limit_error',
  504: 'timeout_error',
  529: 'overloaded_error',
};

const MESSAGE_OF_TYPE: Readonly<Record<string, string>> = {
  rate_limit_error: "This request would exceed your organization's rate limit.",
  overloaded_error: 'Overloaded',
  authentication_error: 'invalid x-api-key',
  billing_error: 'Your credit balance is too low to access the API.',
  api_error: 'Internal server error',
};

export const messageOfType = (type: string): string => MESSAGE_OF_TYPE[type] ?? type;

export function errorOfFault(fault: Extract<ModelFault, { kind: 'status' }>): WireError {
  const type = fault.type ?? TYPE_OF_STATUS[fault.status] ?? 'api_error';
  return {
    status: fault.status,
    type,
    message: fault.message ?? messageOfType(type),
    ...(fault.errorCode === undefined ? {} : { errorCode: fault.errorCode }),
    headers: {
      ...fault.headers,
      ...(fault.retryAfter === undefined ? {} : { 'retry-after': fault.retryAfter }),
    },
  };
}

export function errorBody(error: WireError, requestId: string): string {
  const details = error.errorCode === undefined ? {} : { details: { error_code: error.errorCode } };
  return JSON.stringify({
    type: 'error',
    error: { type: error.type, message: error.message, ...details },
    request_id: requestId,
  });
}

/** One server-sent event. Real `data` lines are padded with spaces now and then, so that sizes tell nothing. */
export function sseEvent(type: string, payload: object, padding: number): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...payload })}${' '.repeat(padding)}\n\n`;
}

/** The key of a request, by either header; `x-api-key` wins, as at the provider. */
export function keyOf(headers: IncomingHttpHeaders): string | null {
  const key = headers['x-api-key'];
  if (typeof key === 'string' && key !== '') return key;
  return /^Bearer\s+(\S+)$/i.exec(headers.authorization ?? '')?.[1] ?? null;
}

/** A page like those that a proxy sends in place of the API. */
export const webPage = (title: string): string =>
  `<html>\r\n<head><title>${title}</title></head>\r\n<body><center><h1>${title}</h1></center></body>\r\n</html>\r\n`;
