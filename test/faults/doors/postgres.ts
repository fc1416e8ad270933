import { createServer, connect as dial, type Server, type Socket } from 'node:net';
import { stepOfCommit, stepOfStatement, type When } from '../steps.ts';
import { createFrameReader, createSqlReader, createStartReader } from './frames.ts';
import type { Verdict } from './http.ts';
import { listenBelow, listenOn } from './listen.ts';

export interface PostgresDoorOptions {
  readonly target: { readonly host: string; readonly port: number };
  /** A named step passes. `after`: Postgres is done with it, and nobody has been told. */
  readonly onStep: (step: string, when: When) => Verdict;
  /** A connection to Postgres stands; `port` is its end on our side, as Postgres sees it. */
  readonly onConnection?: (port: number) => void;
}

export interface PostgresDoor {
  readonly port: number;
  /** Cuts all connections of now; only those of the pool, or also the live one that keeps the leases. */
  cut(which?: 'all' | 'pool'): void;
  /**
   * The connections of now go silent for ever, and nobody is told; new ones work. `gone`: the host vanished, and its
   * sessions with it; `forgotten`: something between forgot the flows, and the server keeps the sessions, with their
   * locks, until the returned function is called.
   */
  vanish(far: 'gone' | 'forgotten'): () => void;
  /** New connections wait here until the returned function is called. */
  hold(): () => void;
  /** Nothing passes any more, and nobody is told: a network that went away. */
  silence(): void;
  /** The silence ends by cutting what was silent; new connections work again. */
  endSilence(): void;
  /** Takes nobody (connection refused) until `reopen`. */
  shut(): Promise<void>;
  reopen(): Promise<void>;
  close(): Promise<void>;
}

interface Pair {
  readonly client: Socket;
  readonly server: Socket;
  /** What the client said it is, as `application_name`; '' until it said so. */
  name: string;
  /** Nothing passes any more, and neither end hears of the other. */
  vanished: boolean;
}

/** The live connection of a process, as `src/jobs/presence.ts` names it. */
const LIVE = 'skein presence';

/** A door in front of Postgres that reads which statement passes. */
export async function openPostgresDoor(options: PostgresDoorOptions): Promise<PostgresDoor> {
  const pairs = new Set<Pair>();
  let silent = false;
  /** Connections that wait to be made; null: none has to. */
  let held: Socket[] | null = null;

  const destroy = ({ client, server }: Pair) => {
    client.destroy();
    server.destroy();
  };

  const onConnection = (client: Socket) => {
    if (held === null) connect(client);
    else {
      client.on('error', () => {});
      held.push(client);
    }
  };

  const connect = (client: Socket) => {
    if (client.destroyed) return;
    const server = dial({ host: options.target.host, port: options.target.port });
    const pair: Pair = { client, server, name: '', vanished: false };
    pairs.add(pair);
    for (const end of [client, server]) {
      end.setNoDelay(true);
      end.on('error', () => {});
      end.on('close', () => {
        // A network that went away tells nobody: the other end stays until the silence is over.
        if (silent || pair.vanished) return;
        pairs.delete(pair);
        destroy(pair);
      });
    }
    server.on('connect', () => options.onConnection?.(server.localPort ?? 0));
    const transaction = new Set<string>();
    let awaited: string | null = null;
    const fromClient = createFrameReader('client');
    const sqlOf = createSqlReader();
    const fromServer = createFrameReader('server');
    const nameIn = createStartReader();

    client.on('data', (chunk) => {
      if (silent || pair.vanished) return;
      pair.name ||= nameIn(chunk) ?? '';
      for (const frame of fromClient(chunk)) {
        const sql = sqlOf(frame);
        if (sql === null) continue;
        const step = stepOf(sql, transaction);
        if (step === null) continue;
        if (options.onStep(step, 'before') === 'swallow') return destroy(pair);
        awaited = step;
      }
      server.write(chunk);
    });
    server.on('data', (chunk) => {
      if (silent || pair.vanished) return;
      for (const { type } of fromServer(chunk)) {
        if (type !== 'Z' || awaited === null) continue;
        const step = awaited;
        awaited = null;
        if (options.onStep(step, 'after') === 'swallow') return destroy(pair);
      }
      client.write(chunk);
    });
  };

  const open = () => createServer(onConnection);
  let listener: Server = open();
  const port = await listenBelow(listener);

  const cut = (which: 'all' | 'pool' = 'all') => {
    for (const pair of [...pairs]) {
      if (which === 'pool' && pair.name === LIVE) continue;
      pairs.delete(pair);
      destroy(pair);
    }
  };
  const stopListening = () =>
    new Promise<void>((resolve) => {
      listener.close(() => resolve());
      for (const client of held ?? []) client.destroy();
      cut();
    });
  return {
    port,
    cut,
    vanish(far) {
      const lost = [...pairs];
      for (const pair of lost) {
        pair.vanished = true;
        if (far === 'gone') pair.server.destroy();
      }
      return () => {
        for (const pair of lost) {
          pairs.delete(pair);
          destroy(pair);
        }
      };
    },
    hold() {
      held ??= [];
      return () => {
        const waiting = held ?? [];
        held = null;
        for (const client of waiting) connect(client);
      };
    },
    silence() {
      silent = true;
    },
    endSilence() {
      silent = false;
      cut();
    },
    shut: stopListening,
    async reopen() {
      listener = open();
      await listenOn(listener, port);
    },
    close: stopListening,
  };
}

/** Follows what a transaction does, so that its commit has a name. */
function stepOf(sql: string, transaction: Set<string>): string | null {
  if (/^\s*begin\b/i.test(sql)) transaction.clear();
  if (/^\s*commit\b/i.test(sql)) return stepOfCommit(transaction);
  const step = stepOfStatement(sql);
  if (step !== null) transaction.add(step);
  return step;
}
