import fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import type { ModelFault } from '../../../playground/model/types.ts';
import type { ModelRetry } from '../../../src/model/anthropic.ts';
import { failureOf } from '../../../src/model/failure.ts';
import { quietRetryMs } from '../../../src/model/retry.ts';
import { hear, type Pair, startPair } from './support.ts';

let pair: Pair | undefined;
afterEach(async () => {
  await pair?.standin.stop();
  pair = undefined;
});

async function startRetrying(fault: ModelFault, times: number) {
  const retries: ModelRetry[] = [];
  const started = await startPair(() => ({ text: 'fine' }), {
    maxRetries: 1,
    onRetry: (retry) => retries.push(retry),
  });
  pair = started;
  started.standin.fault(fault, times);
  return { retries, heard: await hear(started.model), started };
}

test('a short blip is tried again, and both the log and the caller are told', async () => {
  const { retries, heard, started } = await startRetrying({ kind: 'status', status: 529 }, 1);
  expect(heard.text).toBe('fine');
  expect(heard.failure).toBeNull();
  expect(retries).toMatchObject([{ attempt: 1, failure: { code: 'MODEL_OVERLOADED' } }]);
  expect(started.logLines.filter((line) => line.includes('trying again'))).toHaveLength(1);
  expect(started.standin.calls()).toHaveLength(2);
});

test('a blip that lasts ends in the failure after the allowed retries', async () => {
  const { retries, heard, started } = await startRetrying({ kind: 'reset_at_once' }, 5);
  expect(retries).toHaveLength(1);
  expect(heard.events).toHaveLength(1);
  expect(heard.failure).toMatchObject({ code: 'MODEL_UNREACHABLE' });
  expect(started.standin.calls()).toHaveLength(2);
});

test('a long retry-after is left to the caller, who can show it', async () => {
  const { retries, heard } = await startRetrying({ kind: 'status', status: 429, retryAfter: '100' }, 1);
  expect(retries).toEqual([]);
  expect(heard.failure).toMatchObject({ code: 'MODEL_BUSY', retryAfterMs: 100_000 });
});

test.each<[string, ModelFault]>([
  ['a refused request', { kind: 'status', status: 400 }],
  ['a spend limit', { kind: 'status', status: 429, errorCode: 'enforced_spend_limit_reached' }],
  ['a stream that broke', { kind: 'early_close', afterTokens: 1 }],
])('%s is not tried again', async (_label, fault) => {
  const { retries, started } = await startRetrying(fault, 1);
  expect(retries).toEqual([]);
  expect(started.standin.calls()).toHaveLength(1);
});

test('a quiet wait is never shorter than asked for, never longer than two seconds', () => {
  const failure = failureOf('unavailable', 'MODEL_BUSY', 'busy');
  fc.assert(
    fc.property(
      fc.option(fc.nat(10_000)),
      fc.integer({ min: 1, max: 8 }),
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      (asked, attempt, random) => {
        const waitMs = quietRetryMs({ ...failure, retryAfterMs: asked }, attempt, random);
        if (asked !== null && asked <= 2_000) expect(waitMs).toBe(asked);
        if (asked !== null && asked > 2_000) expect(waitMs).toBeNull();
        if (asked === null && waitMs !== null) {
          expect(waitMs).toBeGreaterThanOrEqual(375 * 2 ** (attempt - 1));
          expect(waitMs).toBeLessThanOrEqual(2_000);
        }
      },
    ),
    { numRuns: 200 },
  );
});
