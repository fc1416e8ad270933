import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { createTestDatabase } from '../support/database.ts';
import { startProxy } from '../support/proxy.ts';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

it('the program calls Slack through it, and tells the host of the proxy without its login', async () => {
  const proxy = await startProxy();
  const database = await createTestDatabase();
  const url = new URL(proxy.url);
  url.username = 'user';
  url.password = 'hidden';
  const child = spawn(process.execPath, ['--import', 'tsx', MAIN], {
    env: {
      PATH: process.env['PATH'],
      SLACK_BOT_TOKEN: 'xoxb-1',
      SLACK_APP_TOKEN: 'xapp-1',
      ANTHROPIC_API_KEY: 'sk-ant-1',
      HTTPS_PROXY: url.href,
      HOST: '127.0.0.1',
      PORT: '0',
      DATABASE_URL: database.url,
    },
  });
  let out = '';
  child.stdout.on('data', (chunk) => {
    out += chunk;
  });
  child.stderr.on('data', (chunk) => {
    out += chunk;
  });
  const closed = new Promise((resolve) => child.on('close', resolve));
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await closed;
    await database.drop();
  });
  await Promise.race([proxy.asked('slack.com:443'), closed]);
  // What a process writes comes through its pipe by another way than its calls.
  await expect.poll(() => out).toContain(`"proxy":"${url.host}"`);
  expect(out).not.toContain('hidden');
  expect(proxy.wanted).toContain('slack.com:443');
});
