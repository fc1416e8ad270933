import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import type { Clock } from '../../clock.ts';
import { toError } from '../../errors.ts';
import type { Log } from '../../log.ts';
import type { Outgoing } from './outgoing.ts';

/** A server, and in whose name it is called. */
export interface Target {
  /** Stands for server, its version and account: what has the same key may share a session. */
  readonly key: string;
  readonly url: string;
  /** Bearer token; null: none is sent. */
  readonly token: string | null;
}

export interface Connection {
  readonly client: Client;
  /** Whether the server keeps a session for it (the protocol until 2025-11-25). */
  readonly session: () => boolean;
  /** Monotonic milliseconds of the last answer. */
  answeredAt: number;
  /** Requests that are under way. */
  busy: number;
}

interface Connections {
  /** Runs `work` over a connection to the target, which is made if there is none. Rejects as `work` or the handshake does. */
  use<T>(target: Target, signal: AbortSignal, work: (connection: Connection) => Promise<T>): Promise<T>;
  /** The next one who asks gets a new connection. */
  drop(key: string): void;
  close(): Promise<void>;
}

/** What a handshake may take: two or three requests. */
const HANDSHAKE_MS = 15_000;
/** Nobody used it for so long: the session is ended. */
const IDLE_MS = 5 * 60_000;
const SWEEP_MS = 60_000;
/** Sessions of one process; the one that was idle the longest goes. */
const MOST = 200;

interface Held {
  readonly opening: Promise<Connection>;
  token: string | null;
  usedAt: number;
}

/**
 * Sessions, one for each server and account, shared by all answers of this process. We declare no capabilities, so the
 * package answers a server that asks for words, a model or folders (elicitation, sampling, roots) with an error.
 */
export function createConnections({
  outgoing,
  clock,
  log,
}: {
  readonly outgoing: Outgoing;
  readonly clock: Clock;
  readonly log: Log;
}): Connections {
  const held = new Map<string, Held>();
  const stopSweeping = clock.every(SWEEP_MS, () => {
    for (const [key, one] of held) if (clock.monotonic() - one.usedAt > IDLE_MS) end(key, one);
  });

  async function open(target: Target, box: Held): Promise<Connection> {
    const client = new Client(
      { name: 'skein', version: '1' },
      { capabilities: {}, versionNegotiation: { mode: 'auto' }, inputRequired: { autoFulfill: false } },
    );
    const transport = new StreamableHTTPClientTransport(new URL(target.url), {
      fetch: (url, init) => withoutStream(outgoing, url, init),
      authProvider: { token: async () => box.token ?? undefined },
      onInsufficientScope: 'throw',
      reconnectionOptions: {
        initialReconnectionDelay: 1000,
        maxReconnectionDelay: 5000,
        reconnectionDelayGrowFactor: 2,
        maxRetries: 2,
      },
    });
    client.onerror = (error) => log.debug({ err: error }, 'a server of tools');
    try {
      await client.connect(transport, { timeout: HANDSHAKE_MS });
    } catch (thrown) {
      await client.close().catch(() => {});
      throw thrown;
    }
    return {
      client,
      session: () => transport.sessionId !== undefined,
      answeredAt: clock.monotonic(),
      busy: 0,
    };
  }

  function end(key: string, one: Held): void {
    if (held.get(key) === one) held.delete(key);
    one.opening
      .then(async (connection) => {
        // Whoever is in the middle of a call ends it first.
        while (connection.busy > 0) await clock.sleep(1000);
        const { transport } = connection.client;
        if (transport instanceof StreamableHTTPClientTransport) await transport.terminateSession();
        await connection.client.close();
      })
      .catch((thrown) =>
        log.debug({ err: toError(thrown) }, 'a session of a server of tools did not end well'),
      );
  }

  function hold(target: Target): Held {
    const known = held.get(target.key);
    if (known !== undefined) {
      held.delete(target.key);
      held.set(target.key, known);
      return known;
    }
    const box = { token: target.token, usedAt: clock.monotonic() } as {
      -readonly [K in keyof Held]: Held[K];
    };
    box.opening = open(target, box);
    box.opening.catch(() => {
      if (held.get(target.key) === box) held.delete(target.key);
    });
    held.set(target.key, box);
    const [oldest] = held;
    if (held.size > MOST && oldest !== undefined) end(...oldest);
    return box;
  }

  return {
    async use(target, signal, work) {
      const box = hold(target);
      box.token = target.token;
      box.usedAt = clock.monotonic();
      signal.throwIfAborted();
      const connection = await box.opening;
      connection.busy += 1;
      try {
        return await work(connection);
      } finally {
        connection.busy -= 1;
        box.usedAt = clock.monotonic();
      }
    },
    drop(key) {
      const one = held.get(key);
      if (one !== undefined) end(key, one);
    },
    async close() {
      stopSweeping();
      const all = [...held.values()];
      held.clear();
      await Promise.all(
        all.map(({ opening }) => opening.then(({ client }) => client.close()).catch(() => {})),
      );
    },
  };
}

/**
 * A server may say things of its own accord over a stream that stays open (GET): nobody listens here, and a stream for each
 * session would be held open for nothing. 405 is how a server says that it has none. One that is resumed is asked for.
 */
async function withoutStream(outgoing: Outgoing, url: string | URL, init?: RequestInit): Promise<Response> {
  const resumed = new Headers(init?.headers).has('last-event-id');
  if (init?.method === 'GET' && !resumed) return new Response(null, { status: 405 });
  return outgoing.fetch(url, init);
}
