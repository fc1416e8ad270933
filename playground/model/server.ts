import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Clock } from '../../src/clock.ts';
import { factsOf } from '../../src/model/catalogue.ts';
import { answerMessages, type Stage } from './answer.ts';
import { createPromptCache, promptTokens } from './cache.ts';
import { openCall } from './call.ts';
import { createJournal } from './journal.ts';
import { modelInfo, modelPage } from './models.ts';
import { createQuota } from './quota.ts';
import { Refused } from './refused.ts';
import { showcaseScript } from './showcase.ts';
import type { ModelCall, ModelFault, Script } from './types.ts';
import { readRequest } from './validate.ts';
import { errorBody, keyOf, type WireError } from './wire.ts';

export interface ModelStandinOptions {
  readonly clock: Clock;
  /** 0 (default): any free port. Always on 127.0.0.1. */
  readonly port?: number;
  /** The only key that is taken; absent: any key, but there must be one. */
  readonly apiKey?: string;
  /** Further keys that are taken. */
  readonly moreKeys?: readonly string[];
  /** Default: `showcaseScript`. */
  readonly script?: Script;
  /** Default 60; `Infinity` sends without waiting. */
  readonly tokensPerSecond?: number;
  /** From the headers to the first token, default 0. */
  readonly firstTokenMs?: number;
  /** Folder in which the journal outlives the process; absent: memory only. */
  readonly persist?: string;
}

export interface ModelStandin {
  /** For the SDK's `baseURL`. */
  readonly url: string;
  /** All calls of `POST /v1/messages` so far, oldest first (the newest 1,000). */
  calls(): readonly ModelCall[];
  /** The keys of these calls, in the same order, since the start. */
  keys(): readonly string[];
  /**
   * The first call, past or future, that is in a state that `matches` (default: any call). Rejects after
   * `limitMs` (default 60,000) with what there was instead.
   */
  waitForCall(matches?: (call: ModelCall) => boolean, limitMs?: number): Promise<ModelCall>;
  /** Tokens per second, at once and for answers under way too. */
  setSpeed(tokensPerSecond: number): void;
  /** Queues a fault for the next `times` (default 1, `Infinity` allowed) calls; the returned function removes it. */
  fault(fault: ModelFault, times?: number): () => void;
  /** Told of every change of every call; the returned function ends that. */
  onCall(listener: (call: ModelCall) => void): () => void;
  /** Cuts what is running and frees the port. */
  stop(): Promise<void>;
}

const MOST_BODY_BYTES = 32 * 1024 * 1024;
const WAIT_MS = 60_000;
const ID_LETTERS = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';

/** A server on 127.0.0.1 that speaks Anthropic's Messages API (version 2026-10-21) and answers by script. */
export async function startModelStandin(options: ModelStandinOptions): Promise<ModelStandin> {
  const { clock } = options;
  const journal = createJournal(options.persist ?? null);
  const keys: string[] = [];
  const running = new Set<AbortController>();
  const sockets = new Set<Socket>();
  const queue: { readonly fault: ModelFault; times: number }[] = [];
  let speed = options.tokensPerSecond ?? 60;
  let answered = 0;

  const stage: Stage = {
    clock,
    script: options.script ?? showcaseScript,
    cache: createPromptCache(),
    quota: createQuota(),
    speed: () => speed,
    firstTokenMs: options.firstTokenMs ?? 0,
    takeFault() {
      const first = queue[0];
      if (first === undefined) return null;
      first.times -= 1;
      if (first.times <= 0) queue.shift();
      return first.fault;
    },
    nextNumber() {
      answered += 1;
      return answered;
    },
  };

  const newRequestId = () =>
    `req_${Array.from({ length: 24 }, () => ID_LETTERS[Math.floor(clock.random() * ID_LETTERS.length)]).join('')}`;

  async function handle(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const requestId = newRequestId();
    const send = (status: number, body: string) => {
      res.writeHead(status, {
        ...stage.quota.headers(clock.now()),
        'content-type': 'application/json',
        'request-id': requestId,
      });
      res.end(body);
    };
    const refuse = (error: WireError) => send(error.status, errorBody(error, requestId));

    const raw = await readBody(req);
    const key = keyOf(req.headers);
    const taken = [...(options.apiKey === undefined ? [] : [options.apiKey]), ...(options.moreKeys ?? [])];
    if (key === null || (options.apiKey !== undefined && !taken.includes(key))) {
      return refuse({ status: 401, type: 'authentication_error', message: 'invalid x-api-key' });
    }
    if (req.headers['anthropic-version'] === undefined) {
      return refuse({
        status: 400,
        type: 'invalid_request_error',
        message: 'anthropic-version: header is required',
      });
    }
    if (raw === null) {
      return refuse({
        status: 413,
        type: 'request_too_large',
        message: 'Request exceeds the maximum size',
      });
    }

    const url = new URL(req.url ?? '/', 'http://127.0.0.1');
    const route = `${req.method} ${url.pathname}`;
    if (route === 'POST /v1/messages') {
      keys.push(key);
      const call = openCall(journal, clock, { rawBody: raw, requestId, retryCount: retryCountOf(req) });
      const end = new AbortController();
      running.add(end);
      res.on('close', () => {
        running.delete(end);
        end.abort();
        call.end('left', null);
      });
      return answerMessages(stage, call, res, end.signal);
    }
    if (route === 'POST /v1/messages/count_tokens') {
      try {
        const { prompt } = readRequest(raw, true);
        return send(200, JSON.stringify({ input_tokens: promptTokens(prompt.blocks) }));
      } catch (thrown) {
        if (thrown instanceof Refused) return refuse(thrown.error);
        throw thrown;
      }
    }
    if (route === 'GET /v1/models') return send(200, JSON.stringify(modelPage(url.searchParams)));
    const model = /^GET \/v1\/models\/([^/]+)$/.exec(route)?.[1];
    const facts = model === undefined ? null : factsOf(model);
    if (facts !== null) return send(200, JSON.stringify(modelInfo(facts)));
    refuse({
      status: 404,
      type: 'not_found_error',
      message: model === undefined ? `Not found: ${url.pathname}` : `model: ${model}`,
    });
  }

  const server = createServer((req, res) => {
    handle(req, res).catch(() => res.destroy());
  });
  // With a limit of its own the server would now and then close an idle connection at the moment in which
  // the client sends the next request on it; the client closes first when the server never does.
  server.keepAliveTimeout = 0;
  server.on('connection', (socket) => {
    sockets.add(socket);
    // A client that resets its side is a client that left, not an error of ours.
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
  });
  const port = await new Promise<number>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', () => resolve(portOf(server.address())));
  });

  return {
    url: `http://127.0.0.1:${port}`,
    keys: () => keys,
    calls: journal.calls,
    onCall: journal.onCall,
    setSpeed(tokensPerSecond) {
      speed = tokensPerSecond;
    },
    fault(fault, times = 1) {
      const entry = { fault, times };
      queue.push(entry);
      return () => {
        const at = queue.indexOf(entry);
        if (at !== -1) queue.splice(at, 1);
      };
    },
    waitForCall(matches = () => true, limitMs = WAIT_MS) {
      const found = journal.calls().find(matches);
      if (found !== undefined) return Promise.resolve(found);
      return new Promise((resolve, reject) => {
        const cancel = clock.after(limitMs, () => {
          stopListening();
          const seen = journal.calls().map((call) => `${call.id} ${call.outcome} ${call.status ?? '-'}`);
          reject(new Error(`no such call within ${limitMs} ms; there were: ${seen.join(', ') || 'none'}`));
        });
        const stopListening = journal.onCall((call) => {
          if (!matches(call)) return;
          cancel();
          stopListening();
          resolve(call);
        });
      });
    },
    async stop() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const end of running) end.abort();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

/** The whole body as text; `null` if it is larger than the API takes. */
async function readBody(req: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of req) {
    const buffer: Buffer = chunk;
    bytes += buffer.length;
    if (bytes <= MOST_BODY_BYTES) chunks.push(buffer);
  }
  return bytes > MOST_BODY_BYTES ? null : Buffer.concat(chunks).toString('utf8');
}

function retryCountOf(req: IncomingMessage): number {
  const count = Number(req.headers['x-stainless-retry-count'] ?? 0);
  return Number.isSafeInteger(count) && count >= 0 ? count : 0;
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return address.port;
}
