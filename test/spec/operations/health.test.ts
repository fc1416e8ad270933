import { connect } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../../src/clock.ts';
import { type Check, createHealth } from '../../../src/operations/health.ts';
import { type HttpServer, type Route, serve } from '../../../src/operations/http.ts';
import { quiet } from '../reply/stage.ts';

async function start(routes: readonly Route[], port = 0): Promise<HttpServer> {
  const server = await serve({ port, host: '127.0.0.1', routes, clock: systemClock, log: quiet });
  onTestFinished(() => server.stop(0));
  return server;
}
const check = (name: string, problem: Check['problem'], needed = true): Check => ({ name, needed, problem });
const get = (server: HttpServer, path: string, init: RequestInit = {}) =>
  fetch(`http://127.0.0.1:${server.port}${path}`, init);

it('/readyz names what is missing, also when a check fails or never answers; /healthz says that we live', async () => {
  const server = await start([
    createHealth(
      [
        check('database', async () => 'DATABASE_UNREACHABLE'),
        check('slack', async () => null),
        check('broken', async () => {
          throw new Error('secret detail');
        }),
        check('silent', () => new Promise(() => {})),
      ],
      systemClock,
    ),
  ]);
  const ready = await get(server, '/readyz?verbose');
  expect(ready.status).toBe(503);
  expect(await ready.json()).toEqual({
    status: 'not ready',
    checks: {
      database: 'DATABASE_UNREACHABLE',
      slack: 'ok',
      broken: 'failed',
      silent: 'no answer in time',
    },
  });
  const health = await get(server, '/healthz');
  expect([health.status, await health.json()]).toEqual([200, { status: 'ok' }]);
  expect(health.headers.get('cache-control')).toBe('no-store');
});

it('what is not needed to take deliveries is told, and does not make a process unready', async () => {
  const checks = [
    check('database', async () => null),
    check('model', async () => 'MODEL_KEY_REJECTED', false),
  ];
  const server = await start([createHealth(checks, systemClock)]);
  const ready = await get(server, '/readyz');
  expect(ready.status).toBe(200);
  expect(await ready.json()).toEqual({
    status: 'ready',
    checks: { database: 'ok', model: 'MODEL_KEY_REJECTED' },
  });
});

it('an idle connection is kept for longer than a load balancer keeps it', async () => {
  const server = await start([createHealth([], systemClock)]);
  const kept = (await get(server, '/healthz')).headers.get('keep-alive');
  expect(Number(/timeout=(\d+)/.exec(kept ?? '')?.[1])).toBeGreaterThan(60);
});

it('health answers to GET and HEAD only, and leaves other paths to others', async () => {
  const server = await start([createHealth([], systemClock)]);
  expect((await get(server, '/readyz', { method: 'HEAD' })).status).toBe(200);
  expect((await get(server, '/readyz', { method: 'POST' })).status).toBe(405);
  for (const path of ['/', '/healthzz', '/healthz/']) expect((await get(server, path)).status).toBe(404);
});

it('a route that throws answers 500 and tells nothing, and the server goes on', async () => {
  const server = await start([
    (request) => {
      if (request.url === '/throws') throw new Error('internal words');
      return false;
    },
    createHealth([], systemClock),
  ]);
  const failed = await get(server, '/throws');
  expect([failed.status, await failed.text()]).toEqual([500, '']);
  expect((await get(server, '/healthz')).status).toBe(200);
});

it('a port in use is told by its code and the name of the variable', async () => {
  const first = await start([]);
  await expect(start([], first.port)).rejects.toMatchObject({
    code: 'PORT_IN_USE',
    message: expect.stringContaining(`PORT ${first.port}`),
  });
});

it('a stop lets a request finish, and ends one that does not within the grace period', async () => {
  let answer = () => {};
  let arrived = () => {};
  const here = new Promise<void>((resolve) => {
    arrived = resolve;
  });
  const server = await start([
    (request, response) => {
      if (request.url === '/slow') {
        answer = () => response.end('done');
        arrived();
      }
      return true;
    },
  ]);
  const slow = get(server, '/slow');
  const stuck = connect(server.port, '127.0.0.1').on('error', () => {});
  const cut = new Promise((resolve) => stuck.on('close', resolve));
  stuck.write('GET /never HTTP/1.1\r\nHost: x\r\n\r\n');
  await here;
  const stopped = server.stop(200);
  answer();
  expect(await (await slow).text()).toBe('done');
  await cut;
  await stopped;
  await expect(get(server, '/slow')).rejects.toThrow();
});
