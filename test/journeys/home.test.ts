import { expect, it } from 'vitest';
import { skein, startCalmWorld } from './slash.ts';
import { blocksOf, openHome, openSettings, save, textOf } from './views.ts';
import { ana, ben, finishedReply, general, query, type World } from './world.ts';

const DEFAULT = { script: () => ({ text: 'Tides follow the moon.' }) };

it.each(['socket', 'http'] as const)(
  'a member sees what can be done, their settings, usage and conversations, and nothing of the workspace (%s)',
  async (mode) => {
    const world = await startCalmWorld({ mode, ...DEFAULT });
    const { ts } = world.slack.say(ben, general, '@skein why are there <b>tides</b> & *waves*? @everyone');
    await finishedReply(world, general, ts);
    const other = world.slack.say(ana, general, '@skein what does the launch cost?');
    await finishedReply(world, general, other.ts);
    const text = textOf(await openHome(world, ben));
    expect(text).toContain('What I can do');
    expect(text).toContain('Claude Sonnet 4.6 (usual)');
    expect(text).toMatch(/\*\$0\.0\d+\* for 1 answer\./);
    expect(text).toContain('█');
    const permalink = `https://northwind.slack.com/archives/${general}/p${ts.replace('.', '')}`;
    expect(text).toContain(`<${permalink}|`);
    expect(text).toContain('&lt;b&gt;tides&lt;/b&gt; &amp;');
    expect(text).not.toContain('launch cost');
    expect(text).not.toContain('Spent today');
  },
);

/** Asks for usage on the Home tab; the message that comes of it. */
async function press(world: World, user: string, scope: string) {
  const home = await openHome(world, user);
  const known = new Set(world.slack.messages(`D0${user.slice(2)}`).map(({ ts }) => ts));
  await world.slack.interactions.clickView(user, home.id, { actionId: `home_usage_${scope}` });
  const sent = await world.slack.waitForMessage(
    ({ channel, ts, user: by }) =>
      channel === `D0${user.slice(2)}` && by === world.slack.botUser && !known.has(ts),
  );
  await expect
    .poll(() => [...world.slack.workspace.views.values()].map(textOf).join('\n'))
    .toContain('The charts are in the *Messages* tab.');
  return sent;
}

it('charts that a workspace refuses are not sent to it again, whoever asks', async () => {
  const world = await startCalmWorld(DEFAULT);
  for (const text of ['@skein one', '@skein two'])
    await finishedReply(world, general, world.slack.say(ben, general, text).ts);
  await query(
    world,
    "update skein.usage set model = 'claude-haiku-5-5' where at = (select max(at) from skein.usage)",
  );
  const drawn = () =>
    world.slack
      .calls('chat.postMessage')
      .filter(({ args }) => JSON.stringify(args['blocks'] ?? '').includes('data_visualization')).length;
  world.slack.faults.add({ method: 'chat.postMessage', fault: { kind: 'error', error: 'invalid_blocks' } });
  expect((await press(world, ben, 'person')).visible).toContain('2 answers');
  expect(drawn()).toBe(1);
  const second = await press(world, ana, 'workspace');
  expect(second.visible).toContain('2 answers');
  expect(drawn()).toBe(1);
});

it('usage is sent from the Home tab as charts, the workspace’s to admins only', async () => {
  const world = await startCalmWorld(DEFAULT);
  for (const text of ['@skein one', '@skein two'])
    await finishedReply(world, general, world.slack.say(ben, general, text).ts);
  await query(
    world,
    "update skein.usage set model = 'claude-haiku-5-5', cache_read_tokens = 3 * input_tokens where at = (select max(at) from skein.usage)",
  );
  expect(textOf(await openHome(world, ben))).toMatch(/\d+ % of what Claude read came from its cache\./);
  const mine = await press(world, ben, 'person');
  expect(mine.visible).toContain('2 answers');
  expect(JSON.stringify(mine.blocks)).toContain('data_visualization');
  expect(JSON.stringify(await openHome(world, ben))).not.toContain('home_usage_workspace');
  expect((await press(world, ana, 'workspace')).visible).toMatch(
    /Usage this month, the workspace[\s\S]*Person \| Ben Okafor/,
  );
});

it('answers whose price is not known are counted apart, on Home and by /skein usage', async () => {
  const world = await startCalmWorld(DEFAULT);
  const first = world.slack.say(ben, general, '@skein one');
  await finishedReply(world, general, first.ts);
  const second = world.slack.say(ben, general, '@skein two');
  await finishedReply(world, general, second.ts);
  expect(textOf(await openHome(world, ben))).not.toContain('price is not known');
  await query(world, 'update skein.usage set cost_nano = null where at = (select max(at) from skein.usage)');
  expect(textOf(await openHome(world, ben))).toMatch(
    /\*\$0\.0\d+\* for 1 answer, plus 1 answer whose price is not known\./,
  );
  const told = await skein(world, ben, general, 'usage');
  expect(told.visible).toMatch(/^2 answers, .*, plus 1 answer whose price is not known\.$/m);
});

it('what was spent is told by model and tool, and to admins by person and channel too', async () => {
  const world = await startCalmWorld(DEFAULT);
  await finishedReply(world, general, world.slack.say(ben, general, '@skein one').ts);
  expect(textOf(await openHome(world, ben))).not.toContain('By tool');
  await query(world, 'update skein.usage set web_searches = 2');
  const his = textOf(await openHome(world, ben));
  expect(his).toMatch(/By model: claude-sonnet-4-6 \*\$0\.0\d+\*/);
  expect(his).toContain('By tool: Web search *$0.02*');
  expect(his).not.toContain('By person');
  const hers = textOf(await openHome(world, ana));
  expect(hers).toMatch(/By person: <@U0BEN> \*\$0\.0\d+\*/);
  expect(hers).toMatch(/By channel: <#C0GENERAL> \*\$0\.0\d+\*/);
  expect(hers).toContain('By tool: Web search *$0.02*');
  const told = await skein(world, ben, general, 'usage');
  expect(told.visible).toMatch(/Tool \| Web search \| 1 \| 2 \| 0 \| 0 % \| 0 \| 0\.02/);
});

it('an admin sees the settings of the workspace and what it has spent', async () => {
  const world = await startCalmWorld(DEFAULT);
  const { ts } = world.slack.say(ben, general, '@skein hello');
  await finishedReply(world, general, ts);
  const text = textOf(await openHome(world, ana));
  expect(text).toContain('Only admins see this.');
  expect(text).toMatch(/Spent today: \*\$0\.0\d+\* \(no budget\)/);
  expect(text).toContain('Who may ask');
  expect(text).toContain('None in the last 30 days.');
});

it('somebody who is not admin any more does not see the workspace at the next opening', async () => {
  const world = await startCalmWorld(DEFAULT);
  expect(textOf(await openHome(world, ana))).toContain('Spent today');
  const before = world.slack.workspace.people.get(ana);
  if (before === undefined) throw new Error('Ana is in the seed');
  world.slack.workspace.put({ table: 'person', key: ana, value: { ...before, isAdmin: false } });
  expect(textOf(await openHome(world, ana))).not.toContain('Spent today');
});

it('a new workspace is shown its first steps, each marked when it is done, until it knows its way', async () => {
  const world = await startCalmWorld(DEFAULT);
  expect(textOf(await openHome(world, ana))).toContain('1. Ask me something, here in the Messages tab');
  const { channel, ts } = world.slack.dm(ana, 'hello');
  await finishedReply(world, channel, ts);
  const view = await openSettings(world, ana, 'workspace');
  await save(world, ana, view, { budget_month: '$50' });
  const text = textOf(await openHome(world, ana));
  expect(text).toContain('1. ~Ask me something, here in the Messages tab~ (done)');
  expect(text).toMatch(/2\. Invite <@U0SKEIN>/);
  expect(text).toMatch(/3\. ~Set a budget.*~ \(done\)/);
  await query(
    world,
    `insert into skein.conversations (team, channel, thread_ts, kind)
     select $1, 'C0GENERAL', '1700000000.' || lpad(n::text, 6, '0'), 'channel' from generate_series(1, 10) n`,
    [world.slack.team],
  );
  // Saving draws the tab as well, and that may come in between.
  await expect.poll(async () => textOf(await openHome(world, ana))).not.toContain('First steps');
});

it('it is drawn again after a change, and stays within what Slack takes', async () => {
  const world = await startCalmWorld(DEFAULT);
  const view = await openSettings(world, ben);
  const before = [...world.slack.workspace.views.values()].find(({ kind }) => kind === 'home')?.hash;
  await save(world, ben, view, { model: 'claude-haiku-5-5' });
  const home = await world.slack.waitForView(({ kind, hash }) => kind === 'home' && hash !== before);
  expect(textOf(home)).toContain('Claude Haiku 5.5 (your own)');
  expect(blocksOf(home).length).toBeLessThanOrEqual(100);
});

it('it says so when the database is away, and is whole at the next opening', async () => {
  const world = await startCalmWorld(DEFAULT);
  world.gate.shut();
  expect(textOf(await openHome(world, ben))).toContain('could not read your settings');
  await world.gate.open();
  await expect.poll(async () => textOf(await openHome(world, ben))).toContain('My usage');
});
