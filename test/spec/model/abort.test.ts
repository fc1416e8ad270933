import { getEventListeners } from 'node:events';
import { afterEach, expect, test } from 'vitest';
import { quickest } from '../../support/quickest.ts';
import { hear, type Pair, question, startPair } from './support.ts';

const TEXT = ['one ', 'two ', 'three ', 'four'];

let pair: Pair | undefined;
afterEach(async () => {
  await pair?.standin.stop();
  pair = undefined;
});

const listenersOf = (signal: AbortSignal): number => getEventListeners(signal, 'abort').length;

test('an abort in the middle of the text ends the call within a second, here and at the provider', async () => {
  pair = await startPair(() => ({ text: TEXT }));
  const { standin, model } = pair;
  const took = await quickest(1000, async () => {
    standin.fault({ kind: 'stall', afterTokens: 3 });
    const stop = new AbortController();
    let abortedAt = 0;
    const heard = await hear(model, question, stop.signal, (text) => {
      if (text !== 'one two thre') return;
      setImmediate(() => {
        abortedAt = performance.now();
        stop.abort();
      });
    });
    const ms = performance.now() - abortedAt;
    expect(heard.text).toBe('one two thre');
    expect(heard.failure).toMatchObject({ kind: 'aborted', code: 'MODEL_ABORTED', retryable: false });
    const call = await standin.waitForCall(
      ({ id, outcome }) => outcome === 'left' && id === standin.calls().at(-1)?.id,
    );
    expect(call.text).toBe('one two thre');
    return ms;
  });
  expect(took).toBeLessThan(1000);
});

test('an abort before the headers ends the call', async () => {
  pair = await startPair(() => ({ text: TEXT }));
  pair.standin.fault({ kind: 'hang' });
  const stop = new AbortController();
  const hearing = hear(pair.model, question, stop.signal);
  await pair.standin.waitForCall((call) => call.fault === 'hang');
  stop.abort();
  const heard = await hearing;
  expect(heard.events).toHaveLength(1);
  expect(heard.failure).toMatchObject({ kind: 'aborted' });
  await pair.standin.waitForCall((call) => call.outcome === 'left');
});

test('an abort while a retry waits ends the call without another request', async () => {
  const stop = new AbortController();
  pair = await startPair(() => ({ text: TEXT }), { maxRetries: 1, onRetry: () => stop.abort() });
  pair.standin.fault({ kind: 'status', status: 529 }, 2);
  const heard = await hear(pair.model, question, stop.signal);
  expect(heard.failure).toMatchObject({ kind: 'aborted' });
  expect(pair.standin.calls()).toHaveLength(1);
});

test('a signal that is aborted already costs no request', async () => {
  pair = await startPair(() => ({ text: TEXT }));
  const heard = await hear(pair.model, question, AbortSignal.abort());
  expect(heard.failure).toMatchObject({ kind: 'aborted' });
  expect(pair.standin.calls()).toHaveLength(0);
});

test('a reader who leaves early ends the call at the provider', async () => {
  pair = await startPair(() => ({ text: TEXT }));
  pair.standin.fault({ kind: 'stall', afterTokens: 3 });
  for await (const event of pair.model.stream(question, new AbortController().signal)) {
    if (event.type === 'text') break;
  }
  const call = await pair.standin.waitForCall((seen) => seen.outcome === 'left');
  expect(call.stopReason).toBeNull();
});

test('a signal that outlives many calls keeps none of their listeners', async () => {
  pair = await startPair(() => ({ text: TEXT }), { maxRetries: 1 });
  const { signal } = new AbortController();
  await hear(pair.model, question, signal);
  pair.standin.fault({ kind: 'early_close', afterTokens: 2 });
  await hear(pair.model, question, signal);
  pair.standin.fault({ kind: 'status', status: 500 });
  await hear(pair.model, question, signal);
  pair.standin.fault({ kind: 'reset_at_once' }, 2);
  await hear(pair.model, question, signal);
  expect(listenersOf(signal)).toBe(0);
});

test('a right that is lost while the connection is made costs no request, and the failure may be tried again', async () => {
  pair = await startPair(() => ({ text: TEXT }));
  let looks = 0;
  const failures: unknown[] = [];
  for await (const event of pair.model.stream(question, new AbortController().signal, () => looks++ === 0))
    if (event.type === 'failure') failures.push(event.failure);
  expect(failures).toMatchObject([{ code: 'MODEL_UNREACHABLE', retryable: true }]);
  expect(looks).toBeGreaterThan(1);
  // The stand-in tells nothing of a call that it never had.
  expect((await hear(pair.model, question, new AbortController().signal)).failure).toBeNull();
  expect(pair.standin.calls()).toHaveLength(1);
});
