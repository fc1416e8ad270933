import { createServer, type ServerResponse } from 'node:http';
import { Writable } from 'node:stream';
import { type ModelStandin, startModelStandin } from '../../../playground/model/server.ts';
import type { Script } from '../../../playground/model/types.ts';
import { systemClock } from '../../../src/clock.ts';
import { createLog } from '../../../src/log.ts';
import {
  type AnthropicModel,
  type AnthropicModelOptions,
  createAnthropicModel,
} from '../../../src/model/anthropic.ts';
import type { Model, ModelEvent, ModelFailure, ModelRequest, Usage } from '../../../src/reply/ports.ts';

export const question: ModelRequest = {
  model: 'claude-sonnet-4-6',
  maxTokens: 1024,
  system: 'You are a helpful bot.',
  turns: [{ role: 'user', blocks: [{ type: 'text', text: 'What is a skein?' }] }],
  user: 'person-hash',
};

export const never = new AbortController().signal;

export interface Pair {
  readonly standin: ModelStandin;
  readonly model: AnthropicModel;
  readonly logLines: string[];
}

/** A stand-in without delays and a model that talks to it; `options` change the model. */
export async function startPair(script: Script, options: Partial<AnthropicModelOptions> = {}): Promise<Pair> {
  const standin = await startModelStandin({
    clock: systemClock,
    script,
    tokensPerSecond: Number.POSITIVE_INFINITY,
  });
  const logLines: string[] = [];
  return { standin, model: modelFor(standin.url, options, logLines), logLines };
}

export function modelFor(
  baseUrl: string,
  options: Partial<AnthropicModelOptions> = {},
  logLines: string[] = [],
): AnthropicModel {
  const destination = new Writable({
    write(chunk, _encoding, done) {
      logLines.push(String(chunk));
      done();
    },
  });
  return createAnthropicModel({
    apiKey: 'sk-ant-test',
    baseUrl,
    clock: systemClock,
    idleMs: { headers: 10_000, firstContent: 10_000, between: 10_000, pingsOnly: 60_000 },
    maxRetries: 0,
    log: createLog('debug', destination),
    ...options,
  });
}

export interface Heard {
  readonly events: readonly ModelEvent[];
  readonly text: string;
  readonly thinking: string;
  readonly usage: Usage | null;
  readonly last: ModelEvent | undefined;
  readonly failure: ModelFailure | null;
}

/** Reads an answer to its end; `onText` runs as text arrives. */
export async function hear(
  model: Model,
  request: ModelRequest = question,
  signal: AbortSignal = never,
  onText: (text: string) => void = () => {},
): Promise<Heard> {
  const events: ModelEvent[] = [];
  let text = '';
  let thinking = '';
  let usage: Usage | null = null;
  for await (const event of model.stream(request, signal)) {
    events.push(event);
    if (event.type === 'text') {
      text += event.text;
      onText(text);
    }
    if (event.type === 'thinking') thinking += event.text;
    if (event.type === 'started' || event.type === 'usage') usage = event.usage;
  }
  const last = events.at(-1);
  return { events, text, thinking, usage, last, failure: last?.type === 'failure' ? last.failure : null };
}

/** Answers one request with hand-written events, for what the stand-in never sends. */
export async function hearWire(
  write: (res: ServerResponse) => void,
  options: Partial<AnthropicModelOptions> = {},
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
