import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { startProxy } from '../support/proxy.ts';

/** Runs a piece of TypeScript in a process of its own: the proxy is for a whole process. */
function run(script: string): Promise<string> {
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
    cwd: fileURLToPath(new URL('../..', import.meta.url)),
  });
  let out = '';
  child.stdout.on('data', (chunk) => {
    out += chunk;
  });
  child.stderr.on('data', (chunk) => {
    out += chunk;
  });
  return new Promise((resolve) => child.on('close', () => resolve(out)));
}

it('fetch, the guarded requests of the SDKs and a WebSocket go through the proxy; this machine and exceptions do not', async () => {
  const proxy = await startProxy();
  const out = await run(`
    import { WebSocket } from 'undici';
    import { goThroughProxy } from './src/proxy.ts';
    import { lookingFetch, onlyWhile } from './src/send-guard.ts';
    import { lookingRequest } from './src/slack/guards/request.ts';
    goThroughProxy({ url: ${JSON.stringify(proxy.url)}, except: 'direct.invalid' });
    await fetch('https://slack.invalid/').catch(() => {});
    await onlyWhile(() => true, () => lookingFetch('https://claude.invalid/')).catch(() => {});
    const call = () => lookingRequest('https://web-api.invalid/', { method: 'POST', body: 'a=1' });
    await onlyWhile(() => true, call).catch(() => {});
    await call().catch(() => {});
    let asked = 0;
    await onlyWhile(() => asked++ === 0, () => lookingFetch('https://late.invalid/')).catch(() => {});
    const socket = new WebSocket('wss://socket.invalid/');
    await new Promise((resolve) => { socket.onerror = resolve; });
    await fetch('https://direct.invalid/').catch((error) => console.log(error.cause.code));
    console.log((await fetch(${JSON.stringify(proxy.url)})).status);
  `);
  expect(out).toMatch(/ENOTFOUND|EAI_AGAIN/);
  expect(out).toContain('400');
  expect(proxy.wanted.filter((host) => host !== 'late.invalid:443')).toEqual([
    'slack.invalid:443',
    'claude.invalid:443',
    'web-api.invalid:443',
    'web-api.invalid:443',
    'socket.invalid:443',
  ]);
});
