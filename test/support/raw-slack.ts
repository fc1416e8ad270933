import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';

/** One socket that a client has opened. */
export interface RawSocket {
  /** Sends a frame: text as it is, anything else as JSON. */
  send(frame: unknown): void;
  /** Closes without a handshake, as a lost network does. */
  cut(): void;
  /** Reads nothing any more: no pong, no answer to a close frame. The connection stays open. */
  freeze(): void;
  readonly closed: Promise<void>;
}

export interface RawCall {
  readonly method: string;
  readonly authorization: string;
}

/**
 * The thinnest Slack: Web API methods answered by a function, and a WebSocket that says hello and then only
 * what a test tells it to. For frames that the stand-in would never send.
 */
export interface RawSlack {
  readonly apiUrl: string;
  readonly calls: readonly RawCall[];
  /** Acknowledged envelope ids, in order. */
  readonly acks: readonly string[];
  openSockets(): number;
  /** The n-th socket since the start, counted from 0, as soon as it has been greeted. */
  socket(index: number): Promise<RawSocket>;
  /** The n-th call of a method, counted from 0, as soon as it came in. */
  called(method: string, index: number): Promise<void>;
  acked(envelopeId: string): Promise<void>;
  /** Answers the following calls of `apps.connections.open` by this instead of with an address. */
  answerOpenWith(answer: (() => Promise<RawAnswer> | RawAnswer) | null): void;
  /** False: sockets are accepted but not greeted. */
  greet(on: boolean): void;
  stop(): Promise<void>;
}

export interface RawAnswer {
  readonly status?: number;
  readonly headers?: Record<string, string>;
  readonly body: unknown;
}

export async function startRawSlack(): Promise<RawSlack> {
  const calls: RawCall[] = [];
  const acks: string[] = [];
  const sockets: RawSocket[] = [];
  const live = new Set<WebSocket>();
  const watchers = new Set<() => void>();
  let openAnswer: (() => Promise<RawAnswer> | RawAnswer) | null = null;
  let greeting = true;
  const changed = () => {
    for (const look of watchers) look();
  };

  function until<T>(find: () => T | undefined): Promise<T> {
    return new Promise((resolve) => {
      const look = () => {
        const found = find();
        if (found === undefined) return;
        watchers.delete(look);
        resolve(found);
      };
      watchers.add(look);
      look();
    });
  }

  const http = createServer(async (request, response) => {
    request.resume();
    const method = (request.url ?? '').replace(/^\/api\//, '');
    calls.push({ method, authorization: request.headers.authorization ?? '' });
    changed();
    const address = `ws://127.0.0.1:${port()}/link`;
    let answer: RawAnswer = { body: { ok: true, url: address } };
    if (method === 'apps.connections.open' && openAnswer !== null) answer = await openAnswer();
    if (method === 'auth.test') {
      answer = { body: { ok: true, team_id: 'T1', user_id: 'UBOT', bot_id: 'BBOT' } };
    }
    response.writeHead(answer.status ?? 200, { 'content-type': 'application/json', ...answer.headers });
    response.end(JSON.stringify(answer.body));
  });
  const server = new WebSocketServer({ noServer: true });
  http.on('upgrade', (request, socket, head) => {
    server.handleUpgrade(request, socket, head, (ws) => {
      live.add(ws);
      const closed = new Promise<void>((resolve) => {
        ws.on('close', () => {
          live.delete(ws);
          changed();
          resolve();
        });
      });
      ws.on('error', () => {});
      ws.on('message', (data) => {
        const message: unknown = JSON.parse(String(data));
        if (typeof message === 'object' && message !== null && 'envelope_id' in message) {
          acks.push(String(message.envelope_id));
          changed();
        }
      });
      const send = (frame: unknown) => ws.send(typeof frame === 'string' ? frame : JSON.stringify(frame));
      if (greeting) send({ type: 'hello', num_connections: 1, connection_info: { app_id: 'A1' } });
      sockets.push({ send, cut: () => ws.terminate(), freeze: () => ws.pause(), closed });
      changed();
    });
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const port = () => (http.address() as AddressInfo).port;

  return {
    apiUrl: `http://127.0.0.1:${port()}/api/`,
    calls,
    acks,
    openSockets: () => live.size,
    socket: (index) => until(() => sockets[index]),
    called: async (method, index) => {
      await until(() => calls.filter((call) => call.method === method)[index]);
    },
    acked: async (envelopeId) => {
      await until(() => acks.find((id) => id === envelopeId));
    },
    answerOpenWith: (answer) => {
      openAnswer = answer;
    },
    greet: (on) => {
      greeting = on;
    },
    async stop() {
      for (const ws of live) ws.terminate();
      http.closeAllConnections();
      await new Promise<void>((resolve) => http.close(() => resolve()));
    },
  };
}

/** An `events_api` envelope around an inner event. */
export function eventEnvelope(id: string, event: Record<string, unknown>): Record<string, unknown> {
  return {
    type: 'events_api',
    envelope_id: id,
    accepts_response_payload: false,
    retry_attempt: 0,
    retry_reason: '',
    payload: eventBody(id, event),
  };
}

export function eventBody(id: string, event: Record<string, unknown>): Record<string, unknown> {
  return {
    type: 'event_callback',
    team_id: 'T1',
    api_app_id: 'A1',
    event_id: `Ev${id}`,
    event_time: 1766458026,
    authorizations: [
      { enterprise_id: null, team_id: 'T1', user_id: 'UBOT', is_bot: true, is_enterprise_install: false },
    ],
    event,
  };
}
