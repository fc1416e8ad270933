import { subscribe } from 'node:diagnostics_channel';
import pg from 'pg';
import { type Span, tell } from './child.ts';

const MOST_SPANS = 100_000;

/** Notes every statement and every outgoing request of this process, and tells them when asked. */
export function traceEverything(): void {
  const spans: Span[] = [];
  const add = (what: string, from: bigint) => {
    if (spans.length < MOST_SPANS)
      spans.push({ what, from: String(from), to: String(process.hrtime.bigint()) });
  };
  traceStatements(add);
  traceRequests(add);
  process.on('message', (message) => {
    if (message === 'trace') tell({ type: 'trace', spans });
  });
}

/** Counts what every connection to the database reads, and tells the sum when asked. */
export function countBytes(): void {
  const clients = new Set<pg.Client>();
  let ended = 0;
  const readBy = (client: pg.Client): number => {
    const { connection } = client as unknown as { connection: { stream: { bytesRead?: number } } };
    return connection.stream.bytesRead ?? 0;
  };
  const { connect } = pg.Client.prototype;
  function counted(this: pg.Client, ...args: unknown[]): unknown {
    clients.add(this);
    this.once('end', () => {
      ended += readBy(this);
      clients.delete(this);
    });
    return Reflect.apply(connect, this, args);
  }
  Reflect.set(pg.Client.prototype, 'connect', counted);
  process.on('message', (message) => {
    if (message === 'bytes')
      tell({ type: 'bytes', bytes: [...clients].reduce((sum, one) => sum + readBy(one), ended) });
  });
}

/** Tells the time of a processor that this process has used, when asked. */
export function countTime(): void {
  process.on('message', (message) => {
    const { user, system } = process.cpuUsage();
    if (message === 'cpu') tell({ type: 'cpu', ms: (user + system) / 1000 });
  });
}

/** Tells what this process has in memory when asked; started with `--expose-gc`, after a collection. */
export function tellMemory(): void {
  process.on('message', (message) => {
    if (message !== 'memory') return;
    globalThis.gc?.();
    tell({ type: 'memory', memory: process.memoryUsage() });
  });
}

type Add = (what: string, from: bigint) => void;

function traceStatements(add: Add): void {
  const plain = pg.Client.prototype.query;
  function traced(this: pg.Client, ...args: unknown[]): unknown {
    const from = process.hrtime.bigint();
    const done = () => add(`sql ${textOf(args[0])}`, from);
    const last = args.at(-1);
    // The pool asks with a callback, transactions with a promise.
    if (typeof last === 'function') {
      args[args.length - 1] = (...results: unknown[]) => {
        done();
        Reflect.apply(last, this, results);
      };
    }
    const result: unknown = Reflect.apply(plain, this, args);
    if (result instanceof Promise) result.then(done, done);
    return result;
  }
  Reflect.set(pg.Client.prototype, 'query', traced);
}

function textOf(query: unknown): string {
  const text =
    typeof query === 'string'
      ? query
      : typeof query === 'object' && query !== null && 'text' in query
        ? String(query.text)
        : '';
  return text.replace(/\s+/g, ' ').trim().slice(0, 90);
}

function traceRequests(add: Add): void {
  const started = new WeakMap<object, bigint>();
  const requestOf = (message: unknown) =>
    typeof message === 'object' && message !== null && 'request' in message ? message.request : null;
  subscribe('undici:request:create', (message) => {
    const request = requestOf(message);
    if (typeof request === 'object' && request !== null) started.set(request, process.hrtime.bigint());
  });
  subscribe('undici:request:headers', (message) => {
    const request = requestOf(message);
    if (typeof request !== 'object' || request === null) return;
    const from = started.get(request);
    if (from !== undefined && 'path' in request) add(`http ${String(request.path)}`, from);
  });
}
