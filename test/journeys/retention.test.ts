import { describe, expect, it } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { createRetention } from '../../src/erasure/retention.ts';
import { createLog } from '../../src/log.ts';
import { openDatabase } from '../../src/postgres/database.ts';
import { retentionLimits } from '../../src/settings/retention.ts';
import { skein, startCalmWorld } from './slash.ts';
import { field, filled, openHome, openSettings, save, textOf } from './views.ts';
import { ana, ben, finishedReply, general, query, settled, turnsOf, type World } from './world.ts';

async function stored(world: World): Promise<string[]> {
  const rows = await query<{ is: string }>(
    world,
    `select scope || ' ' || scope_id || ' ' || value as is from skein.settings where key = 'retention' order by 1`,
  );
  return rows.map(({ is }) => is);
}

/** All that was stored becomes so many days older, and the chore of the next hour runs. */
async function later(world: World, days: number): Promise<void> {
  for (const [table, column] of [
    ['messages', 'created_at'],
    ['replies', 'opened_at'],
  ])
    await query(world, `update skein.${table} set ${column} = ${column} - $1 * interval '1 day'`, [days]);
  const log = createLog('error', { write: () => {} });
  const database = openDatabase({ url: world.databaseUrl, max: 2, clock: systemClock, log });
  try {
    await createRetention({
      database,
      limits: () => retentionLimits(database.query, world.config.defaults),
      clock: systemClock,
      log,
      signal: new AbortController().signal,
    })();
  } finally {
    await database.close();
  }
}

async function words(world: World): Promise<string> {
  return JSON.stringify(
    await query(
      world,
      `select coalesce(text, '') || coalesce(raw, '') || coalesce(blocks, '') as words from skein.messages
       union all select log from skein.replies union all select text from skein.instructions union all select text from skein.versions`,
    ),
  );
}

describe.each(['socket', 'http'] as const)('retention over %s', (mode) => {
  it('is set in the form, in one’s own words, and shown with who set it', async () => {
    const world = await startCalmWorld({ mode });
    await world.slack.slash(ben, general, '/skein', 'settings');
    const view = await filled(world, ben);
    expect(textOf(view)).toContain('Keep texts for');
    expect(textOf(view)).toContain('forever (the usual value)');
    const wrong = await save(world, ben, view, { retention: 'a while' });
    expect(wrong.errors).toEqual({
      [field(view, 'retention').block]:
        'Use days from 1 to 3,650 such as 30, 12 weeks or 1 year, or forever.',
    });
    expect(await save(world, ben, view, { retention: '12 weeks' })).toMatchObject({
      acked: true,
      errors: {},
    });
    expect(await stored(world)).toEqual([`channel ${general} 84 days`]);
    const shown = await skein(world, ana, general, 'show');
    expect(shown.visible).toMatch(/retention.*84 days.*channel.*Ben Okafor/);
  });
});

it('a workspace’s retention is for its admins, and a channel or a person can only shorten it', async () => {
  const world = await startCalmWorld();
  const refused = await skein(world, ben, general, 'set retention 30 days workspace');
  expect(refused.visible).toContain('Only admins of this workspace may do that.');
  const set = await skein(world, ana, general, 'set retention 30 days workspace');
  expect(set.visible).toContain('retention for the workspace is now 30 days');
  expect(set.visible).toContain('What is older is erased within the hour and cannot be brought back.');
  const longer = await skein(world, ben, general, 'set retention 1 year');
  expect(longer.visible).toContain('The tighter limit of the workspace stays in force.');
  const shown = await skein(world, ben, general, 'show');
  expect(shown.visible).toMatch(/retention.*30 days.*workspace.*Ana Ruiz/);
  const mine = await skein(world, ben, general, 'set retention 7 me');
  expect(mine.visible).toContain('It holds in direct messages with me');
  expect(await stored(world)).toEqual([
    `channel ${general} 365 days`,
    `person ${ben} 7 days`,
    `workspace ${world.slack.team} 30 days`,
  ]);
  const back = await skein(world, ben, general, 'reset retention');
  expect(back.visible).toContain('What holds here is the value of the workspace.');
});

it('what an admin set for a channel or a person, only an admin changes', async () => {
  const world = await startCalmWorld();
  await skein(world, ana, general, 'set retention 30');
  for (const change of ['set retention forever', 'set retention 1', 'reset retention']) {
    const refused = await skein(world, ben, general, change);
    expect(refused.visible).toContain('Somebody else set this limit, so only an admin');
  }
  const help = await skein(world, ben, general, 'help retention');
  expect(help.visible).toContain('A narrower scope can only tighten it.');
  await skein(world, ana, general, 'reset retention');
  expect(await stored(world)).toEqual([]);
});

it('a thread whose words were erased goes on with what was said since, and nothing is read from Slack again', async () => {
  const world = await startCalmWorld({ script: (question) => ({ text: `About ${question}` }) });
  const { ts } = world.slack.say(ben, general, 'a secret root');
  world.slack.say(ana, general, '@skein a secret question', { threadTs: ts });
  await finishedReply(world, general, ts);
  expect(await words(world)).toContain('secret root');
  await skein(world, ana, general, 'set retention 30 days');
  await later(world, 31);
  expect(await words(world)).not.toMatch(/secret|About/);

  world.slack.say(ana, general, '@skein and now?', { threadTs: ts });
  await finishedReply(world, general, ts, 2);
  expect(turnsOf(world.model.calls().at(-1)?.body)).toEqual(['user: [Ana Ruiz]: and now?']);
  expect(await words(world)).not.toContain('secret');
});

it('who wrote in a thread is still known, so that a second person is not answered without a mention', async () => {
  const world = await startCalmWorld({ script: (question) => ({ text: `About ${question}` }) });
  const { ts } = world.slack.say(ana, general, '@skein one');
  await finishedReply(world, general, ts);
  await skein(world, ana, general, 'set retention 30 days');
  await later(world, 31);
  const remark = world.slack.say(ben, general, 'I would say two', { threadTs: ts });
  const taken = () => query(world, 'select 1 from skein.messages where slack_ts = $1', [remark.ts]);
  await expect.poll(taken).toHaveLength(1);
  expect(await query(world, `select 1 from skein.replies`)).toHaveLength(1);
  world.slack.say(ana, general, '@skein and?', { threadTs: ts });
  await finishedReply(world, general, ts, 2);
  expect(world.model.calls()).toHaveLength(2);
  expect(turnsOf(world.model.calls()[1]?.body)).toEqual([
    'user: [Ben Okafor]: I would say two',
    'user: [Ana Ruiz]: and?',
  ]);
});

it('buttons under an erased answer say so and change nothing, but Delete takes it out of Slack', async () => {
  let asked = 0;
  const world = await startCalmWorld({ script: () => ({ text: `Answer ${++asked}.` }) });
  const { ts } = world.slack.say(ana, general, '@skein what?');
  const first = await finishedReply(world, general, ts);
  await world.slack.click(ana, { channel: general, ts: first.ts, actionId: 'reply_regenerate' });
  await world.slack.waitForMessage(
    (message) =>
      message.ts === first.ts &&
      message.visible.includes('Answer 2.') &&
      message.visible.includes('Version 2 of 2'),
  );
  // Its last look is stored a moment after it is seen.
  await settled(world);
  await skein(world, ana, general, 'set retention 30 days');
  await later(world, 31);
  expect(await words(world)).not.toContain('Answer');

  const told = new Set<string>();
  for (const actionId of ['reply_regenerate', 'reply_version_earlier']) {
    await world.slack.click(ana, { channel: general, ts: first.ts, actionId });
    const line = await world.slack.waitForMessage(
      (message) => message.threadTs === ts && message.ephemeralFor === ana && !told.has(message.ts),
    );
    told.add(line.ts);
    expect(line.visible, actionId).toContain('I do not keep the words of this question and answer any more');
  }
  expect(world.model.calls()).toHaveLength(2);
  expect(world.slack.thread(general, ts).find((message) => message.ts === first.ts)?.visible).toContain(
    'Answer 2.',
  );
  await world.slack.click(ana, { channel: general, ts: first.ts, actionId: 'reply_delete' });
  await expect
    .poll(() => world.slack.thread(general, ts).some((message) => message.ts === first.ts))
    .toBe(false);
});

it('context, export, forget and Home speak of what is left', async () => {
  const world = await startCalmWorld({ script: () => ({ text: 'The answer.' }) });
  const { ts } = world.slack.say(ana, general, '@skein the secret');
  await finishedReply(world, general, ts);
  await skein(world, ana, general, 'set retention 30 days');
  await later(world, 31);

  expect((await skein(world, ana, general, 'context')).visible).toMatch(
    /0 messages of 0 people and 0 answers/,
  );
  expect((await skein(world, ana, general, 'export')).visible).toContain('There is no conversation');
  expect((await skein(world, ana, general, 'forget')).visible).toContain(
    'There is nothing of yours to forget',
  );
  expect((await skein(world, ana, general, 'usage')).visible).toContain('1');
  const home = textOf(await openHome(world, ana));
  expect(home).toContain('A conversation');
  expect(home).not.toContain('secret');
  expect(home).toContain('Keep texts for');

  world.slack.say(ana, general, '@skein the weather', { threadTs: ts });
  await finishedReply(world, general, ts, 2);
  expect((await skein(world, ana, general, 'context')).visible).toMatch(/1 message of 1 person and 1 answer/);
  const asked = await skein(world, ana, general, 'forget');
  expect(asked.visible).toContain('Forget 1 message of yours and 1 answer to them here?');
});

it('a person’s own retention holds in their direct messages and nowhere else', async () => {
  const world = await startCalmWorld({ script: (question) => ({ text: `About ${question}` }) });
  const view = await openSettings(world, ben);
  await save(world, ben, view, { retention: '7' });
  const inChannel = world.slack.say(ben, general, '@skein in the channel');
  await finishedReply(world, general, inChannel.ts);
  const direct = world.slack.dm(ben, 'between us');
  await finishedReply(world, direct.channel, direct.ts);
  const others = world.slack.dm(ana, 'between them');
  await finishedReply(world, others.channel, others.ts);
  await later(world, 8);
  const left = await words(world);
  expect(left).toContain('in the channel');
  expect(left).toContain('between them');
  expect(left).not.toContain('between us');
});
