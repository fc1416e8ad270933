import { createServer, type ServerResponse } from 'node:http';
import { expect, test } from 'vitest';
import { sseEvent } from '../../../playground/model/wire.ts';
import { hear, modelFor } from './support.ts';

/** Answers one request with hand-written events, for what the stand-in never sends. */
async function hearWire(
  write: (res: ServerResponse) => void,
  options = {},
  then: () => Promise<void> | undefined = async () => {},
) {
  const server = createServer((_req, res) => {
    res.writeHead(200, { 'content-type': 'text/event-stream' });
    write(res);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const model = modelFor(`http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`, options);
  try {
    const heard = await hear(model);
    await then();
    return heard;
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

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
  const idleMs = { headers: 10_000, firstContent: 10_000, between: 100 };
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
