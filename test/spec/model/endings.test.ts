import type { ServerResponse } from 'node:http';
import { expect, test } from 'vitest';
import { sseEvent } from '../../../playground/model/wire.ts';
import { hearWire } from './support.ts';

const START = sseEvent('message_start', { message: { usage: { input_tokens: 3, output_tokens: 1 } } }, 3);
const TEXT = sseEvent('content_block_delta', { index: 0, delta: { type: 'text_delta', text: 'whole' } }, 0);
const STOP = sseEvent(
  'message_delta',
  { delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 9 } },
  0,
);
const END = sseEvent('message_stop', {}, 0);

test.each<[string, (res: ServerResponse) => void]>([
  ['closes', (res) => res.end(START + TEXT + STOP)],
  ['is reset', (res) => res.write(START + TEXT + STOP, () => res.socket?.resetAndDestroy())],
])('an answer is complete once its stop reason came, also if the stream then %s', async (_label, write) => {
  const heard = await hearWire(write);
  expect(heard.text).toBe('whole');
  expect(heard.last).toEqual({ type: 'stop', reason: 'end', raw: 'end_turn' });
  expect(heard.usage?.outputTokens).toBe(9);
});

test('silence after the stop reason is the end too', async () => {
  const idleMs = { headers: 10_000, firstContent: 10_000, between: 100, pingsOnly: 60_000 };
  const heard = await hearWire((res) => res.write(START + TEXT + STOP), { idleMs });
  expect(heard.last).toMatchObject({ type: 'stop', reason: 'end' });
});

test('a stream without a stop reason ends for a reason of its own', async () => {
  const heard = await hearWire((res) => res.end(START + TEXT + END));
  expect(heard.last).toEqual({ type: 'stop', reason: 'other', raw: null });
});

test('events, blocks and deltas of tomorrow are passed over', async () => {
  const odd = [
    sseEvent('message_colour', { colour: 'red' }, 0),
    sseEvent('content_block_start', { index: 7, content_block: { type: 'hologram' } }, 0),
    sseEvent('content_block_delta', { index: 7, delta: { type: 'light_delta', light: 1 } }, 0),
    'event: content_block_delta\ndata: null\n\n',
  ].join('');
  const heard = await hearWire((res) => res.end(START + odd + TEXT + odd + STOP + END));
  expect(heard.text).toBe('whole');
  expect(heard.last).toMatchObject({ type: 'stop', reason: 'end' });
});

test('an event stream without a single event ended early', async () => {
  const heard = await hearWire((res) => res.end());
  expect(heard.failure).toMatchObject({ kind: 'ended_early', code: 'MODEL_STREAM_ENDED_EARLY' });
});

test('a finished stream is read to the end of its body, so that its connection can carry the next call', async () => {
  let wasReadToItsEnd: Promise<boolean> | undefined;
  let isHeard = () => {};
  const heardAll = new Promise<void>((resolve) => {
    isHeard = resolve;
  });
  const heard = await hearWire(
    (res) => {
      wasReadToItsEnd = new Promise((resolve) => res.on('close', () => resolve(res.writableFinished)));
      res.write(START + TEXT + STOP + END);
      // Only when the bot has its answer does the body end: a bot that hung up would be seen here.
      void heardAll.then(() => setTimeout(() => res.end(), 100));
    },
    {},
    async () => {
      isHeard();
      expect(await wasReadToItsEnd).toBe(true);
    },
  );
  expect(heard.last).toMatchObject({ type: 'stop', reason: 'end' });
});

test('a finished stream whose body never ends is hung up after a second', async () => {
  let isClosed: Promise<void> | undefined;
  const heard = await hearWire(
    (res) => {
      isClosed = new Promise((resolve) => res.on('close', () => resolve()));
      res.write(START + TEXT + STOP + END);
    },
    {},
    async () => isClosed,
  );
  expect(heard.last).toMatchObject({ type: 'stop', reason: 'end' });
});

const withoutNames = (stream: string) => stream.replace(/^event: .*\n/gm, '');

test.each([
  ['leaves out the names of the events', withoutNames(START + TEXT + STOP + END)],
  ['ends its stream as another API does', `${START}${TEXT}${STOP}${END}event: done\ndata: [DONE]\n\n`],
  ['ends a stream without names as another API does', `${withoutNames(START + TEXT + STOP)}data: [DONE]\n\n`],
  [
    'sends carriage returns and comments',
    `: hello\r\n\r\n${(START + TEXT + STOP + END).replaceAll('\n', '\r\n')}`,
  ],
])('a gateway that %s is read like the API', async (_label, stream) => {
  const heard = await hearWire((res) => res.end(stream));
  expect(heard.text).toBe('whole');
  expect(heard.last).toMatchObject({ type: 'stop', reason: 'end' });
});

test('a gateway that answers in another form is told as that, and not as a cut answer', async () => {
  const chunk = (content: string) => `data: ${JSON.stringify({ choices: [{ delta: { content } }] })}\n\n`;
  const heard = await hearWire((res) => res.end(`${chunk('whole')}${chunk(' answer')}data: [DONE]\n\n`));
  expect(heard.failure).toMatchObject({ kind: 'malformed', code: 'MODEL_MALFORMED' });
});

test('an error in a stream without names is an error', async () => {
  const error = withoutNames(sseEvent('error', { error: { type: 'overloaded_error', message: 'x' } }, 0));
  const heard = await hearWire((res) => res.end(withoutNames(START + TEXT) + error));
  expect(heard.text).toBe('whole');
  expect(heard.failure).toMatchObject({ kind: 'error_event', code: 'MODEL_OVERLOADED' });
});
