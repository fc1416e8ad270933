import type { ServerResponse } from 'node:http';
import { expect, test } from 'vitest';
import { sseEvent } from '../../../playground/model/wire.ts';
import { systemClock } from '../../../src/clock.ts';
import { hearWire } from './support.ts';

const START = sseEvent('message_start', { message: { usage: { input_tokens: 3, output_tokens: 1 } } }, 0);
const block = (type: string) => sseEvent('content_block_start', { index: 0, content_block: { type } }, 0);
const text = (words: string) =>
  sseEvent('content_block_delta', { index: 0, delta: { type: 'text_delta', text: words } }, 0);
const BLOCK_END = sseEvent('content_block_stop', { index: 0 }, 0);
const PING = sseEvent('ping', {}, 0);
const END =
  sseEvent('message_delta', { delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 9 } }, 0) +
  sseEvent('message_stop', {}, 0);

/** Far longer than a busy machine holds up one ping. */
const LIMIT_MS = 1000;
const idleMs = { headers: 10_000, firstContent: LIMIT_MS, between: LIMIT_MS, pingsOnly: 10_000 };

/** Pings for longer than a silence may be, then what follows. */
async function pinged(res: ServerResponse, then: string): Promise<void> {
  for (let waited = 0; waited < 1.5 * LIMIT_MS; waited += LIMIT_MS / 10) {
    res.write(PING);
    await systemClock.sleep(LIMIT_MS / 10);
  }
  res.write(then);
}

test('a model that thinks unseen is waited for as long as pings come', async () => {
  const heard = await hearWire(
    (res) => {
      res.write(START + block('thinking'));
      void pinged(res, BLOCK_END + block('text') + text('whole') + BLOCK_END + END);
    },
    { idleMs },
  );
  expect(heard.text).toBe('whole');
  expect(heard.last).toMatchObject({ type: 'stop', reason: 'end' });
  expect(heard.events.map(({ type }) => type)).toContain('thinking');
});

test('it may also think between two pieces of its answer', async () => {
  const heard = await hearWire(
    (res) => {
      res.write(START + block('text') + text('one ') + BLOCK_END + block('thinking'));
      void pinged(res, BLOCK_END + block('text') + text('two') + BLOCK_END + END);
    },
    { idleMs },
  );
  expect(heard.text).toBe('one two');
});

test('text that stops growing is a stall, pings or not', async () => {
  const heard = await hearWire(
    (res) => {
      res.write(START + block('text') + text('one '));
      void pinged(res, text('two') + BLOCK_END + END);
    },
    { idleMs },
  );
  expect(heard.failure).toMatchObject({ kind: 'stalled', code: 'MODEL_STALLED', retryable: true });
});

test('thought without any sign of life is a stall', async () => {
  const heard = await hearWire((res) => res.write(START + block('thinking')), { idleMs });
  expect(heard.failure).toMatchObject({ kind: 'stalled', code: 'MODEL_STALLED' });
});

test('nothing but pings for as long as any thought may take ends the call, which is not made again', async () => {
  const heard = await hearWire(
    (res) => {
      res.write(START + block('thinking'));
      void pinged(res, '');
    },
    { idleMs: { ...idleMs, pingsOnly: LIMIT_MS / 2 } },
  );
  expect(heard.failure).toMatchObject({ kind: 'stalled', code: 'MODEL_ONLY_THINKING', retryable: false });
});
