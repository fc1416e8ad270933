import type { ServerResponse } from 'node:http';
import { wireUsage } from './call.ts';
import { emptyMessage, type Performance, stopFields } from './stream-answer.ts';
import { errorBody, messageOfType } from './wire.ts';

/** Answers a request without `stream`: the same text in the same time, in one piece at the end. */
export async function sendWholeAnswer(
  show: Performance,
  res: ServerResponse,
  headers: Readonly<Record<string, string>>,
): Promise<void> {
  const { call, clock, signal, thought } = show;
  show.look.keep();
  call.bill(show.look.usage);
  await clock.sleep(show.firstTokenMs, signal);
  const content: object[] = [];
  if (thought !== null) {
    await show.pace(thought.tokens);
    call.think(thought.tokens);
    content.push({ type: 'thinking', thinking: thought.text, signature: `sig_${call.requestId}` });
  }
  let next = await show.pieces.next();
  while (!next.done) {
    await show.pace(next.value.tokens);
    if (signal.aborted) return;
    if ('text' in next.value) call.write(next.value.text, next.value.tokens);
    next = await show.pieces.next();
  }
  if (signal.aborted) return;
  const ending = next.value;
  if (ending.kind === 'broken') {
    if (ending.fault.kind === 'error_event') {
      const type = ending.fault.type ?? 'overloaded_error';
      const status = type === 'overloaded_error' ? 529 : 500;
      call.begin(status);
      call.end('broken', null);
      res.writeHead(status, { ...headers, 'content-type': 'application/json' });
      res.end(errorBody({ status, type, message: messageOfType(type) }, call.requestId));
      return;
    }
    if (ending.fault.kind === 'stall') {
      while (!signal.aborted) await clock.sleep(60_000, signal);
      return;
    }
    call.end('broken', null);
    res.socket?.resetAndDestroy();
    return;
  }
  const { billed, text, thinkingTokens } = call.current();
  if (text !== '') content.push({ type: 'text', text, citations: null });
  call.begin(200);
  call.end('complete', ending.reason);
  res.writeHead(200, { ...headers, 'content-type': 'application/json' });
  res.end(
    JSON.stringify({
      ...emptyMessage(show),
      content,
      ...stopFields(ending),
      usage: {
        ...wireUsage(show.look.usage, billed.output_tokens),
        output_tokens_details: { thinking_tokens: thinkingTokens },
        service_tier: 'standard',
      },
    }),
  );
}
