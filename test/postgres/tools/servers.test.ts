import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Fault } from '../../../playground/tools/faults.ts';
import type { ToolStandin } from '../../../playground/tools/standin.ts';
import { systemClock } from '../../../src/clock.ts';
import { createSeal } from '../../../src/installations/tokens/seal.ts';
import { createLog } from '../../../src/log.ts';
import { type Route, serve } from '../../../src/operations/http.ts';
import { type Database, openDatabase } from '../../../src/postgres/database.ts';
import type { CallOutcome, ConnectedTool } from '../../../src/tools/connected.ts';
import type { Linked } from '../../../src/tools/servers/links.ts';
import {
  type ConnectedServers,
  type ConnectedServersOptions,
  createConnectedServers,
} from '../../../src/tools/servers/make.ts';
import type { NewServer } from '../../../src/tools/servers/servers.ts';
import { serversOf } from '../../../src/tools/servers/store.ts';
import { createTestDatabase } from '../../support/database.ts';
import { LOOPBACK, standin } from '../../support/tools.ts';

let databaseUrl = '';
const ends: (() => Promise<void>)[] = [];
beforeEach(async () => {
  const database = await createTestDatabase();
  databaseUrl = database.url;
  ends.push(() => database.drop());
});
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});
const log = createLog('error', { write: () => {} });
const TEAM = 'T0NORTH';
const ADA = 'U0ADA';
const BEN = 'U0BEN';
const never = new AbortController().signal;
const key = Buffer.alloc(32, 7).toString('base64');

interface Bench extends ConnectedServers {
  readonly db: Database;
  readonly linked: Linked[];
  readonly unlinked: Linked[];
  readonly publicUrl: string;
}

/** A process: the real thing over a database and pages of its own. */
async function startProcess(options: Partial<ConnectedServersOptions> = {}): Promise<Bench> {
  const db = openDatabase({ url: databaseUrl, ca: null, max: 4, clock: systemClock, log });
  const routes: Route[] = [];
  const http = await serve({ port: 0, host: '127.0.0.1', routes, clock: systemClock, log });
  const [linked, unlinked]: [Linked[], Linked[]] = [[], []];
  const publicUrl = `http://127.0.0.1:${http.port}`;
  const made = createConnectedServers({
    database: db,
    hosts: LOOPBACK,
    proxy: null,
    seal: createSeal([key]),
    publicUrl,
    fitImage: async (bytes) => ({ media: 'image/png', bytes }),
    rank: async (_team, person) => (person === ADA ? 'admin' : person === BEN ? 'member' : 'outsider'),
    identify: async (_team, person) => ({ person: person === ADA ? 'Ada' : 'Ben', workspace: 'Northwind' }),
    onLinked: async (one) => void linked.push(one),
    onUnlinked: async (one) => void unlinked.push(one),
    newId: randomUUID,
    clock: systemClock,
    log,
    ...options,
  });
  if (made.route !== null) routes.push(made.route);
  ends.push(async () => {
    await http.stop(0);
    await made.close();
    await db.close();
  });
  return { ...made, db, linked, unlinked, publicUrl };
}

const asked = (tools: ToolStandin, more: Partial<NewServer> = {}): NewServer => ({
  team: TEAM,
  name: 'desk',
  url: tools.url,
  account: 'none',
  people: 'members',
  changes: 'ask',
  token: null,
  client: null,
  by: ADA,
  ...more,
});

async function toolNamed(one: Bench, tool: string): Promise<ConnectedTool> {
  const offered = await one.connected.offered({ team: TEAM, servers: ['desk'] });
  const found = offered.find((each) => each.tool === tool);
  if (found === undefined)
    throw new Error(`${tool} is not offered; there are ${offered.map(({ name }) => name)}`);
  return found;
}

const by = (person: string) => ({ team: TEAM, channel: 'C0GENERAL', person });

async function call(one: Bench, tool: string, input: unknown = {}, person = BEN): Promise<CallOutcome> {
  return one.connected.call(await toolNamed(one, tool), input, by(person), never);
}

const words = (outcome: CallOutcome) =>
  outcome.kind === 'done'
    ? outcome.parts.map((part) => (part.type === 'text' ? part.text : part.type)).join('\n')
    : `${outcome.kind}: ${outcome.reason}`;

describe('a connected server', () => {
  test('is offered in the order of names, with what it says of its tools, and does what it is asked', async () => {
    const [one, tools] = [await startProcess(), await standin(ends)];
    const done = await one.servers.connect(asked(tools), never);
    expect(done).toMatchObject({
      ok: true,
      server: { name: 'desk', account: 'none', listingChanged: false },
    });
    const offered = await one.connected.offered({ team: TEAM, servers: ['desk', 'elsewhere'] });
    const names = offered.map(({ name }) => name);
    expect(names).toEqual([...names].sort());
    expect(offered.find(({ tool }) => tool === 'find_ticket')).toMatchObject({
      name: 'desk__find_ticket',
      title: 'Find tickets',
      reads: true,
      repeatable: true,
    });
    expect(offered.find(({ tool }) => tool === 'set_status')).toMatchObject({
      reads: false,
      repeatable: true,
    });
    expect(offered.find(({ tool }) => tool === 'create_ticket')).toMatchObject({
      reads: false,
      repeatable: false,
    });
    expect(words(await call(one, 'find_ticket', { query: 'printer' }))).toContain('T-101');
    expect(await one.connected.offered({ team: TEAM, servers: [] })).toEqual([]);
    expect(await one.connected.offered({ team: 'T0OTHER', servers: ['desk'] })).toEqual([]);
  });

  test('is refused with its reason where it can not be connected', async () => {
    const [one, tools] = [await startProcess(), await standin(ends)];
    const problem = async (more: Partial<NewServer>) => {
      const done = await one.servers.connect(asked(tools, more), never);
      return done.ok ? 'connected' : done.problem;
    };
    expect(await problem({ name: 'Desk 1' })).toBe('name');
    expect(await problem({ url: 'tools.example.com' })).toBe('url');
    expect(await problem({ url: 'https://user:secret@tools.example.com/' })).toBe('url');
    expect(await problem({ url: 'http://tools.example.com/mcp' })).toBe('plain');
    expect(await problem({ url: 'https://10.0.0.7/mcp' })).toBe('address');
    expect(await problem({ url: 'https://metadata.google.internal/mcp' })).toBe('address');
    expect(await problem({ url: `${tools.origin}/elsewhere` })).toBe('refused');
    expect(await problem({ url: 'http://127.0.0.1:9/mcp' })).toBe('unreachable');
    expect(await problem({ account: 'workspace', token: '' })).toBe('token_missing');
    expect(await problem({ account: 'person' })).toBe('no_oauth');
    expect(await problem({})).toBe('connected');
    expect(await problem({})).toBe('name_taken');
  });

  test('that lies, orders about and hides things is offered without what is not seen, and what can not be offered is told', async () => {
    const [one, tools] = [await startProcess(), await standin(ends, { listing: 'hostile' })];
    const done = await one.servers.connect(asked(tools), never);
    if (!done.ok || done.listed === null) throw new Error('not connected');
    expect(done.listed.leftOut.map(({ why }) => why).sort()).toEqual(
      ['deep_schema', 'large_schema', 'name', 'remote_schema'].sort(),
    );
    expect(done.listed.shortened).toEqual(['wordy']);
    const offered = await one.connected.offered({ team: TEAM, servers: ['desk'] });
    const said = JSON.stringify(offered);
    expect(said).not.toMatch(/<!channel>|<!here>|<@U0ADA>|\u200b|\u202e|[\u{e0000}-\u{e007f}]/u);
    for (const { name } of offered) expect(name).toMatch(/^[a-zA-Z0-9_-]{1,64}$/);
  });

  test('with more tools than anybody offers has the first fifty, and twins get names of their own', async () => {
    const [one, tools] = [await startProcess(), await standin(ends, { listing: 'crowd' })];
    const done = await one.servers.connect(asked(tools), never);
    if (!done.ok || done.listed === null) throw new Error('not connected');
    expect(done.listed.tools).toHaveLength(50);
    expect(done.listed.leftOut.length).toBeGreaterThanOrEqual(450);
    tools.list('twins');
    await one.servers.connect(asked(tools, { name: 'mail' }), never);
    const offered = await one.connected.offered({ team: TEAM, servers: ['mail'] });
    expect(new Set(offered.map(({ name }) => name)).size).toBe(4);
    for (const tool of offered)
      expect(words(await one.connected.call(tool, {}, by(BEN), never))).toBe(`This was "${tool.tool}".`);
  });

  test('that changed a tool after it was accepted is not called until an admin has looked', async () => {
    const tools = await standin(ends);
    const before = await startProcess();
    await before.servers.connect(asked(tools), never);
    tools.list('pulled');
    // Another process, which looks for itself.
    const one = await startProcess();
    expect(words(await call(one, 'find_ticket', { query: 'x' }))).toContain('changed this tool');
    expect(tools.calls('find_ticket')).toHaveLength(0);
    expect(await one.servers.find(TEAM, 'desk')).toMatchObject({ listingChanged: true });
    expect(words(await call(one, 'who_am_i'))).toBe('You are anybody.');
    const looked = await one.servers.look({ team: TEAM, name: 'desk', by: ADA }, never);
    if (!looked.ok) throw new Error(looked.problem);
    expect(looked.change).toEqual({
      added: ['send_secrets'],
      removed: [],
      changed: ['find_ticket'],
      nowChanging: ['find_ticket'],
    });
    tools.list('desk');
    const at = { team: TEAM, name: 'desk', by: ADA, seen: looked.seen };
    expect(await one.servers.accept(at, never)).toEqual({ ok: false, problem: 'changed_meanwhile' });
    tools.list('pulled');
    expect(await one.servers.accept(at, never)).toMatchObject({
      ok: true,
      server: { listingChanged: false },
    });
    expect(await toolNamed(before, 'find_ticket')).toMatchObject({ reads: false });
  });

  test('is used by those who may, and its changing tools only while they are on', async () => {
    const [one, tools] = [await startProcess(), await standin(ends)];
    await one.servers.connect(asked(tools, { people: 'admins' }), never);
    const tool = await toolNamed(one, 'create_ticket');
    const judged = async () =>
      Promise.all([ADA, BEN, 'U0GUEST'].map((person) => one.connected.judge(tool, by(person))));
    expect(await judged()).toEqual(['may', 'not_allowed', 'not_allowed']);
    expect(words(await one.connected.call(tool, {}, by(BEN), never))).toContain('may not be used');
    await one.servers.change({ team: TEAM, name: 'desk' }, { people: 'members' });
    expect(await judged()).toEqual(['may', 'may', 'not_allowed']);
    await one.servers.change({ team: TEAM, name: 'desk' }, { people: 'everyone' });
    expect(await judged()).toEqual(['may', 'may', 'may']);
    await one.servers.change({ team: TEAM, name: 'desk' }, { changes: 'off' });
    expect(await judged()).toEqual(['not_allowed', 'not_allowed', 'not_allowed']);
    await expect(toolNamed(one, 'create_ticket')).rejects.toThrow('not offered');
    expect(await one.servers.remove({ team: TEAM, name: 'desk' })).toBe(true);
    expect(await judged()).toEqual(['not_allowed', 'not_allowed', 'not_allowed']);
    expect(tools.calls()).toHaveLength(0);
  });

  test('with a token of the workspace speaks in its name, and the token is stored sealed', async () => {
    const [one, tools] = [await startProcess(), await standin(ends, { auth: 'bearer' })];
    const workspace = { account: 'workspace' } as const;
    expect(await one.servers.connect(asked(tools, { ...workspace, token: 'wrong' }), never)).toEqual({
      ok: false,
      problem: 'unauthorized',
    });
    await one.servers.connect(asked(tools, { ...workspace, token: tools.token }), never);
    expect(words(await call(one, 'who_am_i'))).toBe('You are workspace.');
    const { rows } = await one.db.pool.query('select secret from skein.tool_servers');
    expect(rows).toHaveLength(1);
    expect(JSON.stringify(rows)).not.toContain(tools.token);
    await one.servers.change({ team: TEAM, name: 'desk' }, { token: 'another' });
    expect(await call(one, 'who_am_i')).toMatchObject({ kind: 'not_done', why: 'refused' });
    const without = await startProcess({ seal: null });
    expect(without.servers.able).toEqual({ workspaceAccounts: 'no_key', personalAccounts: 'no_key' });
    expect((await startProcess({ publicUrl: null })).servers.able).toEqual({
      workspaceAccounts: null,
      personalAccounts: 'no_public_url',
    });
  });
});

test('what is sealed is sealed anew with the first key, so that the old one can go', async () => {
  const tools = await standin(ends, { auth: 'bearer' });
  const before = await startProcess();
  await before.servers.connect(asked(tools, { account: 'workspace', token: tools.token }), never);
  const fresh = Buffer.alloc(32, 9).toString('base64');
  const both = await startProcess({ seal: createSeal([fresh, key]) });
  await both.tend();
  const after = await startProcess({ seal: createSeal([fresh]) });
  expect(words(await call(after, 'who_am_i'))).toBe('You are workspace.');
});

describe('accounts of people', () => {
  async function personal(
    options: Parameters<typeof standin>[1] = {},
  ): Promise<{ one: Bench; tools: ToolStandin }> {
    const [one, tools] = [await startProcess(), await standin(ends, { auth: 'oauth', ...options })];
    const done = await one.servers.connect(asked(tools, { account: 'person' }), never);
    if (!done.ok) throw new Error(done.problem);
    return { one, tools };
  }

  async function linkFor(one: Bench, person: string): Promise<string> {
    const made = await one.links?.create({ team: TEAM, name: 'desk', person });
    if (made === undefined || typeof made === 'string') throw new Error(`no link: ${made}`);
    return made.url;
  }

  /** A browser opens the link and presses the button: where it is sent on, and its cookie. */
  async function confirm(link: string): Promise<{ page: string; cookie: string; onward: string }> {
    const shown = await fetch(link);
    const page = await shown.text();
    const cookie = (shown.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
    const fields = new URLSearchParams();
    for (const [, name = '', value = ''] of page.matchAll(/name="(\w+)" value="([^"]*)"/g))
      fields.set(name, value);
    const target = new URL('/tools/link', link);
    const gone = await fetch(target, { method: 'POST', body: fields, headers: { cookie } });
    const onward = /url=([^"]+)"/.exec(await gone.text())?.[1]?.replaceAll('&amp;', '&') ?? '';
    return { page, cookie, onward };
  }

  async function link(one: Bench, tools: ToolStandin, person: string, account: string): Promise<string> {
    const { cookie, onward } = await confirm(await linkFor(one, person));
    const back = await tools.consent(onward, 'allow', account);
    return (await fetch(back, { headers: { cookie } })).text();
  }

  test('are linked on a page that says whose they become, and speak for nobody else', async () => {
    const { one, tools } = await personal();
    const url = await linkFor(one, BEN);
    const { page, onward } = await confirm(url);
    expect(page).toContain('Only go on if you are Ben in the Slack workspace Northwind');
    const sent = new URL(onward).searchParams;
    expect(sent.get('code_challenge_method')).toBe('S256');
    expect(sent.get('resource')).toBe(tools.url);
    expect(await link(one, tools, ADA, 'ada@desk')).toContain('is linked');
    expect(one.linked).toEqual([{ team: TEAM, person: ADA, server: 'desk' }]);
    // The list is accepted in the name of the admin who has an account.
    const looked = await one.servers.look({ team: TEAM, name: 'desk', by: ADA }, never);
    if (!looked.ok) throw new Error(looked.problem);
    await one.servers.accept({ team: TEAM, name: 'desk', by: ADA, seen: looked.seen }, never);
    const tool = await toolNamed(one, 'who_am_i');
    expect(await one.connected.judge(tool, by(ADA))).toBe('may');
    expect(await one.connected.judge(tool, by(BEN))).toBe('unlinked');
    expect(words(await call(one, 'who_am_i', {}, ADA))).toBe('You are ada@desk.');
    expect(await call(one, 'who_am_i', {}, BEN)).toMatchObject({ kind: 'not_done', why: 'unlinked' });
    await link(one, tools, BEN, 'ben@desk');
    expect(words(await call(one, 'who_am_i', {}, BEN))).toBe('You are ben@desk.');
    expect(await one.accounts?.linkedAt(TEAM, BEN)).toEqual(['desk']);
    const { rows } = await one.db.pool.query('select * from skein.tool_accounts');
    expect(JSON.stringify(rows)).not.toMatch(/access-|refresh-/);
  });

  test('are not linked in another browser, a second time, later, or without consent', async () => {
    const { one, tools } = await personal();
    const said = async (response: Promise<Response>) => (await response).text();
    // Sent to somebody else: by the address behind the page, or by a form of another site.
    const first = await confirm(await linkFor(one, ADA));
    const back = await tools.consent(first.onward, 'allow', 'victim');
    expect(await said(fetch(back))).toContain('not begun in this browser');
    expect(await said(fetch(back, { headers: { cookie: 'skein_link=another' } }))).toContain(
      'not begun in this browser',
    );
    const state = new URL(await linkFor(one, ADA)).searchParams.get('state') ?? '';
    const body = new URLSearchParams({ state, browser: 'guess' });
    expect(await said(fetch(`${one.publicUrl}/tools/link`, { method: 'POST', body }))).toContain(
      'not begun in this browser',
    );
    // That link is newer, so the first one is over.
    expect(await said(fetch(back, { headers: { cookie: first.cookie } }))).toContain('was used');

    const refused = await confirm(await linkFor(one, ADA));
    const no = await tools.consent(refused.onward, 'deny');
    const page = await said(fetch(no, { headers: { cookie: refused.cookie } }));
    expect(page).toContain('You did not agree');
    expect(page).not.toContain('The person said no');
    expect(await said(fetch(no, { headers: { cookie: refused.cookie } }))).toContain('was used');

    const old = await confirm(await linkFor(one, ADA));
    await one.db.pool.query("update skein.tool_links set created_at = now() - interval '11 minutes'");
    const late = await tools.consent(old.onward);
    expect(await said(fetch(late, { headers: { cookie: old.cookie } }))).toContain('older than ten minutes');
    await one.tend();
    expect((await one.db.pool.query('select 1 from skein.tool_links')).rows).toEqual([]);
    expect(one.linked).toEqual([]);
    expect(tools.oauth.grants()).toEqual([]);
  });

  test('are refreshed once over all processes when their token ends or is refused', async () => {
    const { one, tools } = await personal();
    await link(one, tools, ADA, 'ada@desk');
    const looked = await one.servers.look({ team: TEAM, name: 'desk', by: ADA }, never);
    if (!looked.ok) throw new Error(looked.problem);
    await one.servers.accept({ team: TEAM, name: 'desk', by: ADA, seen: looked.seen }, never);
    const other = await startProcess();
    await one.db.pool.query("update skein.tool_accounts set expires_at = now() + interval '5 seconds'");
    const all = await Promise.all([
      call(one, 'who_am_i', {}, ADA),
      call(other, 'who_am_i', {}, ADA),
      call(one, 'who_am_i', {}, ADA),
    ]);
    // A refresh token that is used twice ends the grant.
    expect(all.map(words)).toEqual(['You are ada@desk.', 'You are ada@desk.', 'You are ada@desk.']);
    tools.oauth.expireAccess();
    expect(words(await call(other, 'who_am_i', {}, ADA))).toBe('You are ada@desk.');
    expect(words(await call(one, 'who_am_i', {}, ADA))).toBe('You are ada@desk.');
  });

  test('that the authorization server refuses are unlinked, and their person is told', async () => {
    const { one, tools } = await personal();
    await link(one, tools, ADA, 'ada@desk');
    const looked = await one.servers.look({ team: TEAM, name: 'desk', by: ADA }, never);
    if (!looked.ok) throw new Error(looked.problem);
    await one.servers.accept({ team: TEAM, name: 'desk', by: ADA, seen: looked.seen }, never);
    tools.fault({ method: 'POST /token', fault: { kind: 'status', status: 503 } });
    tools.oauth.expireAccess();
    expect(await call(one, 'who_am_i', {}, ADA)).toMatchObject({ kind: 'not_done', why: 'unreachable' });
    expect(one.unlinked).toEqual([]);
    tools.oauth.refuseRefresh = true;
    expect(await call(one, 'who_am_i', {}, ADA)).toMatchObject({ kind: 'not_done', why: 'unlinked' });
    expect(one.unlinked).toEqual([{ team: TEAM, person: ADA, server: 'desk' }]);
    expect(await one.accounts?.linkedAt(TEAM, ADA)).toEqual([]);
  });

  test('are dropped and revoked when their person says so, is forgotten, or the server is removed', async () => {
    const { one, tools } = await personal();
    await link(one, tools, ADA, 'ada@desk');
    await link(one, tools, BEN, 'ben@desk');
    expect(tools.oauth.grants()).toHaveLength(2);
    const left = () => tools.oauth.grants().map(({ account }) => account);
    expect(await one.accounts?.forget(TEAM, BEN)).toBe(1);
    await expect.poll(left).toEqual(['ada@desk']);
    await link(one, tools, BEN, 'ben@desk');
    expect(await one.servers.remove({ team: TEAM, name: 'desk' })).toBe(true);
    expect((await one.db.pool.query('select 1 from skein.tool_accounts')).rows).toEqual([]);
    await expect.poll(left).toEqual([]);
    expect(await one.servers.remove({ team: TEAM, name: 'desk' })).toBe(false);
  });

  test.each<Fault>([
    { kind: 'hang', when: 'before' },
    { kind: 'status', status: 503 },
    { kind: 'drop', when: 'before' },
  ])('are dropped though their tokens can not be revoked ($kind)', async (fault) => {
    const { one, tools } = await personal();
    await link(one, tools, ADA, 'ada@desk');
    await link(one, tools, BEN, 'ben@desk');
    tools.fault({ method: 'POST /revoke', times: Number.POSITIVE_INFINITY, fault });
    const [server] = await serversOf(one.db.query, TEAM);
    if (server === undefined) throw new Error('there is no server');
    expect(await one.accounts?.unlink(server, ADA)).toBe(true);
    expect(await one.servers.remove({ team: TEAM, name: 'desk' })).toBe(true);
    expect((await one.db.pool.query('select 1 from skein.tool_accounts')).rows).toEqual([]);
  });

  test('are looked after by what is published now of how they are linked', async () => {
    const { one, tools } = await personal();
    const at = { team: TEAM, name: 'desk' };
    const [RESOURCE, SERVER] = [
      '/.well-known/oauth-protected-resource/mcp',
      '/.well-known/oauth-authorization-server',
    ];
    const read = async (path: string) => (await fetch(`${tools.origin}${path}`)).json() as Promise<object>;
    const [resource, server] = [await read(RESOURCE), await read(SERVER)];
    const always = (path: string, fault: Fault) =>
      tools.fault({ method: `GET ${path}`, times: Number.POSITIVE_INFINITY, fault });
    const saying = async (path: string, published: object) => {
      const end = always(path, { kind: 'nonsense', body: JSON.stringify(published) });
      return one.servers.authorization(at).finally(end);
    };
    expect(await one.servers.authorization(at)).toBe('same');
    expect(await saying(SERVER, { ...server, token_endpoint: `${tools.origin}/other` })).toBe('moved');
    expect(await saying(SERVER, { ...server, token_endpoint: 'https://10.0.0.1/token' })).toBe('address');
    expect(await saying(SERVER, { ...server, code_challenge_methods_supported: ['plain'] })).toBe('no_code');
    const { code_challenge_methods_supported: _, ...silent } = server as Record<string, unknown>;
    expect(await saying(SERVER, silent)).toBe('same');
    expect(await saying(RESOURCE, { ...resource, resource: `${tools.origin}/other` })).toBe('other_resource');
    expect(await saying(SERVER, { hello: 'there' })).toBe('unreachable');
    const gone = [RESOURCE, '/.well-known/oauth-protected-resource'].map((path) =>
      always(path, { kind: 'status', status: 404 }),
    );
    expect(await one.servers.authorization(at)).toBe('no_oauth');
    for (const end of gone) end();
    const away = always(SERVER, { kind: 'drop', when: 'before' });
    expect(await one.servers.authorization(at)).toBe('unreachable');
    away();
    expect(await one.servers.authorization({ team: TEAM, name: 'nobody' })).toBe(null);
    await one.db.pool.query(`update skein.tool_servers set oauth = 'torn'`);
    expect(await one.servers.authorization(at)).toBe('unreadable');
  });

  test('need a client that was registered by hand where the server registers nobody', async () => {
    const one = await startProcess();
    const redirects = [`${one.publicUrl}/tools/callback`];
    const tools = await standin(ends, {
      auth: 'oauth',
      oauth: { registration: false, client: { id: 'by-hand', secret: 'hush', redirects } },
    });
    const person = { account: 'person' } as const;
    expect(await one.servers.connect(asked(tools, person), never)).toEqual({
      ok: false,
      problem: 'needs_client',
    });
    const client = { id: 'by-hand', secret: 'hush' };
    expect(await one.servers.connect(asked(tools, { ...person, client }), never)).toMatchObject({ ok: true });
    expect(await link(one, tools, ADA, 'ada@desk')).toContain('is linked');
  });
});
