import type { AddressInfo } from 'node:net';
import { connect, createServer, type Socket } from 'node:net';
import { systemClock } from '../src/clock.ts';

const OPEN_MS = 60_000;

/** A door between the bot and its database that can be shut, to see what happens while the database is away. */
export interface Gate {
  /** The database's URL through the gate. */
  readonly url: string;
  shut(): void;
  open(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Passes connections on to the server of `url`; shut, it cuts them and refuses new ones. What is asked of the server
 * comes there `lagMs` milliseconds late.
 */
export async function buildGate(url: string, lagMs = 0): Promise<Gate> {
  const target = new URL(url);
  const sockets = new Set<Socket>();
  const server = createServer((from) => {
    const to = connect(Number(target.port), target.hostname);
    for (const [one, other] of [
      [from, to],
      [to, from],
    ] as const) {
      sockets.add(one);
      one.on('error', () => other.destroy());
      one.on('close', () => {
        sockets.delete(one);
        other.destroy();
      });
      if (lagMs > 0 && one === from) passLate(one, other, lagMs);
      else one.pipe(other);
    }
  });
  await listen(0);
  const { port } = server.address() as AddressInfo;
  const through = new URL(url);
  through.port = String(port);

  const shut = () => {
    // Closing the listener is what makes a new connection refused, as with a server that is down.
    server.close();
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: through.href,
    shut,
    async open() {
      const until = systemClock.monotonic() + OPEN_MS;
      while (!server.listening)
        await listen(port).catch(async (error: NodeJS.ErrnoException) => {
          // Somebody else on this machine may have got the port meanwhile.
          if (error.code !== 'EADDRINUSE' || systemClock.monotonic() > until) throw error;
          await systemClock.sleep(100);
        });
    },
    async stop() {
      if (server.listening) shut();
    },
  };

  function listen(at: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const done = () => {
        server.off('error', fail);
        resolve();
      };
      const fail = (error: Error) => {
        server.off('listening', done);
        reject(error);
      };
      server.once('error', fail).once('listening', done).listen(at, '127.0.0.1');
    });
  }
}

function passLate(from: Socket, to: Socket, lagMs: number): void {
  from.on('data', (chunk) => void systemClock.after(lagMs, () => to.destroyed || to.write(chunk)));
  from.on('end', () => void systemClock.after(lagMs, () => to.end()));
}
