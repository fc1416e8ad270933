import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import { promisify } from 'node:util';
import pg from 'pg';
import { expect, it, onTestFinished } from 'vitest';
import { startModelStandin } from '../../playground/model/server.ts';
import { startSlackStandin } from '../../playground/slack/standin.ts';
import { systemClock } from '../../src/clock.ts';
import { readConfig } from '../../src/config.ts';
import { examine, examineProblems } from '../../src/doctor/doctor.ts';
import { checkDatabase, checkDisk, checkModel, diskOf } from '../../src/doctor/parts.ts';
import { createLog } from '../../src/log.ts';
import { createAnthropicModel } from '../../src/model/anthropic.ts';
import { IDLE_LIMITS } from '../../src/model/stream.ts';
import { asText, exitCodeOf, type Finding } from '../../src/operations/finding.ts';
import { migrate } from '../../src/postgres/migrate.ts';
import { createTestDatabase } from '../support/database.ts';
import { ROOT } from '../support/source.ts';
import { throughPooler } from '../support/ways.ts';
import { install, KEY, OTHER_KEY, startOpenWorld } from './installing.ts';
import { query } from './world.ts';

const log = createLog('error', { write: () => {} });

async function surroundings() {
  const slack = await startSlackStandin({ clock: systemClock, tiers: 'off' });
  const model = await startModelStandin({ clock: systemClock, apiKey: 'sk-ant-test-key' });
  const database = await createTestDatabase();
  onTestFinished(async () => {
    await slack.stop();
    await model.stop();
    await database.drop();
  });
  const env = {
    SLACK_BOT_TOKEN: slack.botToken,
    SLACK_APP_TOKEN: slack.appToken,
    SLACK_API_URL: slack.apiUrl,
    ANTHROPIC_API_KEY: 'sk-ant-test-key',
    ANTHROPIC_BASE_URL: model.url,
    DATABASE_URL: database.url,
  };
  const look = async (
    changes: Record<string, string> = {},
    more: { fetch?: typeof fetch; clock?: typeof systemClock } = {},
  ) => {
    const config = readConfig({ ...env, ...changes });
    const clock = more.clock ?? systemClock;
    const { apiKey, baseUrl } = config.anthropic;
    const anthropic = createAnthropicModel({
      apiKey,
      baseUrl,
      clock,
      idleMs: IDLE_LIMITS,
      maxRetries: 0,
      log,
    });
    const databaseUrl = config.database.url;
    return examine({ config, databaseUrl, model: anthropic, fetch: more.fetch ?? fetch, clock, log });
  };
  return { slack, model, database, env, look };
}

const of = (found: readonly Finding[], name: string) => found.filter((one) => one.name === name);

it('where all is well every line is ok, and it says what it could not look at', async () => {
  const { database, look } = await surroundings();
  await migrate(database.url);
  const found = await look();
  expect(found.filter(({ state }) => state !== 'ok').map(({ name, state }) => [name, state])).toEqual([
    ['Messages tab', 'unchecked'],
  ]);
  expect(exitCodeOf(found)).toBe(0);
  for (const { state, todo } of found) expect(state === 'ok' ? todo === null : todo !== null).toBe(true);
  expect(asText(found)).toContain('not checked  Messages tab');

  // Whoever wrote to the app has shown that people may.
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  const wrote = (ago: string) =>
    client.query(
      `insert into skein.conversations (team, channel, thread_ts, kind, created_at)
       values ('T1', 'D1', $1::text, 'im', now() - $1::text::interval)`,
      [ago],
    );
  await wrote('30 days');
  expect(of(await look(), 'Messages tab')).toMatchObject([{ state: 'unchecked' }]);
  await wrote('1 day');
  expect(of(await look(), 'Messages tab')).toMatchObject([
    { state: 'ok', found: expect.stringContaining('somebody wrote to the app') },
  ]);
  await client.end();
});

it('a database without rights, that takes no writes or is behind a pooler, a full disk, and a model that retires are told', async () => {
  const { database } = await surroundings();
  const url = new URL(database.url);
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  const role = `reader_${url.pathname.slice(1)}`.slice(0, 60);
  await client.query(`create role "${role}" login password 'reader'`);
  onTestFinished(async () => {
    await client.query(`drop owned by "${role}"`);
    await client.query(`drop role "${role}"`);
    await client.end();
  });
  await client.query(`alter role "${role}" set default_transaction_read_only = on`);
  [url.username, url.password] = [role, 'reader'];
  const seen = await checkDatabase({ url: url.href, directUrl: null, ca: null, pool: 5 }, systemClock);
  expect(of(seen, 'Database')).toMatchObject([
    { state: 'wrong', found: expect.stringContaining('takes no writes') },
  ]);
  expect(of(seen, 'Database rights')).toMatchObject([{ state: 'wrong' }]);

  // A server that says another version of itself: what is found first by its path is asked instead of its own function.
  await client.query(`create schema old; grant usage on schema old to public`);
  await client.query(`alter role "${role}" set search_path = old, pg_catalog`);
  await client.query(`alter role "${role}" set default_transaction_read_only = off`);
  const saying = async (version: string, number: number) => {
    await client.query(`create or replace function old.current_setting(name text) returns text language sql as $$
      select case name when 'server_version' then '${version}' when 'server_version_num' then '${number}'
        else pg_catalog.current_setting(name) end $$`);
    return of(
      await checkDatabase({ url: url.href, directUrl: null, ca: null, pool: 5 }, systemClock),
      'Database',
    );
  };
  expect(await saying('14.23', 140_023)).toMatchObject([
    {
      state: 'wrong',
      found: 'PostgreSQL 14.23 is older than 15.',
      todo: expect.stringContaining('15 or newer'),
    },
  ]);
  expect(await saying('15.0', 150_000)).toMatchObject([
    { state: 'ok', found: expect.stringContaining('PostgreSQL 15.0') },
  ]);

  const pooled = await checkDatabase(
    { url: await throughPooler(database.url), directUrl: null, ca: null, pool: 5 },
    systemClock,
  );
  expect(of(pooled, 'Pooler')).toMatchObject([
    { state: 'wrong', todo: expect.stringContaining('DATABASE_DIRECT_URL') },
  ]);
  const direct = await checkDatabase(
    { url: await throughPooler(database.url), directUrl: database.url, ca: null, pool: 5 },
    systemClock,
  );
  expect(of(direct, 'Pooler')).toMatchObject([
    { state: 'ok', found: expect.stringContaining('DATABASE_DIRECT_URL') },
  ]);

  // Linux's own file systems have no room.
  if (process.platform === 'linux') expect(await checkDisk('/proc')).toMatchObject({ state: 'wrong' });
  expect(await checkDisk(ROOT)).toMatchObject({ name: 'Disk', found: expect.stringMatching(/GiB free/) });
  const gib = 1024 ** 3;
  expect([null, 0.2 * gib, gib, 3 * gib].map((free) => diskOf(free).state)).toEqual([
    'unchecked',
    'wrong',
    'warning',
    'ok',
  ]);

  const day = 24 * 60 * 60 * 1000;
  const modelThat = (lifecycle: 'active' | 'retired', inDays: number) => ({
    checkModel: async () => ({ ok: true as const }),
    listModels: async () => ({
      ok: true as const,
      models: [
        {
          ...{ id: 'claude-sonnet-4-6', name: 'Sonnet', lifecycle, contextTokens: null, outputCap: null },
          retiresAt: new Date(Date.now() + inDays * day).toISOString(),
        },
      ],
    }),
  });
  type Model = Parameters<typeof checkModel>[0];
  const told = (model: unknown) => checkModel(model as Model, 'claude-sonnet-4-6', systemClock);
  expect(of(await told(modelThat('active', 400)), 'Model')).toMatchObject([{ state: 'ok' }]);
  expect(of(await told(modelThat('active', 30)), 'Model')).toMatchObject([
    { state: 'warning', found: expect.stringContaining('retires on') },
  ]);
  expect(of(await told(modelThat('retired', -1)), 'Model')).toMatchObject([{ state: 'wrong' }]);
  const failing = {
    ...modelThat('active', 400),
    listModels: async () => ({ ok: false as const, failure: { code: 'MODEL_OVERLOADED' } }),
  };
  expect(of(await told(failing), 'Model key')).toMatchObject([
    { state: 'wrong', found: expect.stringContaining('MODEL_OVERLOADED') },
  ]);
});

it('where nobody installed the app yet, the page to do so is named', async () => {
  const { look, database, slack } = await surroundings();
  await migrate(database.url);
  const found = await look({
    SLACK_BOT_TOKEN: '',
    SLACK_APP_TOKEN: '',
    SLACK_SIGNING_SECRET: slack.signingSecret,
    SLACK_CLIENT_ID: '1.2',
    SLACK_CLIENT_SECRET: 'standin-client-secret',
    SLACK_STATE_SECRET: 'a-secret-of-the-state',
    PUBLIC_URL: 'http://127.0.0.1:1',
    TOKEN_ENCRYPTION_KEY: KEY,
  });
  expect(of(found, 'Workspaces')).toMatchObject([
    { state: 'warning', todo: expect.stringContaining('http://127.0.0.1:1/slack/install') },
  ]);
});

it('each thing that is wrong is told with what to do, and the exit code says so', async () => {
  const { slack, database, look } = await surroundings();
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  await client.query('delete from skein.migrations where id = (select max(id) from skein.migrations)');
  expect(of(await look(), 'Migrations')).toMatchObject([
    { state: 'warning', found: expect.stringContaining('1 are not applied') },
  ]);
  await client.query(`insert into skein.migrations (hash, created_at) values ('newer', 9999999999999)`);
  expect(of(await look(), 'Migrations')).toMatchObject([
    { state: 'warning', found: expect.stringContaining('newer Skein') },
  ]);
  await client.end();

  slack.withdraw('files:write');
  expect(of(await look(), 'Scopes')).toMatchObject([
    { state: 'wrong', found: expect.stringContaining('files:write') },
  ]);
  slack.refuseToken('token_revoked');
  expect(of(await look(), 'Slack token')).toMatchObject([
    { state: 'wrong', found: expect.stringContaining('token_revoked') },
  ]);
  slack.refuseToken(undefined);
  expect(of(await look({ SLACK_APP_TOKEN: 'xapp-other' }), 'Events')).toMatchObject([{ state: 'wrong' }]);
  expect(of(await look({ SLACK_API_URL: 'http://127.0.0.1:1/api/' }), 'Slack token')).toMatchObject([
    { state: 'wrong', found: expect.stringContaining('could not be reached') },
  ]);
  expect(of(await look({ ANTHROPIC_API_KEY: 'sk-ant-other' }), 'Model key')).toMatchObject([
    { state: 'wrong', found: expect.stringContaining('MODEL_KEY_REJECTED') },
  ]);
  expect(of(await look({ DEFAULT_MODEL: 'claude-nobody-9' }), 'Model')).toMatchObject([{ state: 'wrong' }]);
  expect(of(await look({ DEFAULT_MODEL: 'claude-nobody-9' }), 'Price')).toMatchObject([{ state: 'warning' }]);
  const nowhere = await look({ DATABASE_URL: 'postgres://nobody:x@127.0.0.1:1/none' });
  expect(of(nowhere, 'Database')).toMatchObject([{ state: 'wrong' }]);
  for (const name of ['Messages tab', 'Connected servers'])
    expect(of(nowhere, name)).toMatchObject([{ state: 'unchecked' }]);
  expect(exitCodeOf(nowhere)).toBe(1);
  // More than any server that the tests run on has.
  const crowded = await checkDatabase(
    { url: database.url, directUrl: null, ca: null, pool: 100_000 },
    systemClock,
  );
  expect(of(crowded, 'Connections')).toMatchObject([{ state: 'warning' }]);
  expect(of(await look({ DATABASE_URL: '' }), 'Database')).toMatchObject([{ state: 'unchecked' }]);

  expect(of(await look({ ROLE: 'work' }), 'Events')).toMatchObject([{ state: 'ok' }]);
  expect(of(await look({ ROLE: 'receive', ANTHROPIC_API_KEY: '' }), 'Model key')).toMatchObject([
    { state: 'ok', found: 'this process asks no model.' },
  ]);

  const behind = { ...systemClock, now: () => systemClock.now() - 60_000 };
  await expect
    .poll(async () => of(await look({}, { clock: behind }), 'Clock'))
    .toMatchObject([{ state: 'warning', found: expect.stringMatching(/(?:59|60|61) s off/) }]);
  const late = { ...systemClock, now: () => systemClock.now() + 400_000 };
  // Slack's answer may be on its way for long on a busy machine.
  await expect
    .poll(async () => of(await look({}, { clock: late }), 'Clock'))
    .toMatchObject([{ state: 'wrong', found: expect.stringMatching(/(?:399|400|401) s off/) }]);
});

it('what answers in place of Slack, and names no scopes and no time, is told', async () => {
  const { look } = await surroundings();
  const bodies = ['<html>Sign in to the network</html>', 'null', '{"ok":true,"team":"Somebody"}'];
  const found = [];
  for (const body of bodies) {
    const stranger = createServer((_request, response) => {
      response.sendDate = false;
      response.end(body);
    });
    await new Promise<void>((resolve) => stranger.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void stranger.close());
    const address = stranger.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    found.push(await look({ SLACK_API_URL: `http://127.0.0.1:${port}/api/` }));
  }
  const [page = [], empty = [], silent = []] = found;
  expect(of(page, 'Clock')).toMatchObject([{ state: 'unchecked' }]);
  for (const name of ['Slack token', 'Events'])
    expect(of(page, name)).toMatchObject([
      { state: 'wrong', found: expect.stringContaining('not be reached') },
    ]);
  expect(of(empty, 'Slack token')).toMatchObject([
    { state: 'wrong', found: expect.stringContaining('HTTP 200') },
  ]);
  expect(of(silent, 'Slack token')).toMatchObject([
    { state: 'ok', found: expect.stringContaining('Somebody') },
  ]);
  for (const name of ['Scopes', 'Clock']) expect(of(silent, name)).toMatchObject([{ state: 'unchecked' }]);
});

it('over HTTP a signed request goes to PUBLIC_URL, and what answers otherwise is told', async () => {
  const { look } = await surroundings();
  const world = await startOpenWorld();
  const http = { SLACK_APP_TOKEN: '', SLACK_SIGNING_SECRET: world.slack.signingSecret };
  const here = `http://127.0.0.1:${world.bot.port}`;
  expect(of(await look({ ...http, PUBLIC_URL: here }), 'Events')).toMatchObject([{ state: 'ok' }]);
  expect(
    of(await look({ ...http, PUBLIC_URL: here, SLACK_SIGNING_SECRET: 'other' }), 'Events'),
  ).toMatchObject([{ state: 'wrong', found: expect.stringContaining('HTTP 401') }]);
  expect(of(await look(http), 'Events')).toMatchObject([{ state: 'unchecked' }]);
  const stranger = createServer((_request, response) => response.end('hello'));
  await new Promise<void>((resolve) => stranger.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void stranger.close());
  const address = stranger.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  expect(of(await look({ ...http, PUBLIC_URL: `http://127.0.0.1:${port}` }), 'Events')).toMatchObject([
    { state: 'wrong', found: expect.stringContaining('HTTP 200') },
  ]);
  expect(of(await look({ ...http, PUBLIC_URL: 'http://127.0.0.1:1' }), 'Events')).toMatchObject([
    { state: 'wrong', found: expect.stringMatching(/does not answer a signed request/) },
  ]);
});

it('of many workspaces each token is looked at, and one that no key opens is named', async () => {
  const { look } = await surroundings();
  const world = await startOpenWorld();
  await install(world, world.slack.team);
  const many = {
    SLACK_BOT_TOKEN: '',
    SLACK_APP_TOKEN: '',
    SLACK_SIGNING_SECRET: world.slack.signingSecret,
    SLACK_API_URL: world.slack.apiUrl,
    SLACK_CLIENT_ID: '1.2',
    SLACK_CLIENT_SECRET: 'standin-client-secret',
    SLACK_STATE_SECRET: 'a-secret-of-the-state',
    PUBLIC_URL: `http://127.0.0.1:${world.bot.port}`,
    DATABASE_URL: world.databaseUrl,
    TOKEN_ENCRYPTION_KEY: KEY,
  };
  const found = await look(many);
  expect(of(found, 'Slack token')).toMatchObject([
    { state: 'ok', found: expect.stringContaining('Northwind') },
  ]);
  expect(exitCodeOf(found)).toBe(0);
  expect(of(await look({ ...many, TOKEN_ENCRYPTION_KEY: OTHER_KEY }), 'Stored tokens')).toMatchObject([
    { state: 'wrong', found: expect.stringContaining('T0NORTHWIND') },
  ]);
  world.slack.refuseToken('token_revoked');
  expect(of(await look(many), 'Slack token')).toMatchObject([
    {
      state: 'wrong',
      found: expect.stringMatching(/Northwind.*token_revoked/),
      todo: expect.stringContaining('/slack/install'),
    },
  ]);
  world.slack.refuseToken(undefined);

  // More than are looked at, and a database that does not say who there is.
  await query(
    world,
    `insert into skein.installations select (jsonb_populate_record(i, jsonb_build_object('id', 'T0MORE' || n))).*
     from skein.installations i, generate_series(1, 52) n where i.id = 'T0NORTHWIND'`,
  );
  const crowd = await look(many);
  expect(of(crowd, 'Clock')).toMatchObject([{ state: 'ok' }]);
  expect(of(crowd, 'Workspaces')).toMatchObject([{ found: expect.stringContaining('53') }]);
  expect(of(crowd, 'Slack token').at(-1)).toMatchObject({
    state: 'unchecked',
    found: '3 further workspaces were not looked at.',
  });
  for (const url of ['', 'postgres://nobody:x@127.0.0.1:1/none'])
    expect(of(await look({ ...many, DATABASE_URL: url }), 'Workspaces')).toMatchObject([
      { state: 'unchecked' },
    ]);
  await query(world, 'alter table skein.installations rename to installations_elsewhere');
  expect(of(await look(many), 'Workspaces')).toMatchObject([{ state: 'unchecked' }]);
  await query(world, 'alter table skein.installations_elsewhere rename to installations');
});

it('a configuration that cannot be read is told by variable, as JSON too, and ends with 1', async () => {
  expect(examineProblems(['PORT must be a whole number'])).toMatchObject([
    { name: 'Configuration', state: 'wrong', found: 'PORT must be a whole number.' },
  ]);
  const run = promisify(execFile)('node', ['--import', 'tsx', 'src/main.ts', 'doctor', '--json'], {
    cwd: ROOT,
    env: { PATH: process.env['PATH'], PORT: 'no' },
  }).then(
    () => ({ code: 0, stdout: '' }),
    (failed: { code: number; stdout: string }) => failed,
  );
  const { code, stdout } = await run;
  expect(code).toBe(1);
  expect((JSON.parse(stdout) as Finding[]).some(({ found }) => found.startsWith('PORT '))).toBe(true);
});
