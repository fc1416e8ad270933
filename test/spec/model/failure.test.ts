import { APIConnectionTimeoutError, APIError, APIUserAbortError } from '@anthropic-ai/sdk';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isErrorCode } from '../../../src/errors.ts';
import { failureFrom } from '../../../src/model/failure.ts';

const NOW = Date.parse('2026-11-22T12:00:00Z');

function http(status: number, error: object, headers: Record<string, string> = {}) {
  const body = { type: 'error', error };
  return failureFrom(APIError.generate(status, body, undefined, new Headers(headers)), 'opening', NOW);
}

test.each([
  [{ 'retry-after': '2' }, 2_000],
  [{ 'retry-after': '0.5' }, 500],
  [{ 'retry-after-ms': '1500', 'retry-after': '9' }, 1_500],
  [{ 'retry-after': 'Sun, 22 Nov 2026 12:00:30 GMT' }, 30_000],
  [{ 'retry-after': 'Sun, 22 Nov 2026 11:00:00 GMT' }, 0],
  [{ 'retry-after': 'soon' }, null],
  [{}, null],
])('the waiting time of %j is %s ms', (headers, expected) => {
  expect(http(429, { type: 'rate_limit_error', message: 'slow down' }, headers).retryAfterMs).toBe(expected);
});

test('the wording of an error decides nothing but "prompt is too long"', () => {
  const error = (message: string) => http(400, { type: 'invalid_request_error', message }).code;
  expect(error('prompt is too long: 203052 tokens > 200000 maximum')).toBe('MODEL_PROMPT_TOO_LONG');
  expect(error('your words "prompt is too long" are odd')).toBe('MODEL_REQUEST_REJECTED');
  expect(error('overloaded, rate limit, billing')).toBe('MODEL_REQUEST_REJECTED');
});

test('the type counts where a status would mislead', () => {
  expect(http(503, { type: 'overloaded_error', message: '' }).code).toBe('MODEL_OVERLOADED');
  expect(http(400, { type: 'billing_error', message: '' })).toMatchObject({
    code: 'MODEL_BILLING',
    kind: 'rejected',
  });
});

test('an error inside a stream has no status and is told by its type', () => {
  const body = { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } };
  const error = new APIError(undefined, body, undefined, new Headers({ 'request-id': 'req_1' }));
  expect(failureFrom(error, 'reading', NOW)).toMatchObject({
    kind: 'error_event',
    code: 'MODEL_OVERLOADED',
    status: null,
    requestId: 'req_1',
  });
});

test('a timeout, an abort and a socket error are three things', () => {
  expect(failureFrom(new APIConnectionTimeoutError(), 'opening', NOW).kind).toBe('unavailable');
  expect(failureFrom(new APIUserAbortError(), 'opening', NOW).kind).toBe('aborted');
  expect(failureFrom(new TypeError('terminated'), 'reading', NOW).kind).toBe('connection_lost');
});

test('a message for the log names the cause, hides keys and stays short', () => {
  const cause = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
  const { message } = failureFrom(new TypeError('fetch failed', { cause }), 'opening', NOW);
  expect(message).toContain('ECONNREFUSED');
  const leaky = failureFrom(new Error(`key sk-ant-api03-secret ${'x'.repeat(5000)}`), 'opening', NOW).message;
  expect(leaky).not.toContain('secret');
  expect(leaky.length).toBeLessThanOrEqual(300);
});

test('whatever is thrown becomes a failure of the catalogue', () => {
  fc.assert(
    fc.property(fc.anything(), fc.constantFrom('opening', 'reading'), (thrown, stage) => {
      expect(isErrorCode(failureFrom(thrown, stage, NOW).code)).toBe(true);
    }),
    { numRuns: 300 },
  );
  fc.assert(
    fc.property(fc.integer({ min: 300, max: 599 }), fc.jsonValue(), (status, body) => {
      const error = APIError.generate(status, Object(body), undefined, new Headers());
      const failure = failureFrom(error, 'opening', NOW);
      expect(failure.status).toBe(status);
      expect(failure.kind === 'unavailable').toBe(failure.retryable && failure.kind !== 'malformed');
    }),
    { numRuns: 300 },
  );
});
