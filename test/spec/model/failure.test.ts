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

const LOW_CREDIT =
  'Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing to upgrade or purchase credits.';
const LIMIT =
  'You have reached your specified API usage limits. You will regain access on 2026-12-01 at 00:00 UTC.';
const TOO_LONG =
  'input length and `max_tokens` exceed context limit: 178959 + 64000 > 200000, decrease input length or `max_tokens` and try again';

/** As they stand in public reports, with the status that they came with there. */
test.each([
  [400, LOW_CREDIT, 'MODEL_BILLING'],
  [400, LIMIT, 'MODEL_SPEND_LIMIT'],
  [400, LIMIT.replace('API', 'workspace API'), 'MODEL_SPEND_LIMIT'],
  [400, 'This organization has been disabled.', 'MODEL_ACCOUNT_DISABLED'],
  [400, 'Output blocked by content filtering policy', 'MODEL_FILTERED'],
  [400, 'prompt is too long: 203052 tokens > 200000 maximum', 'MODEL_PROMPT_TOO_LONG'],
  [400, TOO_LONG, 'MODEL_PROMPT_TOO_LONG'],
])('a %i that says "%s" is told as what it is, whatever it comes as', (status, message, code) => {
  for (const type of ['invalid_request_error', 'api_error', 'rate_limit_error'])
    for (const one of [status, 402, 403, 429, 500]) {
      const failure = http(one, { type, message });
      expect(failure.code).toBe(code);
      expect(failure.retryable).toBe(false);
    }
  const body = { type: 'error', error: { type: 'invalid_request_error', message } };
  expect(failureFrom(new APIError(undefined, body, undefined, undefined), 'reading', NOW).code).toBe(code);
});

test('only the beginning of what an error says decides, because people are quoted in it', () => {
  const error = (message: string) => http(400, { type: 'invalid_request_error', message }).code;
  expect(error('your words "prompt is too long" are odd')).toBe('MODEL_REQUEST_REJECTED');
  expect(error('overloaded, rate limit, billing')).toBe('MODEL_REQUEST_REJECTED');
  expect(error(`messages.0: ${LOW_CREDIT}`)).toBe('MODEL_REQUEST_REJECTED');
});

test('a refused key, a model that is not allowed, one that is gone, and a wrong address are four things', () => {
  expect(http(401, { type: 'authentication_error', message: 'invalid x-api-key' }).code).toBe(
    'MODEL_KEY_REJECTED',
  );
  expect(http(403, { type: 'permission_error', message: 'not allowed' }).code).toBe('MODEL_NOT_ALLOWED');
  const gone = (message: string) => http(404, { type: 'not_found_error', message }).code;
  expect(gone('model: claude-3-opus')).toBe('MODEL_UNKNOWN');
  expect(gone('The model `x` does not exist')).toBe('MODEL_UNKNOWN');
  expect(gone('Not Found')).toBe('MODEL_ADDRESS_WRONG');
});

test.each([400, 401, 403, 404, 405, 407])('a web page with %i is no word of the API', (status) => {
  const error = APIError.generate(status, undefined, '<html>model not found</html>', new Headers());
  expect(failureFrom(error, 'opening', NOW)).toMatchObject({ code: 'MODEL_ADDRESS_WRONG', retryable: false });
});

test.each([
  [413, 'MODEL_REQUEST_TOO_LARGE'],
  [429, 'MODEL_BUSY'],
  [502, 'MODEL_ERROR'],
])('a web page with %i means what its status says', (status, code) => {
  const error = APIError.generate(status, undefined, '<html>', new Headers());
  expect(failureFrom(error, 'opening', NOW).code).toBe(code);
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
