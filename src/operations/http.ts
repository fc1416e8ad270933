import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Clock } from '../clock.ts';
import { SkeinError, toError } from '../errors.ts';
import type { Log } from '../log.ts';

/** Answers a request or returns false to leave it to the next. */
export type Route = (request: IncomingMessage, response: ServerResponse) => boolean;

export interface HttpServer {
  readonly port: number;
  /** Takes no new connections, lets requests under way finish within `graceMs`, then cuts them. */
  stop(graceMs: number): Promise<void>;
}

/** Longer than any request of Slack's takes; ends what a slow client holds open. */
const REQUEST_TIMEOUT_MS = 15_000;
/**
 * Load balancers keep idle connections for a minute (AWS ALB 60 s by its documentation) and answer 502 where a server
 * closes first; Slack does not repeat commands and presses. Node's own value is 5 s.
 */
const KEEP_ALIVE_MS = 75_000;

/** The one HTTP server: health in every mode, Slack's deliveries where they come by HTTP. Throws PORT_IN_USE. */
export async function serve(options: {
  port: number;
  host: string;
  routes: readonly Route[];
  clock: Clock;
  log: Log;
}): Promise<HttpServer> {
  const { log } = options;
  const server = createServer((request, response) => {
    try {
      if (options.routes.some((route) => route(request, response))) return;
      response.writeHead(404, { 'content-type': 'text/plain' }).end('Not found\n');
    } catch (thrown) {
      log.error({ err: toError(thrown) }, 'a request could not be handled');
      if (!response.headersSent) response.writeHead(500).end();
    }
  });
  server.requestTimeout = REQUEST_TIMEOUT_MS;
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  // Node counts this one from before the request on a connection that was kept: it must be the longer of the two.
  server.headersTimeout = KEEP_ALIVE_MS + 5000;
  await listen(server, options);
  server.on('error', (err) => log.error({ err }, 'the HTTP server failed'));
  return {
    port: (server.address() as AddressInfo).port,
    async stop(graceMs) {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      const cancel = options.clock.after(graceMs, () => server.closeAllConnections());
      await closed;
      cancel();
    },
  };
}

function listen(server: Server, { port, host }: { port: number; host: string }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (err: NodeJS.ErrnoException) => {
      const used = err.code === 'EADDRINUSE' || err.code === 'EACCES';
      reject(
        used
          ? new SkeinError('PORT_IN_USE', `PORT ${port} on ${host} is not free (${err.code})`, { cause: err })
          : err,
      );
    });
    server.listen(port, host, () => {
      server.removeAllListeners('error');
      resolve();
    });
  });
}
