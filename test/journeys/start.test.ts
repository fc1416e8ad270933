import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { throughPooler, withoutTls } from '../support/ways.ts';
import { environment, run } from './program.ts';
import { ana, finishedReply, general, query, startWorld } from './world.ts';

it('a wrong environment is told whole, by variable name, and without the secrets in it', async () => {
  const { exit, output } = run({
    SLACK_BOT_TOKEN: 'xoxp-user-token-1234567890',
    SLACK_API_URL: 'http://example.com/api/',
    PORT: 'eighty',
    DATABASE_URL: 'mysql://me:hunter2@db/x',
    ROLE: 'boss',
  });
  expect(await exit).toBe(1);
  for (const name of [
    'SLACK_BOT_TOKEN',
    'SLACK_API_URL',
    'PORT',
    'DATABASE_URL',
    'ROLE',
    'ANTHROPIC_API_KEY',
  ])
    expect(output()).toContain(name);
  expect(output()).not.toMatch(/1234567890|hunter2/);
});

it('a restore that is refused says why in one line, and nothing of a start', async () => {
  const tokens = { SLACK_BOT_TOKEN: 'xoxb-1', SLACK_APP_TOKEN: 'xapp-1', ANTHROPIC_API_KEY: 'sk-ant-1' };
  const { exit, output } = run(tokens, undefined, ['restore', '/nowhere/saved']);
  expect(await exit).toBe(1);
  expect(output()).toBe('restore failed: /nowhere/saved is no backup of Skein.\n');
});

it('a bot token that Slack refuses ends the program with a clear reason', async () => {
  const world = await startWorld({ env: { ROLE: 'work' } });
  const { exit, output } = run({ ...environment(world), SLACK_BOT_TOKEN: 'xoxb-not-the-right-one' });
  expect(await exit).toBe(1);
  expect(output()).toContain('SLACK_AUTH_FAILED');
});

it('an app-level token that Slack refuses ends the program with a clear reason', async () => {
  const world = await startWorld({ env: { ROLE: 'work' } });
  const { exit, output } = run({ ...environment(world), SLACK_APP_TOKEN: 'xapp-not-the-right-one' });
  expect(await exit).toBe(1);
  expect(output()).toContain('SLACK_AUTH_FAILED');
});

it('a bot token that dies while the program runs ends it with 1 and the reason; a good one answers what was asked', async () => {
  const world = await startWorld({ script: () => ({ text: 'Answered by the next one.' }) });
  await world.bot.stop(0);
  const dying = run(environment(world));
  await dying.ready;
  world.slack.faults.add({
    method: '*',
    times: Number.POSITIVE_INFINITY,
    fault: { kind: 'error', error: 'token_revoked' },
  });
  const { ts } = world.slack.say(ana, general, '@skein are you there?');
  expect(await dying.exit).toBe(1);
  expect(dying.output()).toMatch(/SLACK_AUTH_FAILED.*token_revoked/);
  const gone = () => query(world, 'select 1 from skein.installations where gone_at is not null');
  await expect.poll(gone).toHaveLength(1);

  world.slack.faults.clear();
  await query(world, 'update skein.mailboxes set next_at = null');
  await world.restart();
  expect((await finishedReply(world, general, ts)).visible).toContain('Answered by the next one.');
  await expect.poll(gone).toEqual([]);
});

it('a port that is in use ends the program with a clear reason', async () => {
  const world = await startWorld({ env: { ROLE: 'work' } });
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void other.close());
  const { exit, output } = run({
    ...environment(world),
    PORT: String((other.address() as AddressInfo).port),
  });
  expect(await exit).toBe(1);
  expect(output()).toContain('PORT_IN_USE');
});

it('a database that needs a newer version is refused and left as it is', async () => {
  const world = await startWorld({ env: { ROLE: 'work' } });
  await query(
    world,
    "insert into skein.migrations (hash, created_at, needs) values ('newer', 99999999999999, 99999999999999)",
  );
  const { exit, output } = run(environment(world));
  expect(await exit).toBe(1);
  expect(output()).toContain('DATABASE_NEWER');
});

it('a way to the database that can not work is refused with what to do: a pooler, and TLS that is not there', async () => {
  const world = await startWorld({ env: { ROLE: 'work' } });
  const refused = async (url: string) => {
    const { exit, output } = run({ ...environment(world), DATABASE_URL: url });
    expect(await exit).toBe(1);
    return output();
  };
  const [pooled, plain] = await Promise.all([
    refused(await throughPooler(world.databaseUrl)),
    refused(`${await withoutTls(world.databaseUrl)}?sslmode=require`),
  ]);
  expect(pooled).toContain('DATABASE_POOLED');
  expect(pooled).toContain('set DATABASE_DIRECT_URL to the server itself');
  expect(plain).toContain('DATABASE_CERTIFICATE');
  expect(plain).toContain('use sslmode=disable');
  expect(plain).not.toContain('SECURITY WARNING');
});

it('behind a pooler in transaction mode, and with a direct way beside it, questions are answered', async () => {
  const world = await startWorld({ env: { ROLE: 'work' }, script: () => ({ text: 'From behind.' }) });
  const { ready } = run({
    ...environment(world),
    DATABASE_URL: await throughPooler(world.databaseUrl),
    DATABASE_DIRECT_URL: world.databaseUrl,
  });
  await ready;
  const asked = Array.from({ length: 12 }, (_, at) => world.slack.say(ana, general, `@skein hello ${at}`));
  for (const { ts } of asked)
    expect((await finishedReply(world, general, ts)).visible).toContain('From behind.');
});

it('the program answers, and SIGTERM ends it with code 0', async () => {
  const world = await startWorld({ env: { ROLE: 'work' }, script: () => ({ text: 'From the program.' }) });
  const { child, exit, ready } = run(environment(world));
  await ready;
  const { ts } = world.slack.say(ana, general, '@skein hello');
  expect((await finishedReply(world, general, ts)).visible).toContain('From the program.');
  child.kill('SIGTERM');
  expect(await exit).toBe(0);
});

it('a question by command whose program is killed between post and commit is taken by another one, once', async () => {
  const world = await startWorld({ env: { ROLE: 'work' }, script: () => ({ text: 'From the other one.' }) });
  const { child, exit, ready } = run(environment(world));
  await ready;
  world.slack.faults.add({ method: 'chat.postMessage', fault: { kind: 'hang', when: 'after' } });
  const acknowledged = await world.slack.slash(ana, general, '/skein', 'ask are you there?');
  expect(acknowledged.acked).toBe(true);
  const { ts } = await world.slack.waitForMessage(({ visible }) => visible.includes('are you there?'));
  child.kill('SIGKILL');
  await exit;
  const reply = await world.slack.waitForMessage(({ visible }) => visible.includes('From the other one.'));
  expect(reply.threadTs).toBe(ts);
  expect(world.slack.messages(general)).toHaveLength(1);
  await expect.poll(() => query(world, 'select 1 from skein.pending_questions')).toEqual([]);
  expect(world.model.calls()).toHaveLength(1);
});
