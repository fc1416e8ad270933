import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { getGlobalDispatcher, setGlobalDispatcher, WebSocket } from 'undici';
import { afterEach, expect, it } from 'vitest';
import { WebSocketServer } from 'ws';
import { goThrough } from '../../src/proxy.ts';
import { lookingFetch, onlyWhile } from '../../src/send-guard.ts';

const usual = getGlobalDispatcher();
const servers: Server[] = [];
afterEach(() => {
  setGlobalDispatcher(usual);
  for (const server of servers.splice(0)) server.close();
});

async function listening(server: Server): Promise<number> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

/** A proxy that leads every host to one server of ours, and notes what it was asked for. */
async function proxied() {
  const origin = createServer((_request, response) => response.end('from the origin'));
  const sockets = new WebSocketServer({ server: origin });
  sockets.on('connection', (socket) => socket.send('hello'));
  const port = await listening(origin);
  const asked: string[] = [];
  const proxy = createServer();
  proxy.on('connect', (request, socket) => {
    asked.push(`${request.url} ${request.headers['proxy-authorization'] ?? ''}`.trim());
    const through = connect(port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      through.pipe(socket).pipe(through);
    });
  });
  return { port, asked, url: `http://user:secret@127.0.0.1:${await listening(proxy)}` };
}

it('requests and sockets go through the proxy with its login, and this machine and named hosts do not', async () => {
  const { port, asked, url } = await proxied();
  goThrough({ url, without: 'inside.test' });
  expect(await (await fetch('http://slack.test/api/auth.test')).text()).toBe('from the origin');
  const guarded = await onlyWhile(
    () => true,
    () => lookingFetch('http://claude.test/v1/messages'),
  );
  expect(await guarded.text()).toBe('from the origin');
  const said = await new Promise((resolve, reject) => {
    const socket = new WebSocket('ws://wss.slack.test/link');
    socket.addEventListener('message', ({ data }) => {
      resolve(data);
      socket.close();
    });
    socket.addEventListener('error', reject);
  });
  expect(said).toBe('hello');
  const login = `Basic ${Buffer.from('user:secret').toString('base64')}`;
  expect(asked).toEqual([`slack.test:80 ${login}`, `claude.test:80 ${login}`, `wss.slack.test:80 ${login}`]);

  expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe('from the origin');
  await expect(fetch('http://inside.test/')).rejects.toThrow('fetch failed');
  expect(asked).toHaveLength(3);
}, 20_000);
