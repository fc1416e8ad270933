/** Socket Mode as Slack's servers speak it, with switches for everything that goes wrong there. */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocket, WebSocketServer } from 'ws';
import type { Clock } from '../../src/clock.ts';
import type { Carrier, Envelope, SendOutcome } from './deliveries.ts';
import { isJson, parseJson } from './json.ts';
import { Watch } from './watch.ts';

/** Slack allows ten connections of one app. */
const mostConnections = 10;
const pingEveryMs = 10_000;

/** Switches; all off at the start. They apply to connections present and future. */
export interface SocketFaults {
  /** Pings of the app are not answered. */
  noPong: boolean;
  /** `hello` comes so much later. */
  helloDelayMs: number;
  /** A close frame of the app is not answered and the connection stays open. */
  unansweredClose: boolean;
}

/** A socket that can be told not to answer a close frame: `ws` answers by calling `close` on itself. */
class ServerSocket extends WebSocket {
  faults: SocketFaults | undefined;

  onIgnoredClose = () => {};

  override close(code?: number, data?: string | Buffer): void {
    if (this.faults?.unansweredClose) this.onIgnoredClose();
    else super.close(code, data);
  }
}

interface Expected {
  readonly socket: ServerSocket;
  settle(outcome: SendOutcome): void;
}

export interface SocketOptions {
  readonly clock: Clock;
  readonly appId: string;
  readonly ackTimeoutMs: number;
  readonly onReady: () => void;
}

export class SocketCarrier implements Carrier {
  readonly name = 'socket';
  readonly faults: SocketFaults = { noPong: false, helloDelayMs: 0, unansweredClose: false };
  /** Number of connections that have had their `hello`, after each change of it. */
  readonly counts = new Watch<number>();
  /** Pushed to when a close frame was left unanswered: the number of connections at that moment. */
  readonly ignoredCloses = new Watch<number>();
  readonly #server = new WebSocketServer({ noServer: true, autoPong: false, WebSocket: ServerSocket });
  readonly #options: SocketOptions;
  readonly #tickets = new Set<string>();
  readonly #greeted: ServerSocket[] = [];
  readonly #expected = new Map<string, Expected>();
  readonly #stopPings: () => void;
  #issued = 0;
  #sent = 0;
  #next = 0;

  constructor(options: SocketOptions) {
    this.#options = options;
    this.#stopPings = options.clock.every(pingEveryMs, () => {
      for (const socket of this.#greeted) socket.ping();
    });
  }

  get count(): number {
    return this.#greeted.length;
  }

  ready(): boolean {
    return this.#greeted.length > 0;
  }

  /** A ticket for one connection. */
  ticket(): string {
    this.#issued += 1;
    const ticket = `ticket-${this.#issued}`;
    this.#tickets.add(ticket);
    return ticket;
  }

  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const ticket = new URL(request.url ?? '/', 'http://standin').searchParams.get('ticket') ?? '';
    if (!this.#tickets.delete(ticket)) {
      socket.end('HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n');
      return;
    }
    this.#server.handleUpgrade(request, socket, head, (connected) => this.#welcome(connected));
  }

  send(envelope: Envelope): Promise<SendOutcome> {
    const socket = this.#greeted[this.#next % Math.max(1, this.#greeted.length)];
    this.#next += 1;
    if (!socket) return Promise.resolve({ acked: false, reason: 'timeout' });
    this.#sent += 1;
    const id = `envelope-${this.#sent}`;
    return new Promise((resolve) => {
      const settle = (outcome: SendOutcome) => {
        cancel();
        this.#expected.delete(id);
        resolve(outcome);
      };
      const cancel = this.#options.clock.after(this.#options.ackTimeoutMs, () =>
        settle({ acked: false, reason: 'timeout' }),
      );
      this.#expected.set(id, { socket, settle });
      const event = envelope.kind === 'events_api';
      const frame = {
        envelope_id: id,
        type: envelope.kind,
        accepts_response_payload: !event,
        payload: envelope.payload,
        ...(event ? { retry_attempt: envelope.retryNum, retry_reason: envelope.retryReason } : {}),
      };
      socket.send(JSON.stringify(frame));
    });
  }

  /** Sends text as it is to the connection next in turn (or to all). Returns the number of connections reached. */
  raw(text: string, everywhere = false): number {
    const targets = everywhere ? [...this.#greeted] : this.#greeted.slice(0, 1);
    for (const socket of targets) socket.send(text);
    return targets.length;
  }

  /** Tells the app to reconnect, as Slack does about once an hour. It is the app that closes. */
  disconnect(reason: 'warning' | 'refresh_requested' | 'link_disabled' | 'too_many_websockets'): void {
    this.raw(JSON.stringify({ type: 'disconnect', reason, debug_info: { host: 'standin' } }), true);
  }

  /** Cuts every connection without a close frame. */
  cut(): void {
    for (const socket of this.#server.clients) socket.terminate();
  }

  stop(): void {
    this.#stopPings();
    this.cut();
    this.#server.close();
  }

  #welcome(socket: ServerSocket): void {
    socket.on('ping', (data) => {
      if (!this.faults.noPong) socket.pong(data);
    });
    socket.on('error', () => socket.terminate());
    socket.on('message', (data) => this.#receive(String(data)));
    let cancelHello = () => {};
    socket.on('close', () => {
      cancelHello();
      this.#lose(socket);
    });
    if (this.#greeted.length >= mostConnections) {
      socket.send(JSON.stringify({ type: 'disconnect', reason: 'too_many_websockets', debug_info: {} }));
      socket.close();
      return;
    }
    socket.faults = this.faults;
    socket.onIgnoredClose = () => this.ignoredCloses.push(this.count);
    const hello = () => this.#greet(socket);
    if (this.faults.helloDelayMs > 0)
      cancelHello = this.#options.clock.after(this.faults.helloDelayMs, hello);
    else hello();
  }

  #greet(socket: ServerSocket): void {
    this.#greeted.push(socket);
    socket.send(
      JSON.stringify({
        type: 'hello',
        num_connections: this.#greeted.length,
        connection_info: { app_id: this.#options.appId },
        debug_info: { host: 'standin', build_number: 1, approximate_connection_time: 3600 },
      }),
    );
    this.counts.push(this.count);
    this.#options.onReady();
  }

  #receive(text: string): void {
    const frame = parseJson(text);
    if (!isJson(frame) || typeof frame.envelope_id !== 'string') return;
    // An acknowledgement after the deadline finds nobody waiting: the event is on its way again.
    this.#expected.get(frame.envelope_id)?.settle({ acked: true, response: frame.payload ?? null });
  }

  #lose(socket: ServerSocket): void {
    const index = this.#greeted.indexOf(socket);
    if (index === -1) return;
    this.#greeted.splice(index, 1);
    for (const expected of [...this.#expected.values()]) {
      if (expected.socket === socket) expected.settle({ acked: false, reason: 'timeout' });
    }
    this.counts.push(this.count);
  }
}
