import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { listenBelow } from './listen.ts';

/** A request that passes a door, as the supervisor sees it. */
export interface Passing {
  readonly method: string;
  readonly path: string;
  readonly body: string;
}

/** `swallow`: it goes no further, and its connection is cut. */
export type Verdict = 'pass' | 'swallow';

export interface HttpDoorOptions {
  /** Where requests go now, e.g. `http://127.0.0.1:8000`; null: nobody is there. */
  readonly target: () => string | null;
  /** The whole request is here; nothing of it has gone on. */
  readonly onRequest?: (passing: Passing) => Verdict;
  /** The answer begins; nothing of it has gone back. */
  readonly onResponse?: (passing: Passing, response: IncomingMessage) => Verdict;
  /** A piece of the answer, before it goes back. */
  readonly onPiece?: (passing: Passing, piece: string, response: IncomingMessage) => Verdict;
}

export interface HttpDoor {
  readonly port: number;
  /** Cuts every connection and frees the port. */
  close(): Promise<void>;
}

/** A door in front of an HTTP server: all passes through unchanged, unless the supervisor says otherwise. */
export async function openHttpDoor(options: HttpDoorOptions): Promise<HttpDoor> {
  const agent = new Agent({ keepAlive: true });
  const sockets = new Set<Socket>();
  const server = createServer((incoming, response) => {
    void pass(incoming, response).catch(() => incoming.socket.destroy());
  });
  server.keepAliveTimeout = 0;
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
  });

  async function pass(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const parts: Buffer[] = [];
    for await (const part of incoming) parts.push(Buffer.from(part));
    const body = Buffer.concat(parts);
    const passing = {
      method: incoming.method ?? 'GET',
      path: incoming.url ?? '/',
      body: body.toString('utf8'),
    };
    const target = options.target();
    if (target === null || options.onRequest?.(passing) === 'swallow') {
      incoming.socket.destroy();
      return;
    }
    const headers = { ...incoming.headers, 'content-length': String(body.length) };
    const onward = request(new URL(passing.path, target), { agent, method: passing.method, headers });
    response.on('close', () => onward.destroy());
    onward.on('error', () => incoming.socket.destroy());
    onward.on('response', (answer) => {
      if (options.onResponse?.(passing, answer) === 'swallow') {
        incoming.socket.destroy();
        answer.destroy();
        return;
      }
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.on('data', (piece: Buffer) => {
        if (options.onPiece?.(passing, piece.toString('utf8'), answer) === 'swallow') {
          incoming.socket.destroy();
          answer.destroy();
        } else response.write(piece);
      });
      answer.on('end', () => response.end());
      // Cut in the middle over there: cut here too, so that nobody takes it for an end.
      answer.on('error', () => incoming.socket.resetAndDestroy());
      answer.on('aborted', () => incoming.socket.resetAndDestroy());
    });
    onward.end(body);
  }

  const port = await listenBelow(server);
  return {
    port,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      agent.destroy();
      await closed;
    },
  };
}
