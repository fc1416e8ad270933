import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import type { PageModelCall } from './protocol.ts';

/** Passes everything on to the real model API, unchanged, and shows the page what went by. */
export interface Relay {
  readonly url: string;
  calls(): readonly PageModelCall[];
  stop(): Promise<void>;
}

/** Headers that belong to one connection and are not passed on. */
const HOP_BY_HOP = new Set([
  'connection',
  'host',
  'keep-alive',
  'transfer-encoding',
  'content-length',
  'content-encoding',
  'accept-encoding',
]);
const MOST_CALLS = 200;

export async function startRelay(options: {
  to: string;
  now: () => number;
  onCall: (call: PageModelCall) => void;
}): Promise<Relay> {
  const calls: PageModelCall[] = [];
  const show = (call: PageModelCall) => {
    const at = calls.findIndex((known) => known.id === call.id);
    if (at >= 0) calls[at] = call;
    else calls.push(call);
    if (calls.length > MOST_CALLS) calls.shift();
    options.onCall(call);
  };
  let lastId = 0;

  const pass = async (request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    const gone = new AbortController();
    response.on('close', () => gone.abort());
    const watched = request.url?.split('?')[0] === '/v1/messages';
    let call = watched ? callOf(++lastId, options.now(), body.toString('utf8')) : null;
    if (call !== null) show(call);
    const answer = await fetch(new URL(request.url ?? '/', options.to), {
      method: request.method ?? 'GET',
      headers: Object.entries(request.headers).flatMap(([name, value]) =>
        HOP_BY_HOP.has(name) || value === undefined ? [] : [[name, String(value)] as [string, string]],
      ),
      ...(body.length === 0 ? {} : { body }),
      signal: gone.signal,
    });
    response.writeHead(
      answer.status,
      Object.fromEntries([...answer.headers].filter(([name]) => !HOP_BY_HOP.has(name))),
    );
    if (answer.body === null) return void response.end();
    let rest = '';
    const decoder = new TextDecoder();
    for await (const chunk of Readable.fromWeb(
      answer.body as Parameters<typeof Readable.fromWeb>[0],
    ) as AsyncIterable<Buffer>) {
      response.write(chunk);
      if (call === null) continue;
      const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
      rest = lines.pop() ?? '';
      call = lines.reduce((so, line) => afterLine(so, line), { ...call, status: answer.status });
      show(call);
    }
    response.end();
    if (call !== null) show({ ...call, tookMs: options.now() - call.at });
  };

  const server = createServer((request, response) => {
    pass(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls: () => calls,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function callOf(id: number, at: number, body: string): PageModelCall {
  const request = fields(parse(body));
  const messages = Array.isArray(request['messages']) ? request['messages'].map(fields) : [];
  return {
    id,
    at,
    model: String(request['model'] ?? ''),
    system: textOf(request['system']),
    turns: messages.map((message) => ({ role: String(message['role']), text: textOf(message['content']) })),
    tools: (Array.isArray(request['tools']) ? request['tools'] : []).map((tool) =>
      String(fields(tool)['name']),
    ),
    maxTokens: Number(request['max_tokens'] ?? 0),
    outputText: '',
    usage: null,
    stopReason: null,
    status: 0,
    tookMs: null,
  };
}

/** One line of the event stream, added to what is known of the call. */
function afterLine(call: PageModelCall, line: string): PageModelCall {
  if (!line.startsWith('data:')) return call;
  const event = fields(parse(line.slice(5)));
  const delta = fields(event['delta']);
  if (event['type'] === 'content_block_delta' && typeof delta['text'] === 'string')
    return { ...call, outputText: call.outputText + delta['text'] };
  if (event['type'] === 'message_start') return withUsage(call, fields(fields(event['message'])['usage']));
  if (event['type'] === 'message_delta')
    return {
      ...withUsage(call, fields(event['usage'])),
      stopReason: String(delta['stop_reason'] ?? '') || null,
    };
  return call;
}

function withUsage(call: PageModelCall, usage: Record<string, unknown>): PageModelCall {
  const count = (name: string, before: number) => (typeof usage[name] === 'number' ? usage[name] : before);
  const { input = 0, output = 0, cacheRead = 0, cacheWrite = 0 } = call.usage ?? {};
  return {
    ...call,
    usage: {
      input: count('input_tokens', input),
      output: count('output_tokens', output),
      cacheRead: count('cache_read_input_tokens', cacheRead),
      cacheWrite: count('cache_creation_input_tokens', cacheWrite),
    },
  };
}

function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  return Array.isArray(content) ? content.map((block) => String(fields(block)['text'] ?? '')).join('\n') : '';
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return null;
  }
}

function fields(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
