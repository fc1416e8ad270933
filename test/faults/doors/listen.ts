import { randomInt } from 'node:crypto';
import type { Server } from 'node:net';

/** Below the range from which systems take ports for outgoing connections, so that a door can come back. */
const FROM = 15_000;
const TO = 31_000;

/** Listens on a free port of 127.0.0.1 that no outgoing connection will take while the server is away. */
export async function listenBelow(server: Server): Promise<number> {
  for (let tries = 0; ; tries++) {
    const port = randomInt(FROM, TO);
    try {
      await listenOn(server, port);
      return port;
    } catch (error) {
      if (tries >= 50) throw error;
    }
  }
}

export function listenOn(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const failed = (error: Error) => reject(error);
    server.once('error', failed);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', failed);
      resolve();
    });
  });
}
