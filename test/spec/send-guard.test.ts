import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Agent } from 'undici';
import { expect, it, onTestFinished } from 'vitest';
import { createLog } from '../../src/log.ts';
import { lookingFetch, NotAllowedAnyMore, onlyWhile } from '../../src/send-guard.ts';
import { createClient } from '../../src/slack/clients.ts';
import { outcomeOf } from '../../src/slack/send/outcome.ts';

async function startServer() {
  const bodies: string[] = [];
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      bodies.push(Buffer.concat(parts).toString('utf8'));
      response.end('{"ok":true}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  return { bodies, url, send: () => lookingFetch(url, { method: 'POST', body: 'text=words' }) };
}

/** True for so many looks. */
function looks(times: number): () => boolean {
  let left = times;
  return () => left-- > 0;
}

it('a call that is allowed, or that nobody watches, is sent with its body and answered', async () => {
  const { bodies, send } = await startServer();
  expect(await (await send()).json()).toEqual({ ok: true });
  expect(await (await onlyWhile(() => true, send)).json()).toEqual({ ok: true });
  expect(bodies).toEqual(['text=words', 'text=words']);
});

it('nothing is sent if the right is lost before the call', async () => {
  const { bodies, send } = await startServer();
  await expect(onlyWhile(() => false, send)).rejects.toBeInstanceOf(NotAllowedAnyMore);
  expect(bodies).toEqual([]);
});

it.each(['a new connection', 'a connection that stands'])(
  'nothing is sent on %s if the right is lost while the request was on its way to it',
  async (which) => {
    const { bodies, send } = await startServer();
    if (which === 'a connection that stands') await (await send()).text();
    const before = bodies.length;
    await expect(onlyWhile(looks(1), send)).rejects.toMatchObject({ cause: expect.any(NotAllowedAnyMore) });
    // What is sent afterwards is the only thing that arrives.
    await (await send()).text();
    expect(bodies).toHaveLength(before + 1);
  },
);

it('a call of the SDK that was stopped so late counts as not sent, also behind two hundred others', async () => {
  const { bodies, url } = await startServer();
  const log = createLog('error', { write: () => {} });
  const client = createClient({ token: 'xoxb-1', slackApiUrl: url, log });
  const edit = () => client.chat.update({ channel: 'C1', ts: '1.0', text: 'words' });
  const others = Array.from({ length: 200 }, () => onlyWhile(() => true, edit));
  const failure: unknown = await onlyWhile(looks(1), edit).catch((thrown: unknown) => thrown);
  expect(outcomeOf(failure)).toMatchObject({ kind: 'failed', code: 'SLACK_UNREACHABLE' });
  await Promise.all(others);
  expect(bodies).toHaveLength(200);
});

it('what was asked for before a call of the SDK began is not sent', async () => {
  const { bodies, url } = await startServer();
  const log = createLog('error', { write: () => {} });
  const client = createClient({ token: 'xoxb-1', slackApiUrl: url, log });
  const failure: unknown = await onlyWhile(looks(0), () =>
    client.chat.update({ channel: 'C1', ts: '1.0', text: 'words' }),
  ).catch((thrown: unknown) => thrown);
  expect(outcomeOf(failure)).toMatchObject({ kind: 'failed' });
  expect(bodies).toHaveLength(0);
});

it('an address of Slack that leads elsewhere is not followed', async () => {
  const server = createServer((_request, response) => response.writeHead(302, { location: '/x' }).end());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const log = createLog('error', { write: () => {} });
  const client = createClient({ token: 'xoxb-1', slackApiUrl: url, log });
  const failure: unknown = await client.chat
    .update({ channel: 'C1', ts: '1.0', text: 'words' })
    .catch((thrown: unknown) => thrown);
  expect(outcomeOf(failure)).toMatchObject({ kind: 'unclear', code: 'SLACK_UNREACHABLE' });
});

it('it looks at the last moment with the undici of the package too', async () => {
  const { bodies, send } = await startServer();
  const place = Symbol.for('undici.globalDispatcher.1');
  const usual: unknown = Reflect.get(globalThis, place);
  const agent = new Agent();
  Reflect.set(globalThis, place, agent);
  onTestFinished(async () => {
    Reflect.set(globalThis, place, usual);
    await agent.close();
  });
  await (await onlyWhile(() => true, send)).text();
  await expect(onlyWhile(looks(1), send)).rejects.toMatchObject({ cause: expect.any(NotAllowedAnyMore) });
  expect(bodies).toEqual(['text=words']);
});
