import { createServer, connect as dial, type Server, type Socket } from 'node:net';
import { stepOfCommit, stepOfStatement, type When } from '../steps.ts';
import { createFrameReader, createSqlReader } from './frames.ts';
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
  /** Cuts all connections of now. */
  cut(): void;
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
}

/** A door in front of Postgres that reads which statement passes. */
export async function openPostgresDoor(options: PostgresDoorOptions): Promise<PostgresDoor> {
  const pairs = new Set<Pair>();
  let silent = false;

  const destroy = ({ client, server }: Pair) => {
    client.destroy();
    server.destroy();
  };

  const onConnection = (client: Socket) => {
    const server = dial({ host: options.target.host, port: options.target.port });
    const pair = { client, server };
    pairs.add(pair);
    for (const end of [client, server]) {
      end.setNoDelay(true);
      end.on('error', () => {});
      end.on('close', () => {
        // A network that went away tells nobody: the other end stays until the silence is over.
        if (silent) return;
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

    client.on('data', (chunk) => {
      if (silent) return;
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
      if (silent) return;
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

  const cut = () => {
    for (const pair of [...pairs]) destroy(pair);
    pairs.clear();
  };
  const stopListening = () =>
    new Promise<void>((resolve) => {
      listener.close(() => resolve());
      cut();
    });
  return {
    port,
    cut,
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
