import { createServer } from 'node:http';
import { onTestFinished } from 'vitest';

/** A proxy that notes where it should lead to, and leads nowhere. */
export async function startProxy() {
  const wanted: string[] = [];
  const waiting: (() => void)[] = [];
  const server = createServer((_request, response) => response.writeHead(400).end());
  server.on('connect', (request, socket) => {
    wanted.push(String(request.url));
    socket.on('error', () => {});
    for (const wake of waiting.splice(0)) wake();
    socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`,
    wanted,
    async asked(host: string) {
      while (!wanted.includes(host)) await new Promise<void>((resolve) => waiting.push(resolve));
    },
  };
}
