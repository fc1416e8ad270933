import { AsyncLocalStorage } from 'node:async_hooks';
import { lookup as resolve } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { Agent, type Dispatcher, EnvHttpProxyAgent, fetch as send } from 'undici';
import { toError } from '../../errors.ts';
import type { ProxyPlace } from '../../proxy.ts';
import { isNamed, type ToolHosts } from '../../tool-hosts.ts';
import { isAddress, isPublic } from './addresses.ts';

/** Why nothing was sent. */
export type NotSentWhy = 'address' | 'host' | 'plain' | 'unreachable';

/** The request certainly did not leave, or nobody was there to take it. `message` is for people. */
export class NotSent extends Error {
  override readonly name = 'NotSent';
  readonly why: NotSentWhy;

  constructor(why: NotSentWhy, message: string, options: { cause?: unknown } = {}) {
    super(message, options);
    this.why = why;
  }
}

/** What came back was larger than anybody reads. */
export class TooLarge extends Error {
  override readonly name = 'TooLarge';
}

/** Told about the one request in whose context it is running: by what the answer was lost. */
export const watched = new AsyncLocalStorage<{ lost(error: Error): void }>();

export interface Outgoing {
  /**
   * `fetch`, as far as it may go: https to hosts with a public address, or what the operator named. It never follows a
   * redirect, and reads `most` bytes of an answer at most (unpacked). Rejects with `NotSent` where nothing left, else with
   * what `fetch` says.
   */
  fetch(url: string | URL, init?: RequestInit): Promise<Response>;
  /** Why this address may not be called, before anybody asks where it leads; null: it may. */
  problem(url: URL): NotSent | null;
  close(): Promise<void>;
}

export interface OutgoingOptions {
  readonly hosts: ToolHosts;
  /** Null: calls leave directly. */
  readonly proxy: ProxyPlace | null;
  /** Bytes of one answer. */
  readonly most?: number;
  /** For tests: where names lead; default: the resolver of the system. */
  readonly lookup?: LookupFunction;
}

/** An image of some megabytes in base64 fits. */
const MOST_BYTES = 8_000_000;
/** Statuses whose answer has none (Fetch, null body status). */
const NO_BODY = new Set([204, 205, 304]);
const CONNECT_MS = 10_000;
/** Of silence; calls have limits of their own, which are shorter. */
const SILENCE_MS = 180_000;

/** Codes of node and undici that come before a byte of the request is written. */
const BEFORE =
  /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EAI_FAIL|EHOSTUNREACH|ENETUNREACH|ENETDOWN|EADDRNOTAVAIL|UND_ERR_CONNECT_TIMEOUT|UND_ERR_INVALID_ARG|CERT_\w+|DEPTH_ZERO_\w+|SELF_SIGNED_\w+|UNABLE_TO_\w+|HOSTNAME_MISMATCH|ERR_TLS_\w+|ERR_SSL_\w+|EPROTO)$/;

/** The only way out to servers that a workspace named. */
export function createOutgoing(options: OutgoingOptions): Outgoing {
  const { hosts, proxy, most = MOST_BYTES } = options;
  const lookup = options.lookup ?? (resolve as LookupFunction);
  const guarded = dispatcher(proxy, checked(lookup));
  const named = dispatcher(proxy, lookup);

  const problem = (url: URL): NotSent | null => {
    if (isNamed(hosts, url)) {
      if (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname))) return null;
      return new NotSent('plain', `${url.host} must be called by https`);
    }
    if (!hosts.any) return new NotSent('host', `whoever runs me does not allow calls to ${url.host}`);
    if (url.protocol !== 'https:') return new NotSent('plain', `${url.host} must be called by https`);
    const host = url.hostname.toLowerCase().replace(/\.$/, '');
    const local = !host.includes('.') || /\.(?:localhost|local|internal|intranet|lan|home\.arpa)$/.test(host);
    if (isAddress(host) ? !isPublic(host) : local)
      return new NotSent('address', `${url.host} is not an address of the public internet`);
    return null;
  };

  return {
    problem,
    async fetch(input, init = {}) {
      const url = new URL(input);
      const wrong =
        url.username || url.password ? new NotSent('host', 'an address may not carry a login') : problem(url);
      if (wrong !== null) throw wrong;
      let response: Awaited<ReturnType<typeof send>>;
      try {
        response = await send(url, {
          ...(init as unknown as NonNullable<Parameters<typeof send>[1]>),
          redirect: 'manual',
          dispatcher: isNamed(hosts, url) ? named : guarded,
        });
      } catch (thrown) {
        throw notSent(url, thrown) ?? thrown;
      }
      const { status, statusText, headers } = response;
      const body =
        response.body === null || NO_BODY.has(status)
          ? null
          : counted(response.body as ReadableStream<Uint8Array>, most);
      return new Response(body, { status, statusText, headers: [...headers] });
    },
    close: async () => {
      await Promise.all([guarded.destroy(), named.destroy()]);
    },
  };
}

/** What goes through a proxy is resolved there; what does not is resolved by `lookup` and called at the address that it gave. */
function dispatcher(proxy: ProxyPlace | null, lookup: LookupFunction): Dispatcher {
  const options: Agent.Options = {
    connect: { lookup, timeout: CONNECT_MS },
    headersTimeout: SILENCE_MS,
    bodyTimeout: SILENCE_MS,
  };
  return proxy === null
    ? new Agent(options)
    : new EnvHttpProxyAgent({ ...options, httpProxy: '', httpsProxy: proxy.url, noProxy: proxy.except });
}

/** Gives only addresses that were looked at: the socket goes to one of these, whatever the name says a moment later. */
function checked(lookup: LookupFunction): LookupFunction {
  return (host, options, done) =>
    lookup(host, { ...options, all: true }, (error, found) => {
      if (error) return done(error, '', 0);
      const addresses = Array.isArray(found) ? found : [];
      if (addresses.length === 0 || addresses.some(({ address }) => !isPublic(address)))
        return done(new NotSent('address', `${host} leads to an address that is not public`), '', 0);
      if (options.all) return done(null, addresses);
      done(null, addresses[0]?.address ?? '', addresses[0]?.family ?? 4);
    });
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '127.0.0.1' || host === '[::1]';
}

/** Null: it may have left. */
function notSent(url: URL, thrown: unknown): NotSent | null {
  for (let error: unknown = thrown, depth = 0; error instanceof Error && depth < 6; depth++) {
    if (error instanceof NotSent) return error;
    const inner =
      error instanceof AggregateError ? error.errors.find((one) => one instanceof NotSent) : undefined;
    if (inner !== undefined) return inner as NotSent;
    const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
    if (BEFORE.test(code))
      return new NotSent('unreachable', `${url.host} could not be reached (${code})`, { cause: thrown });
    error = error.cause;
  }
  return null;
}

/** The same bytes, until there are too many or the sender is gone; whoever watches the request is told. */
function counted(body: ReadableStream<Uint8Array>, most: number): ReadableStream<Uint8Array> {
  const watch = watched.getStore();
  const reader = body.getReader();
  let size = 0;
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { done, value } = await reader.read();
        if (done) return controller.close();
        size += value.length;
        if (size <= most) return controller.enqueue(value);
        const error = new TooLarge(`the answer has more than ${most} bytes`);
        controller.error(error);
        watch?.lost(error);
        await reader.cancel();
      } catch (thrown) {
        controller.error(thrown);
        watch?.lost(toError(thrown));
      }
    },
    cancel: (reason) => reader.cancel(reason),
  });
}
