import { describe, expect, it } from 'vitest';
import { quickest, timed } from '../support/quickest.ts';
import { skein, startCalmWorld } from './slash.ts';
import { ana, ben, finishedReply, general, query, type World } from './world.ts';

const dana = 'U0DANA';
const direct = { ana: 'D0ANA', ben: 'D0BEN' };

async function changes(world: World): Promise<unknown[]> {
  return query(
    world,
    'select scope, scope_id, key, from_value, to_value, by from skein.setting_changes order by id',
  );
}

describe.each(['socket', 'http'] as const)('over %s', (mode) => {
  it('help is for the asker only, and is there at once', async () => {
    const world = await startCalmWorld({ mode });
    const answer = await skein(world, ben, general, 'help');
    expect(answer.ephemeralFor).toBe(ben);
    for (const word of ['/skein settings', '/skein usage', '@skein help', '--public', 'budget_month'])
      expect(answer.visible).toContain(word);
  });

  it('a command is acknowledged at once while the database is held, and answered when it is free', async () => {
    const world = await startCalmWorld({ mode });
    const held = await hold(world, 'lock table skein.settings in access exclusive mode');
    const show = async () => {
      const acknowledged = await world.slack.slash(ben, general, '/skein', 'show');
      expect(acknowledged.acked).toBe(true);
    };
    expect(await quickest(1000, () => timed(show))).toBeLessThan(1000);
    expect(world.slack.messages(general)).toHaveLength(0);
    await held.release();
    const answer = await world.slack.waitForMessage((message) => message.ephemeralFor === ben);
    expect(answer.visible).toContain('What holds in this channel');
  });

  it('a database that is away is said so in the answer', async () => {
    const world = await startCalmWorld({ mode });
    world.gate.shut();
    const answer = await skein(world, ben, general, 'set footer off');
    expect(answer.visible).toContain('My database is away');
    await world.gate.open();
  });
});

/** Holds a lock from outside until it is released. */
async function hold(world: World, statement: string): Promise<{ release(): Promise<void> }> {
  const { default: pg } = await import('pg');
  const client = new pg.Client({ connectionString: world.databaseUrl });
  await client.connect();
  await client.query('begin');
  await client.query(statement);
  return {
    release: async () => {
      await client.query('rollback');
      await client.end();
    },
  };
}

it('a setting is set, shown with who set it, and taken away again', async () => {
  const world = await startCalmWorld({ script: () => ({ text: 'Yes.' }) });
  const set = await skein(world, ben, general, 'set model claude-opus-5-5');
  expect(set.visible).toContain('model for #general is now claude-opus-5-5');
  const { ts } = world.slack.say(ana, general, '@skein which model?');
  await finishedReply(world, general, ts);
  expect(world.model.calls()[0]?.body).toMatchObject({ model: 'claude-opus-5-5' });

  const shown = await skein(world, ana, general, 'show');
  expect(shown.visible).toMatch(/model.*claude-opus-5-5.*channel.*Ben Okafor/);
  expect(shown.visible).toMatch(/footer.*deployment.*whoever runs me/);
  const reset = await skein(world, ben, general, 'reset model');
  expect(reset.visible).toContain('is not set any more (it was claude-opus-5-5)');
  expect(reset.visible).toContain('the deployment');
  expect(await changes(world)).toEqual([
    {
      scope: 'channel',
      scope_id: general,
      key: 'model',
      from_value: null,
      to_value: 'claude-opus-5-5',
      by: ben,
    },
    {
      scope: 'channel',
      scope_id: general,
      key: 'model',
      from_value: 'claude-opus-5-5',
      to_value: null,
      by: ben,
    },
  ]);
});

it.each([
  ['set model claude-opus-5-6', 'Did you mean claude-opus-5-5?'],
  ['set model gpt', 'lists them'],
  ['set max_tokens 0', 'Use a whole number from 1 to 128,000.'],
  ['set effort xhigh', 'Claude Sonnet 4.6 has no effort xhigh; use auto, low, medium, high or max.'],
  ['set foter off', 'Did you mean /skein set footer?'],
  ['set access everyone me', 'access can be set for: workspace, channel.'],
  ['usgae', 'Did you mean /skein usage?'],
  ['bananas', '/skein help lists what I know.'],
  ['set model claude-sonnet-4-5', 'will be retired on 2026-11-30'],
])('`/skein %s` is answered with a hint', async (text, hint) => {
  const world = await startCalmWorld();
  const answer = await skein(world, ana, general, text);
  expect(answer.ephemeralFor).toBe(ana);
  expect(answer.visible).toContain(hint);
});

it('a member changes their own and their channel’s settings, an admin those of the workspace', async () => {
  const world = await startCalmWorld();
  const mine = await skein(world, ben, direct.ben, 'set effort low');
  expect(mine.visible).toContain('effort for you is now low');
  const refused = await skein(world, ben, general, 'set effort low workspace');
  expect(refused.visible).toContain('Only admins of this workspace may do that.');
  const done = await skein(world, ana, general, 'set effort low workspace');
  expect(done.visible).toContain('effort for the workspace is now low');
  const guest = await skein(world, dana, general, 'set effort low');
  expect(guest.visible).toContain('guests');
  const elsewhere = await skein(world, dana, general, 'set effort low <#C0LAUNCH|launch>');
  expect(elsewhere.visible).toContain('guests');
  expect(await changes(world)).toHaveLength(2);
});

it('a channel kept to admins is not changed by its members, nor another channel by who is not in it', async () => {
  const world = await startCalmWorld();
  const chidi = 'U0CHIDI';
  const outside = await skein(world, chidi, general, 'set footer off <#C0LAUNCH|launch>');
  expect(outside.visible).toContain('Only people who are in that channel may do that.');
  await skein(world, ana, general, 'set channel_changes admins');
  const refused = await skein(world, ben, general, 'set footer off');
  expect(refused.visible).toContain('Only admins');
  const done = await skein(world, ana, general, 'set footer off');
  expect(done.visible).toContain('footer for #general is now off');
});

it('a person who lost admin rights a moment ago is refused', async () => {
  const world = await startCalmWorld();
  await skein(world, ana, general, 'set footer off workspace');
  const { workspace } = world.slack;
  const person = workspace.people.get(ana);
  if (person === undefined) throw new Error('Ana is not there');
  workspace.put({ table: 'person', key: ana, value: { ...person, isAdmin: false } });
  const refused = await skein(world, ana, general, 'set footer on workspace');
  expect(refused.visible).toContain('Only admins');
  expect(await changes(world)).toHaveLength(1);
});

it('people whom the operator named are admins everywhere', async () => {
  const world = await startCalmWorld({ env: { ADMIN_USERS: ben } });
  const done = await skein(world, ben, general, 'set access everyone workspace');
  expect(done.visible).toContain('access for the workspace is now everyone');
});

it('a budget is set and shown with what is left; what an admin set, only an admin lifts', async () => {
  const world = await startCalmWorld({ script: () => ({ text: 'Words.' }) });
  await skein(world, ana, general, 'budget $2.50 day channel');
  const { ts } = world.slack.say(ben, general, '@skein hello');
  await finishedReply(world, general, ts);
  const shown = await skein(world, ben, general, 'budget');
  expect(shown.visible).toMatch(/this channel.*day.*\$2\.50.*\$0\.00\d+.*midnight/);
  const refused = await skein(world, ben, general, 'budget $9 day channel');
  expect(refused.visible).toContain('Somebody else set this limit');
  await skein(world, ben, general, 'budget none month me');
  const wide = await skein(world, ana, general, 'budget $100 day workspace');
  expect(wide.visible).toContain('The tighter limit of the channel stays in force.');
});

it('usage tells a person their own, a channel by person, and the workspace to admins only', async () => {
  const world = await startCalmWorld({ script: () => ({ text: 'Some words.' }) });
  for (const who of [ana, ben, ben]) {
    const { ts } = world.slack.say(who, general, '@skein hello');
    await finishedReply(world, general, ts);
  }
  const mine = await skein(world, ben, general, 'usage');
  expect(mine.visible).toMatch(/2 answers/);
  expect(mine.visible).toContain('#general');
  const channel = await skein(world, ben, general, 'usage channel today');
  expect(channel.visible).toMatch(/Person \| Ben Okafor \| 2 \| 2 .*Person \| Ana Ruiz \| 1 \| 1 /s);
  expect(channel.visible).toMatch(/Ben Okafor .*\| 6\d %\n/);
  const refused = await skein(world, ben, general, 'usage workspace');
  expect(refused.visible).toContain('Only admins');
  const all = await skein(world, ana, general, 'usage workspace --public');
  expect(all.ephemeralFor).toBeNull();
  expect(all.visible).toContain('3 answers');
  const nobody = await skein(world, 'U0CHIDI', general, 'usage week');
  expect(nobody.visible).toContain('Nothing was asked.');
});

it('usage has charts and one table of Slack, sortable where it is long, and is text where they are refused', async () => {
  const world = await startCalmWorld({ script: () => ({ text: 'Some words.' }) });
  for (const who of [ana, ben]) {
    const { ts } = world.slack.say(who, general, '@skein hello');
    await finishedReply(world, general, ts);
  }
  await query(
    world,
    `insert into skein.usage (reply, call, team, channel, person, model, input_tokens, cache_write_5m_tokens,
       cache_write_1h_tokens, cache_read_tokens, output_tokens, thinking_tokens, estimated, price_version, cost_nano, at)
     select gen_random_uuid(), 1, $1, 'C0GENERAL', 'U0CHIDI', 'claude-other-' || n, 1000, 0, 0, 9000, 50, 0, false, 'x',
       12500000 * n, date_trunc('month', now() at time zone 'utc') at time zone 'utc' from generate_series(1, 9) n`,
    [world.slack.team],
  );
  const { blocks, visible } = await skein(world, ana, general, 'usage workspace');
  const types = (blocks as { type: string }[]).map(({ type }) => type);
  expect(types.filter((type) => type !== 'markdown').at(-1)).toBe('data_table');
  expect(types).toContain('data_visualization');
  expect(JSON.stringify(blocks)).toContain('"type":"raw_number"');
  expect(visible).toMatch(/tokens in \(\d\d % from the cache\)/);
  expect(visible).toContain('Cost by person, in USD');
  expect(visible).toMatch(/Model \| claude-other-9 \| 1 \| 1 \| 10,000 \| 90 % \| 50 \| 0\.1125 /);
  world.slack.faults.add({
    method: 'chat.postEphemeral',
    times: Number.POSITIVE_INFINITY,
    matches: (args) => JSON.stringify(args).includes('"type":"data_'),
    fault: { kind: 'error', error: 'invalid_blocks' },
  });
  const { ts } = world.slack.say(ana, general, '@skein usage workspace');
  const plain = await world.slack.waitForMessage(
    ({ ephemeralFor, ts: at }) => ephemeralFor === ana && Number(at) > Number(ts),
  );
  expect((plain.blocks as { type: string }[]).map(({ type }) => type)).toEqual(['markdown']);
  expect(plain.visible).toContain('Cost by person, in USD');
  expect(plain.visible).toContain('| Model | claude\\-other\\-9 |');
});

it('the models are those of the API, with prices and days of retirement', async () => {
  const world = await startCalmWorld();
  const answer = await skein(world, ben, general, 'models');
  expect(answer.visible).toMatch(/claude-sonnet-4-6.*\$3\.00 \/ \$15\.00.*in use here/);
  expect(answer.visible).toContain('retires 2026-11-30');
});
