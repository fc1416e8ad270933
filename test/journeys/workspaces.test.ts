import { expect, it } from 'vitest';
import type { TeamStandin } from '../../playground/slack/contract.ts';
import { northwindAgain } from '../../playground/slack/seed.ts';
import { addWorkspace, browser, install, organisation, startOpenWorld } from './installing.ts';
import { ana, dictation, general, isFinished, query, type World } from './world.ts';

const answering = { script: (question: string) => ({ text: `You said: ${question}` }) };

/** Ana asks in #general of a workspace whose ids end in `mark`, and is answered there. */
async function asks(team: TeamStandin, mark: string, words: string) {
  const { ts } = team.say(`${ana}${mark}`, `${general}${mark}`, `@skein ${words}`);
  return team.waitForMessage(
    (message) => message.threadTs === ts && message.user === team.botUser && isFinished(message),
  );
}

const stored = (world: World) =>
  query<{ id: string; gone: boolean; token: boolean }>(
    world,
    `select id, gone_at is not null as gone, bot_token is not null as token from skein.installations order by id`,
  );

it('two workspaces and an organisation install the app by their browsers and are answered side by side, each with its own token', async () => {
  const world = await startOpenWorld(answering);
  const { slack } = world;
  const second = addWorkspace(slack, 'X2');
  const org = slack.addTeam(organisation('X3'), 'xoxb-standin-X3', false);

  const pages = [];
  for (const { team } of [slack, second, org]) pages.push(await install(world, team));
  expect(pages.map(({ status }) => status)).toEqual([200, 200, 200]);
  expect(pages[0]?.text).toContain('Skein is installed in Northwind');
  expect(pages[1]?.text).toContain('Skein is installed in Northwind X2');
  expect(pages[2]?.text).toContain('installed for Northwind Group X3');
  expect(pages[2]?.text).toContain('silent in a workspace until it is added there');

  const answers = await Promise.all([
    asks(slack, '', 'one'),
    asks(second, 'X2', 'two'),
    asks(org, 'X3', 'three'),
  ]);
  expect(answers.map(({ visible }) => visible.match(/You said: (?:.*: )?(?:@skein )?(\w+)/)?.[1])).toEqual([
    'one',
    'two',
    'three',
  ]);
  for (const team of [slack, second, org])
    for (const { method, token } of team.calls())
      if (!method.startsWith('oauth.')) expect([method, token]).toEqual([method, team.token()]);
  // A token of an organisation says which workspace it means wherever Slack asks for that.
  await org.slash(`${ana}X3`, `${general}X3`, '/skein', 'settings');
  const refused = [slack, second, org].flatMap((team) => team.calls().filter(({ ok }) => !ok));
  expect(refused.map(({ method, error }) => [method, error])).toEqual([]);
  expect((await stored(world)).map(({ id }) => id)).toEqual([
    'E0NORTHWINDX3',
    'T0NORTHWIND',
    'T0NORTHWINDX2',
  ]);
  const teams = await query<{ team: string }>(
    world,
    'select distinct team from skein.conversations order by 1',
  );
  expect(teams.map(({ team }) => team)).toEqual(['E0NORTHWINDX3', 'T0NORTHWIND', 'T0NORTHWINDX2']);
});

it('what is stored shows no token and no key in the clear', async () => {
  const world = await startOpenWorld({ ...answering, rotation: { lifeSeconds: 43_200 } });
  await install(world, world.slack.team);
  await asks(world.slack, '', 'hello');
  const rows = await query<{ row: string }>(
    world,
    `select to_jsonb(i)::text as row from skein.installations i`,
  );
  const dump = rows.map(({ row }) => row).join('\n');
  expect(dump).toContain('"1.');
  expect(dump).not.toMatch(/xox[a-z]|xapp-|sk-ant/);
  // All that `pg_dump` writes: the queue's tables too.
  const tables = await query<{ name: string }>(
    world,
    `select format('%I.%I', table_schema, table_name) as name from information_schema.tables
     where table_schema not in ('pg_catalog', 'information_schema') and table_type = 'BASE TABLE'`,
  );
  expect(tables.map(({ name }) => name)).toContain('skein.installations');
  for (const { name } of tables) {
    const [found] = await query<{ count: string }>(
      world,
      `select count(*) from ${name} t where t::text ~ 'xox[a-z][-.]|xapp-|sk-ant|standin-client-secret'`,
    );
    expect([name, found?.count]).toEqual([name, '0']);
  }
});

it('a workspace that takes the app out hears nothing more at once, its token is erased, and the others go on', async () => {
  const world = await startOpenWorld(answering);
  const { slack } = world;
  const second = addWorkspace(slack, 'X2');
  await install(world, slack.team);
  await install(world, second.team);
  await asks(slack, '', 'before');
  slack.uninstall();
  await expect
    .poll(() => stored(world))
    .toEqual([
      { id: 'T0NORTHWIND', gone: true, token: false },
      { id: 'T0NORTHWINDX2', gone: false, token: true },
    ]);
  expect((await asks(second, 'X2', 'still here')).visible).toContain('still here');
  expect(world.fatal).toEqual([]);
  const calls = slack.calls().length;

  // Installed again it goes on as before, with a new token.
  expect((await install(world, slack.team)).status).toBe(200);
  expect((await asks(slack, '', 'after')).visible).toContain('after');
  expect(slack.calls().length).toBeGreaterThan(calls);
  await expect
    .poll(() => stored(world))
    .toEqual([
      { id: 'T0NORTHWIND', gone: false, token: true },
      { id: 'T0NORTHWINDX2', gone: false, token: true },
    ]);
  const deeds = await query<{ what: string; team: string }>(
    world,
    `select what, team from skein.deeds where team = 'T0NORTHWIND' order by id`,
  );
  expect(deeds.map(({ what }) => what)).toEqual(['installed', 'uninstalled', 'installed']);
});

it.each(['uninstall', 'revokeTokens'] as const)(
  'an answer that is being written when its workspace goes (%s) stops there, and one beside it is finished',
  async (goes) => {
    const [gone, stays] = [dictation(), dictation()];
    const world = await startOpenWorld({
      script: (question) => ({ text: question.includes('first') ? gone.text : stays.text }),
    });
    const { slack } = world;
    const second = addWorkspace(slack, 'X2');
    await install(world, slack.team);
    await install(world, second.team);
    const asked = slack.say(ana, general, '@skein first');
    const beside = second.say(`${ana}X2`, `${general}X2`, '@skein second');
    gone.say('One two three. ');
    stays.say('Uno dos tres. ');
    await slack.waitForMessage(({ visible }) => visible.includes('One two three.'));
    await second.waitForMessage(({ visible }) => visible.includes('Uno dos tres.'));

    slack[goes]();
    await expect.poll(async () => (await stored(world))[0]).toMatchObject({ gone: true, token: false });
    const calls = slack.calls().filter(({ ok }) => ok).length;
    gone.say('Never to be seen. ');
    gone.end();
    stays.say('Cuatro.');
    stays.end();
    const finished = await second.waitForMessage(
      (message) => message.threadTs === beside.ts && message.user === second.botUser && isFinished(message),
    );
    expect(finished.visible).toContain('Cuatro.');
    // Nothing is tried on and on, and nobody works for it any more.
    await expect
      .poll(() =>
        query(world, `select 1 from skein.mailboxes where team = $1 and lease_owner is not null`, [
          slack.team,
        ]),
      )
      .toEqual([]);
    expect(slack.calls().filter(({ ok }) => ok)).toHaveLength(calls);
    expect(JSON.stringify(slack.thread(general, asked.ts))).not.toContain('Never to be seen');
    expect(world.fatal).toEqual([]);
  },
);

it('a token that is revoked stops its workspace alone', async () => {
  const world = await startOpenWorld(answering);
  const { slack } = world;
  const second = addWorkspace(slack, 'X2');
  await install(world, slack.team);
  await install(world, second.team);
  second.revokeTokens();
  await expect
    .poll(() => stored(world))
    .toEqual([
      { id: 'T0NORTHWIND', gone: false, token: true },
      { id: 'T0NORTHWINDX2', gone: true, token: false },
    ]);
  expect((await asks(slack, '', 'hello')).visible).toContain('hello');
  expect(world.fatal).toEqual([]);
});

it('a token that ended is exchanged once, stored before it is used, and the call that met it is made again', async () => {
  const world = await startOpenWorld({ ...answering, rotation: { lifeSeconds: 43_200 } });
  const { slack } = world;
  await install(world, slack.team);
  await world.another();
  slack.expireTokens();
  const answers = await Promise.all(['one', 'two', 'three'].map((words) => asks(slack, '', words)));
  expect(answers).toHaveLength(3);
  expect(
    slack.calls('oauth.v2.access').filter(({ args }) => args['grant_type'] === 'refresh_token'),
  ).toHaveLength(1);
  expect(world.fatal).toEqual([]);
});

it('an exchange that fails for a while loses no installation, and one that Slack refuses for good ends it', async () => {
  const world = await startOpenWorld({ ...answering, rotation: { lifeSeconds: 43_200 } });
  const { slack } = world;
  await install(world, slack.team);
  const away = slack.faults.add({
    method: 'oauth.v2.access',
    times: Number.POSITIVE_INFINITY,
    fault: { kind: 'status', status: 503 },
  });
  slack.expireTokens();
  const { ts } = slack.say(ana, general, '@skein wait for it');
  await slack.waitForCall(({ method, status }) => method === 'oauth.v2.access' && status === 503);
  expect(await stored(world)).toEqual([{ id: 'T0NORTHWIND', gone: false, token: true }]);
  away();
  await expect
    .poll(async () => {
      await query(world, 'update skein.mailboxes set next_at = now() where next_at is not null');
      return slack.thread(general, ts).some(({ visible }) => visible.includes('You said'));
    })
    .toBe(true);

  slack.faults.add({
    method: 'oauth.v2.access',
    times: Number.POSITIVE_INFINITY,
    fault: { kind: 'error', error: 'invalid_refresh_token' },
  });
  slack.expireTokens();
  slack.say(ana, general, '@skein in vain');
  await expect.poll(() => stored(world)).toEqual([{ id: 'T0NORTHWIND', gone: true, token: false }]);
  expect(world.fatal).toEqual([]);
});

it('each way in which an installation fails has a page that says what to do', async () => {
  const world = await startOpenWorld(answering);
  const { slack } = world;
  const at = (path: string) => `http://127.0.0.1:${world.bot.port}${path}`;

  const cancelled = await install(world, slack.team, { allow: '0' });
  expect([cancelled.status, cancelled.text]).toEqual([400, expect.stringContaining('You cancelled')]);

  // A link that somebody else began.
  const theirs = browser();
  const page = await theirs.get(at('/slack/install'));
  const state = /state=([^&"]+)/.exec(page.text)?.[1] ?? '';
  const mine = await browser().get(at(`/slack/oauth_redirect?code=stolen&state=${state}`));
  expect([mine.status, mine.text]).toEqual([400, expect.stringContaining('not begun in this browser')]);

  const forged = browser();
  forged.cookies.set('slack-app-oauth-state', 'forged');
  const untrue = await forged.get(at('/slack/oauth_redirect?code=x&state=forged'));
  expect(untrue.text).toContain('not begun in this browser');

  slack.faults.add({ method: 'oauth.v2.access', times: 1, fault: { kind: 'error', error: 'invalid_code' } });
  expect((await install(world, slack.team)).text).toContain('Slack did not confirm');
  slack.faults.add({ method: 'oauth.v2.access', times: 1, fault: { kind: 'status', status: 503 } });
  expect((await install(world, slack.team)).status).toBe(503);
  slack.faults.add({
    method: 'oauth.v2.access',
    times: 1,
    fault: { kind: 'error', error: 'cannot_install_an_org_installed_app' },
  });
  expect((await install(world, slack.team)).text).toContain('organisation has installed Skein');
  expect(await stored(world)).toEqual([]);
});

it('what comes back from Slack works once', async () => {
  const world = await startOpenWorld(answering);
  const { slack } = world;
  const by = browser();
  const page = await by.get(`http://127.0.0.1:${world.bot.port}/slack/install`);
  const state = /state=([^&"]+)/.exec(page.text)?.[1] ?? '';
  const cookie = new Map(by.cookies);
  const back = `http://127.0.0.1:${world.bot.port}/slack/oauth_redirect?code=none&state=${state}`;
  expect((await by.get(back)).text).toContain('Slack did not confirm');
  for (const [name, value] of cookie) by.cookies.set(name, value);
  expect((await by.get(back)).text).toContain('works once');
  expect(slack.calls('oauth.v2.access')).toHaveLength(1);
});

it('a key that is replaced is followed by another process, and what it sealed is sealed anew', async () => {
  const { KEY, OTHER_KEY } = await import('./installing.ts');
  const world = await startOpenWorld(answering);
  await install(world, world.slack.team);
  const read = async () =>
    (await query<{ token: string }>(world, 'select bot_token as token from skein.installations'))[0]?.token ??
    '';
  const before = (await read()).split('.')[1];
  await world.bot.stop(0);
  const stopping = await world.another({ TOKEN_ENCRYPTION_KEY: `${OTHER_KEY},${KEY}` });
  expect((await asks(world.slack, '', 'hello')).visible).toContain('hello');
  await expect.poll(async () => (await read()).split('.')[1]).not.toBe(before);

  // The former key may go then.
  await stopping.stop(0);
  await world.another({ TOKEN_ENCRYPTION_KEY: OTHER_KEY });
  expect((await asks(world.slack, '', 'and again')).visible).toContain('and again');
});

it('a workspace that was served by its token becomes the first of many, and its threads are still there', async () => {
  const world = await startOpenWorld({
    ...answering,
    slack: { installed: true },
    env: { SLACK_BOT_TOKEN: 'xoxb-standin-bot' },
  });
  await expect.poll(() => stored(world)).toEqual([{ id: 'T0NORTHWIND', gone: false, token: true }]);
  await world.bot.stop(0);
  await world.another({ SLACK_BOT_TOKEN: '' });
  expect((await asks(world.slack, '', 'hello')).visible).toContain('hello');
});

it('a channel that moves between two workspaces of an organisation is answered by its own settings at once', async () => {
  const world = await startOpenWorld(answering);
  const { slack } = world;
  const enterprise = { id: 'E0GROUP', name: 'Northwind Group' };
  const inGroup = (mark: string) => {
    const seed = northwindAgain(mark);
    return slack.addTeam({ ...seed, team: { ...seed.team, enterprise } }, `xoxb-standin-${mark}`, false);
  };
  const [before, after] = [inGroup('X2'), inGroup('X3')];
  for (const { team } of [before, after]) await install(world, team);
  // As it was stored while the channel was in the other workspace, which does not see it any more.
  await query(
    world,
    `insert into skein.settings (team, scope, scope_id, key, value, set_by)
     values ('${before.team}', 'channel', '${general}X3', 'instructions', 'Say ahoy.', '${ana}X2')`,
  );
  await asks(after, 'X3', 'hello');
  expect(JSON.stringify(world.model.calls().at(-1)?.body?.['system'])).toContain('Say ahoy.');
  const rows = await query<{ team: string }>(
    world,
    `select team from skein.settings where scope_id = '${general}X3'`,
  );
  expect(rows).toEqual([{ team: after.team }]);
});
