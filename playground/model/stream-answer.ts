import type { ServerResponse } from 'node:http';
import type { Clock } from '../../src/clock.ts';
import type { CacheLook } from './cache.ts';
import { type OpenCall, wireUsage } from './call.ts';
import type { Ending, Piece } from './plan.ts';
import { messageOfType, sseEvent } from './wire.ts';

/** A thought before the answer; `text` is what of it is shown. */
export interface Thought {
  readonly text: string;
  readonly tokens: number;
}

export interface Performance {
  readonly call: OpenCall;
  readonly model: string;
  readonly look: CacheLook;
  readonly thought: Thought | null;
  /** The thought is given out under this signature; a tool of the client is called behind it. */
  readonly onThought: (signature: string) => void;
  readonly onCall: (use: string, signature: string) => void;
  readonly pieces: AsyncGenerator<Piece, Ending, undefined>;
  readonly firstTokenMs: number;
  readonly pace: (tokens: number) => Promise<void>;
  readonly clock: Clock;
  /** Aborts when the client leaves or the stand-in stops. */
  readonly signal: AbortSignal;
}

const MOST_PADDING = 12;

/** Writes an answer as server-sent events, at its pace, up to its end or its breaking point. */
export async function streamAnswer(show: Performance, res: ServerResponse): Promise<void> {
  const { call, clock, signal, thought } = show;
  const send = async (type: string, payload: object): Promise<void> => {
    if (signal.aborted || res.destroyed) return;
    if (res.write(sseEvent(type, payload, Math.floor(clock.random() * MOST_PADDING)))) return;
    await new Promise<void>((resolve) => {
      const go = () => {
        res.off('drain', go);
        res.off('close', go);
        resolve();
      };
      res.on('drain', go);
      res.on('close', go);
    });
  };

  show.look.keep();
  call.bill(show.look.usage);
  await send('message_start', {
    message: { ...emptyMessage(show), usage: { ...wireUsage(show.look.usage, 1), service_tier: 'standard' } },
  });
  await clock.sleep(show.firstTokenMs, signal);

  let index = 0;
  const signature = `sig_${call.requestId}`;
  if (thought !== null) {
    await send('content_block_start', {
      index,
      content_block: { type: 'thinking', thinking: '', signature: '' },
    });
    await send('ping', {});
    await show.pace(thought.tokens);
    if (signal.aborted) return;
    call.think(thought.tokens);
    await send('content_block_delta', { index, delta: { type: 'thinking_delta', thinking: thought.text } });
    show.onThought(signature);
    await send('content_block_delta', { index, delta: { type: 'signature_delta', signature } });
    await send('content_block_stop', { index });
    index += 1;
  }

  let isOpen = false;
  const close = async () => {
    if (isOpen) await send('content_block_stop', { index });
    if (isOpen) index += 1;
    isOpen = false;
  };
  let next = await show.pieces.next();
  while (!next.done) {
    if ('block' in next.value) {
      const { block, deltas, afterMs, tokens } = next.value;
      await clock.sleep(afterMs, signal);
      if (signal.aborted) return;
      if (block.type !== 'text') {
        await close();
        const isResult = block.type.endsWith('_result');
        if (!isResult) await show.pace(tokens);
        if (signal.aborted) return;
        if (block.type === 'tool_use' && thought !== null) show.onCall(String(block['id']), signature);
        call.use(block, isResult ? { input: tokens, output: 0 } : { input: 0, output: tokens });
        await send('content_block_start', { index, content_block: block });
        isOpen = true;
      }
      for (const delta of deltas) await send('content_block_delta', { index, delta });
      await close();
      next = await show.pieces.next();
      continue;
    }
    await show.pace(next.value.tokens);
    if (signal.aborted) return;
    if (!isOpen) {
      isOpen = true;
      await send('content_block_start', {
        index,
        content_block: { type: 'text', text: '', citations: null },
      });
      if (thought === null) await send('ping', {});
    }
    call.write(next.value.text, next.value.tokens);
    await send('content_block_delta', { index, delta: { type: 'text_delta', text: next.value.text } });
    next = await show.pieces.next();
  }
  if (signal.aborted) return;
  const ending = next.value;
  if (ending.kind === 'broken') return breakOff(show, res, ending.fault, send);

  await close();
  const { billed, thinkingTokens } = call.current();
  await send('message_delta', {
    delta: { ...stopFields(ending), container: null },
    usage: {
      input_tokens: billed.input_tokens,
      cache_creation_input_tokens: billed.cache_creation_input_tokens,
      cache_read_input_tokens: billed.cache_read_input_tokens,
      output_tokens: billed.output_tokens,
      output_tokens_details: { thinking_tokens: thinkingTokens },
      ...(billed.server_tool_use === undefined ? {} : { server_tool_use: billed.server_tool_use }),
    },
  });
  await send('message_stop', {});
  if (signal.aborted) return;
  call.end('complete', ending.reason);
  res.end();
}

/** The frame of a `Message`; ids are derived from the request's, so that logs can be joined by eye. */
export function emptyMessage({ call, model }: Pick<Performance, 'call' | 'model'>) {
  return {
    id: `msg_${call.requestId.slice('req_'.length)}`,
    type: 'message',
    role: 'assistant',
    model,
    content: [],
    stop_reason: null,
    stop_sequence: null,
    stop_details: null,
    container: null,
    diagnostics: null,
  };
}

export function stopFields(ending: Extract<Ending, { kind: 'stop' }>) {
  return {
    stop_reason: ending.reason,
    stop_sequence: ending.sequence,
    stop_details: ending.reason === 'refusal' ? { type: 'refusal', category: null, explanation: null } : null,
  };
}

async function breakOff(
  show: Performance,
  res: ServerResponse,
  fault: Extract<Ending, { kind: 'broken' }>['fault'],
  send: (type: string, payload: object) => Promise<void>,
): Promise<void> {
  const { call, clock, signal } = show;
  switch (fault.kind) {
    case 'error_event': {
      const type = fault.type ?? 'overloaded_error';
      await send('error', { error: { type, message: fault.message ?? messageOfType(type) } });
      break;
    }
    case 'broken_event':
      res.write('event: content_block_delta\ndata: {"type":"content_block_del\n\n');
      break;
    case 'early_close':
      break;
    case 'reset':
      // What was written must be on its way before the reset overtakes it.
      await new Promise<void>((resolve) => res.write(': \n\n', () => resolve()));
      call.end('broken', null);
      res.socket?.resetAndDestroy();
      return;
    case 'stall':
      while (!signal.aborted) {
        await clock.sleep(fault.pingEveryMs ?? 60_000, signal);
        if (fault.pingEveryMs !== undefined) await send('ping', {});
      }
      return;
  }
  call.end('broken', null);
  res.end();
}
