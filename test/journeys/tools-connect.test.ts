import { expect } from 'vitest';
import { it } from './carriers.ts';
import {
  connects,
  type Entered,
  enters,
  idOf,
  linkIn,
  modal,
  press,
  signIn,
  startToolWorld,
  toolServer,
  typed,
} from './connecting.ts';
import { skein } from './slash.ts';
import { openHome, openSettings, save, textOf } from './views.ts';
import { ana, ben, finishedReply, general, query, set, type World } from './world.ts';

const deeds = (world: World) =>
  query<{ what: string; person: string | null }>(
    world,
    `select what, person from skein.deeds where what like 'tool_server%' or what like 'account%' order by id`,
  );

it('an admin connects a server in a form, everybody sees what it may do, and its tools are offered where it was switched on', async (mode) => {
  const server = await toolServer();
  const asked: string[][] = [];
  const world = await startToolWorld({
    mode,
    script: (_question, { body }) => {
      asked.push((Array.isArray(body.tools) ? body.tools : []).map(({ name }: { name: string }) => name));
      return { text: 'Asked.' };
    },
  });
  const form = await typed(world, ana, `tools connect tickets ${server.url}`, 'Test and connect');
  expect(textOf(form)).toContain(server.url);
  await enters(world, ana, form, { name: 'tickets', url: server.url, where: 'channel' });
  const page = textOf(await modal(world, ana, 'tickets is connected', 'What it can do'));
  expect(page).toContain('It is used from the next question on.');
  expect(page).toContain('*Find tickets* (reads, at once)');
  expect(page).toContain('*Create a ticket* (asks first)');

  const seen = textOf(await typed(world, ben, 'tools', 'tickets', 'used in this channel'));
  expect(seen).not.toMatch(/Connect a server|127\.0\.0\.1/);
  expect((await skein(world, ben, general, 'show')).visible).toMatch(/tools\s*\|\s*tickets/);

  await finishedReply(world, general, world.slack.say(ben, general, '@skein hello').ts);
  expect(asked.at(-1)).toContain('tickets__create_ticket');
  await finishedReply(world, 'C0ENGINEERING', world.slack.say(ben, 'C0ENGINEERING', '@skein hello').ts);
  expect(asked.at(-1)).toEqual([]);
  expect(await deeds(world)).toEqual([{ what: 'tool_server_connected', person: ana }]);
}, 60_000);

it('what is wrong is told at the fields of the form, which keep what was entered', async (mode) => {
  const [server, guarded] = await Promise.all([toolServer(), toolServer({ auth: 'bearer' })]);
  const world = await startToolWorld({ mode });
  const wrong = async (wanted: Entered) => {
    const form = await typed(world, ana, 'tools connect', 'Test and connect');
    return JSON.stringify(await enters(world, ana, form, wanted));
  };
  expect(await wrong({ name: 'Not a name', url: server.url })).toMatch(/tool_name.*small letters/);
  expect(await wrong({ name: 'tickets', url: 'nowhere' })).toMatch(/tool_url.*not an address/);
  expect(await wrong({ name: 'tickets', url: 'http://127.0.0.1:1/mcp' })).toMatch(
    /tool_url.*could not be reached/,
  );
  expect(await wrong({ name: 'tickets', url: 'http://192.168.0.1/mcp' })).toMatch(/tool_url.*TOOL_HOSTS/);
  expect(await wrong({ name: 'tickets', url: `${server.origin}/elsewhere` })).toMatch(
    /tool_url.*not a server of tools/,
  );
  expect(await wrong({ name: 'tickets', url: guarded.url })).toMatch(
    /tool_account.*does not take this account/,
  );
  const token = { name: 'tickets', url: guarded.url, account: 'workspace' };
  expect(await wrong(token)).toMatch(/tool_token.*token is missing/);
  expect(await wrong({ ...token, token: 'not-the-token' })).toMatch(
    /tool_account.*does not take this account/,
  );
  expect(await query(world, 'select 1 from skein.tool_servers')).toEqual([]);

  await connects(world, { ...token, token: guarded.token });
  expect(await wrong({ name: 'tickets', url: server.url })).toMatch(/tool_name.*server of this name already/);
  const rows = await query<{ row: string }>(
    world,
    'select to_jsonb(s)::text as row from skein.tool_servers s',
  );
  expect(JSON.stringify(rows)).not.toContain(guarded.token);
  expect(JSON.stringify(world.log)).not.toContain(guarded.token);
  expect(
    [...world.slack.workspace.views.values()].map((view) => JSON.stringify(view.content)).join(),
  ).not.toContain(guarded.token);
}, 60_000);

it('a server that is slower than Slack waits is connected in front of the person', async (mode) => {
  const server = await toolServer();
  const world = await startToolWorld({ mode });
  server.fault({ method: '*', fault: { kind: 'delay', ms: 4000 } });
  const form = await typed(world, ana, 'tools connect', 'Test and connect');
  await enters(world, ana, form, { name: 'tickets', url: server.url, where: 'workspace' });
  await modal(world, ana, 'Connecting to 127.0.0.1');
  await modal(world, ana, 'tickets is connected', '✓ used in this channel');
}, 60_000);

it('where a slow server fails, the form comes back with what was entered', async (mode) => {
  const server = await toolServer();
  const world = await startToolWorld({ mode });
  server.fault({ method: '*', fault: { kind: 'delay', ms: 4000 } });
  server.fault({ method: '*', times: Number.POSITIVE_INFINITY, fault: { kind: 'drop', when: 'before' } });
  const form = await typed(world, ana, 'tools connect', 'Test and connect');
  await enters(world, ana, form, { name: 'wiki', url: server.url, people: 'admins' });
  const again = await modal(world, ana, 'Test and connect', 'could not be reached');
  expect(JSON.stringify(again.content)).toContain(`"initial_value":"${server.url}"`);
}, 60_000);

it('only admins connect and change; whoever lost that right is told so by the form that is still open', async (mode) => {
  const server = await toolServer();
  const world = await startToolWorld({ mode });
  expect((await skein(world, ben, general, 'tools connect')).visible).toMatch(/admin/i);
  const form = await typed(world, ana, 'tools connect', 'Test and connect');
  const { workspace } = world.slack;
  const person = workspace.people.get(ana);
  if (person === undefined) throw new Error('Ana is not there');
  workspace.put({ table: 'person', key: ana, value: { ...person, isAdmin: false } });
  expect(JSON.stringify(await enters(world, ana, form, { name: 'tickets', url: server.url }))).toMatch(
    /admin/i,
  );
  expect(await query(world, 'select 1 from skein.tool_servers')).toEqual([]);
}, 60_000);

it('what a server lists otherwise than before is shown and accepted; removing it takes it out of every setting', async (mode) => {
  const server = await toolServer();
  const world = await startToolWorld({ mode });
  const view = await connects(world, { name: 'tickets', url: server.url, where: 'channel' });
  await set(world, ['workspace', world.slack.team], ['tools', 'tickets, wiki']);
  await press(world, ana, view, 'tools_test');
  await modal(world, ana, 'It lists the same tools as before.');
  server.list('pulled');
  await press(world, ana, view, 'tools_test');
  const differs = await modal(world, ana, 'The server lists something else now');
  expect((await skein(world, ana, general, 'doctor')).visible).toMatch(/Server tickets[\s\S]*other tools/);
  await press(world, ana, differs, 'tools_accept');
  await modal(world, ana, 'The list of now is accepted.');
  await press(world, ana, view, 'tools_remove');
  await modal(world, ana, 'tickets is removed');
  expect(await query(world, 'select 1 from skein.tool_servers')).toEqual([]);
  const left = await query<{ scope: string; value: string }>(
    world,
    `select scope, value from skein.settings where key = 'tools' order by scope`,
  );
  expect(left).toEqual([
    { scope: 'channel', value: 'none' },
    { scope: 'workspace', value: 'wiki' },
  ]);
  expect((await deeds(world)).map(({ what }) => what)).toContain('tool_server_removed');
  expect((await skein(world, ana, general, 'log')).visible).toContain('removed the server tickets');
}, 60_000);

it('a name that is not connected is told, by the command and at the field of the form', async (mode) => {
  const server = await toolServer();
  const world = await startToolWorld({ mode });
  expect((await skein(world, ana, general, 'set tools tickets')).visible).toContain(
    'There is no connected server called tickets. None is connected yet',
  );
  await connects(world, { name: 'tickets', url: server.url, where: 'nowhere' });
  expect((await skein(world, ana, general, 'set tools ticket channel')).visible).toContain(
    'Connected: tickets.',
  );
  const settings = await openSettings(world, ana, 'workspace');
  expect(JSON.stringify(await save(world, ana, settings, { tools: 'tickets, foo' }))).toContain(
    'no connected server called foo',
  );
  expect((await skein(world, ben, general, 'set tools tickets channel')).visible).toMatch(/admin/i);
  expect((await skein(world, ana, general, 'set tools tickets channel')).visible).toContain('tickets');
}, 60_000);

it('each person links an account of their own by a private link, sees that in the Home tab, and takes it back', async (mode) => {
  const server = await toolServer({ auth: 'oauth' });
  const world = await startToolWorld({ mode, env: { PUBLIC_URL: 'http://127.0.0.1:3000' } });
  const form = await typed(world, ana, 'tools connect', 'Test and connect');
  await enters(world, ana, form, { name: 'desk', url: server.url, account: 'person', where: 'channel' });
  await modal(world, ana, 'desk is connected', 'account is not linked');

  const home = await openHome(world, ben);
  expect(textOf(home)).toContain('your own account is not linked yet');
  await press(world, ben, home, 'home_tools');
  const list = await modal(world, ben, 'Link my account');
  await press(world, ben, list, `tools_link_${await idOf(world, 'desk')}`);
  const link = await modal(world, ben, 'Link your account at desk');
  await signIn(world, server, linkIn(link.content));
  await expect.poll(async () => (await deeds(world)).at(-1)).toEqual({ what: 'account_linked', person: ben });
  await press(world, ben, link, `tools_linked_${await idOf(world, 'desk')}`);
  await modal(world, ben, '✓ your account is linked');
  expect(textOf(await openHome(world, ben))).toContain('✓ your account is linked');

  expect((await skein(world, ben, general, 'tools unlink desk')).visible).toContain('is unlinked');
  expect(await query(world, 'select 1 from skein.tool_accounts')).toEqual([]);
  expect((await deeds(world)).at(-1)).toEqual({ what: 'account_unlinked', person: ben });
}, 60_000);
