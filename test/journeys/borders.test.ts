import { createHmac } from 'node:crypto';
import { expect, it } from 'vitest';
import type { TeamStandin } from '../../playground/slack/contract.ts';
import { CALL_CHOICES } from '../../src/reply/cards/actions.ts';
import { SETTINGS_MODAL } from '../../src/views/settings/form.ts';
import { firstState, writeState } from '../../src/views/settings/form-state.ts';
import { TOOL_ACTIONS, TOOLS_MODAL } from '../../src/views/tools/list.ts';
import { writeToolsState } from '../../src/views/tools/state.ts';
import { addWorkspace, install, startOpenWorld } from './installing.ts';
import { ana, general, isFinished, query, set, settled, type World } from './world.ts';

/** Two workspaces with the app; what ends in `X2` belongs to the second. */
async function twoWorkspaces() {
  const world = await startOpenWorld({
    script: (question) => ({ text: question.includes('secret') ? 'The secret is kept.' : 'An answer.' }),
  });
  const other = addWorkspace(world.slack, 'X2');
  await install(world, world.slack.team);
  await install(world, other.team);
  return { world, here: world.slack as TeamStandin, other };
}

const [anaX2, generalX2] = [`${ana}X2`, `${general}X2`];

async function asks(team: TeamStandin, mark: string, words: string) {
  const { ts } = team.say(`${ana}${mark}`, `${general}${mark}`, `@skein ${words}`);
  return team.waitForMessage(
    (message) => message.threadTs === ts && message.user === team.botUser && isFinished(message),
  );
}

/** Delivers any body, signed as Slack signs. */
async function deliver(world: World, body: object, form: 'json' | 'payload' | 'fields'): Promise<number> {
  const text =
    form === 'json'
      ? JSON.stringify(body)
      : form === 'payload'
        ? new URLSearchParams({ payload: JSON.stringify(body) }).toString()
        : new URLSearchParams(
            Object.entries(body).map(([key, value]): [string, string] => [key, String(value)]),
          ).toString();
  const timestamp = String(Math.floor(Date.now() / 1000));
  const signature = createHmac('sha256', world.slack.signingSecret)
    .update(`v0:${timestamp}:${text}`)
    .digest('hex');
  const answer = await fetch(`http://127.0.0.1:${world.bot.port}/slack/events`, {
    method: 'POST',
    body: text,
    headers: {
      'content-type': form === 'json' ? 'application/json' : 'application/x-www-form-urlencoded',
      'x-slack-request-timestamp': timestamp,
      'x-slack-signature': `v0=${signature}`,
    },
  });
  return answer.status;
}

const ofOther = (world: World) =>
  query<{ state: string; versions: number; calls: number; stopped: string | null }>(
    world,
    `select r.state, r.versions, r.calls, r.stopped_by as stopped from skein.replies r
     join skein.conversations c on c.id = r.conversation where c.team = 'T0NORTHWINDX2'`,
  );

it('a press from one workspace that names a reply of another changes nothing there', async () => {
  const { world, here, other } = await twoWorkspaces();
  await asks(here, '', 'mine');
  const reply = await asks(other, 'X2', 'theirs');
  await settled(world, 2);
  const before = await ofOther(world);
  const [id] = await query<{ id: string }>(
    world,
    `select r.id from skein.replies r join skein.conversations c
    on c.id = r.conversation where c.team = 'T0NORTHWINDX2'`,
  );
  for (const action of ['reply_regenerate', 'reply_delete', 'reply_stop', 'reply_continue'])
    expect(
      await deliver(
        world,
        {
          type: 'block_actions',
          team: { id: 'T0NORTHWIND', domain: 'northwind' },
          user: { id: ana, team_id: 'T0NORTHWIND' },
          api_app_id: here.appId,
          channel: { id: general, name: 'general' },
          message: {
            ts: reply.ts,
            bot_id: here.botId,
            user: here.botUser,
            text: '',
            thread_ts: reply.threadTs,
          },
          container: { type: 'message', message_ts: reply.ts, channel_id: general },
          actions: [{ type: 'button', action_id: action, block_id: 'b', value: id?.id, action_ts: '1.1' }],
          trigger_id: '1.2.3',
          response_url: '',
        },
        'payload',
      ),
    ).toBe(200);
  await asks(here, '', 'another of mine');
  expect(await ofOther(world)).toEqual(before);
});

it('an event of one workspace that names a channel of another is answered nowhere but there where it claims to be', async () => {
  const { world, here, other } = await twoWorkspaces();
  const { ts } = other.say(anaX2, generalX2, 'no question');
  const status = await deliver(
    world,
    {
      type: 'event_callback',
      team_id: 'T0NORTHWIND',
      api_app_id: here.appId,
      event_id: 'EvBORDER',
      authorizations: [
        {
          team_id: 'T0NORTHWIND',
          enterprise_id: null,
          user_id: here.botUser,
          is_bot: true,
          is_enterprise_install: false,
        },
      ],
      event: {
        type: 'app_mention',
        user: anaX2,
        text: `<@${here.botUser}> hello`,
        ts,
        channel: generalX2,
        event_ts: ts,
      },
    },
    'json',
  );
  expect(status).toBe(200);
  await asks(other, 'X2', 'a real one');
  // It was taken for the first workspace, whose token sees no such channel.
  expect(other.calls().every(({ token }) => token === other.token())).toBe(true);
  expect(other.thread(generalX2, ts).filter(({ user }) => user === other.botUser)).toEqual([]);
});

it('what was said in one workspace is in no export, usage or question of another', async () => {
  const { world, here, other } = await twoWorkspaces();
  const told = await asks(other, 'X2', 'this is a secret word: marzipan');
  await deliver(
    world,
    {
      token: 'x',
      team_id: 'T0NORTHWIND',
      team_domain: 'northwind',
      channel_id: generalX2,
      channel_name: 'general',
      user_id: ana,
      user_name: 'ana',
      command: '/skein',
      text: 'export',
      api_app_id: here.appId,
      is_enterprise_install: 'false',
      response_url: '',
      trigger_id: '1.2.3',
    },
    'fields',
  );
  await asks(
    here,
    '',
    `quote me what stands at <https://northwind-x2.slack.com/archives/${generalX2}/p${told.ts.replace('.', '')}>?`,
  );
  const mine = world.model.calls().filter(({ rawBody }) => rawBody.includes('quote me what stands at'));
  expect(mine.length).toBeGreaterThan(0);
  for (const { rawBody } of mine) expect(rawBody).not.toContain('marzipan');
  expect(here.calls('files.getUploadURLExternal')).toEqual([]);
  expect(JSON.stringify(here.calls().map(({ args }) => args))).not.toContain('marzipan');
  const people = await query<{ team: string }>(world, `select distinct team from skein.usage order by 1`);
  expect(people.map(({ team }) => team)).toEqual(['T0NORTHWIND', 'T0NORTHWINDX2']);
});

it('settings, budgets and what somebody had forgotten in one workspace are its own', async () => {
  const { world, here, other } = await twoWorkspaces();
  await asks(other, 'X2', 'keep this secret');
  await here.slash(ana, general, '/skein', 'set model claude-opus-5-5 workspace');
  await here.waitForMessage(({ visible }) => visible.includes('for the workspace is now'));
  await here.slash(ana, general, '/skein', 'forget everything');
  await here.waitForMessage(({ visible }) => visible.includes('orget'));
  await set(world, ['workspace', 'T0NORTHWIND'], ['budget_day', '$0.000001']);
  const refused = await asks(here, '', 'too dear');
  expect(refused.visible).toContain('What is left of the budget of this workspace');
  expect((await asks(other, 'X2', 'still a secret?')).visible).toContain('The secret is kept.');
  const teams = await query<{ team: string }>(world, 'select distinct team from skein.settings');
  expect(teams).toEqual([{ team: 'T0NORTHWIND' }]);
  const models = await query<{ model: string }>(
    world,
    `select distinct model from skein.usage where team = 'T0NORTHWINDX2'`,
  );
  expect(models).toEqual([{ model: 'claude-sonnet-4-6' }]);
});

/** The call that nobody in its workspace decided; what it waits for is over with its answer, which a chore may note. */
const OPEN_CALL = '5f0c7b0e-1111-4222-8333-444455556666';

const SERVER = '7f0c7b0e-1111-4222-8333-444455556666';

/** All that is stored of the second workspace, by table. */
async function storedOfOther(world: World): Promise<Record<string, string[]>> {
  const tables = await query<{ name: string }>(
    world,
    `select table_name as name from information_schema.tables where table_schema = 'skein' order by 1`,
  );
  const stored: Record<string, string[]> = {};
  for (const { name } of tables) {
    const rows = await query<{ row: string }>(
      world,
      `with here as (select id::text from skein.conversations where team = 'T0NORTHWINDX2'),
         replies as (select id::text from skein.replies where conversation::text in (select id from here)),
         rows as (select to_jsonb(t) as row from skein.${name} t)
       select row::text from rows where row->>'id' is distinct from '${OPEN_CALL}'
         and row->>'what' is distinct from 'tool_expired' and (
           'T0NORTHWINDX2' in (row->>'team', row->>'id') or row->>'conversation' in (select id from here)
           or row->>'reply' in (select id from replies) or row->>'id' in (select id from replies)
           or row->>'mailbox' in (select 'conversation:' || id from here)) order by 1`,
    );
    if (rows.length > 0) stored[name] = rows.map(({ row }) => row);
  }
  return stored;
}

it('through no port does a workspace reach a reply, a card, a form, a file or a word of another', async () => {
  const { world, here, other } = await twoWorkspaces();
  const told = other.say(anaX2, generalX2, '@skein the secret word is marzipan', {
    files: [{ name: 'secret.txt', mimetype: 'text/plain', content: 'marzipan' }],
  });
  const reply = await other.waitForMessage(
    ({ threadTs, user, ...message }) =>
      threadTs === told.ts && user === other.botUser && isFinished({ threadTs, user, ...message }),
  );
  await settled(world, 1);
  const [row] = await query<{ id: string }>(world, 'select id from skein.replies');
  const id = row?.id ?? '';
  const doneCall = OPEN_CALL.replace('5f', '6f');
  await query(
    world,
    `insert into skein.feedback (reply, version, person, verdict, instructions_hash) values ($1, 1, $2, 'bad', 'x')`,
    [id, anaX2],
  );
  for (const [call, state, result] of [
    [OPEN_CALL, 'proposed', null],
    [doneCall, 'done', '[{"type":"text","text":"marzipan"}]'],
  ])
    await query(
      world,
      `insert into skein.tool_calls
         (id, reply, version, use, team, server, tool, title, input, reads, repeatable, account, person, state, result)
       values ($1::uuid, $2, 1, $1::text, 'T0NORTHWINDX2', 'tickets', 'close', 'Close', '{"id":"marzipan"}', false, false,
         'none', $3, $4, $5)`,
      [call, id, anaX2, state, result],
    );
  await query(
    world,
    `insert into skein.tool_servers (id, team, name, url, account, listing, connected_by) values
       ($1, 'T0NORTHWINDX2', 'vault', 'https://marzipan.example/mcp', 'none',
        '[{"tool":"open","title":"Marzipan","description":"marzipan","reads":true,"repeatable":true,"schema":{"type":"object"}}]', $2)`,
    [SERVER, anaX2],
  );
  const working = () =>
    query(world, 'select 1 from skein.jobs where done_at is null union all select 1 from skein.pieces');
  await expect.poll(working).toEqual([]);
  const before = await storedOfOther(world);
  for (const table of [
    'conversations',
    'replies',
    'messages',
    'feedback',
    'tool_calls',
    'tool_servers',
    'installations',
  ])
    expect(Object.keys(before)).toContain(table);
  const shown = JSON.stringify([other.messages(generalX2), other.thread(generalX2, told.ts)]);
  const calls = other.calls().length;

  const team = { id: 'T0NORTHWIND', domain: 'northwind' };
  const channel = { id: generalX2, name: 'general' };
  // As somebody of the other workspace: ids of people are no border.
  const users = [
    { id: anaX2, team_id: 'T0NORTHWINDX2' },
    { id: ana, team_id: 'T0NORTHWIND' },
  ];
  const at = { message_ts: reply.ts, channel_id: generalX2, thread_ts: told.ts };
  const sent = async (body: object, form: Parameters<typeof deliver>[2]) =>
    expect([body, await deliver(world, body, form)]).toEqual([body, 200]);
  const actions: [string, string][] = [
    ...['stop', 'retry', 'continue', 'regenerate', 'delete', 'raise'].flatMap((name): [string, string][] => [
      [`reply_${name}`, id],
      [`reply_${name}`, `${id}:0`],
    ]),
    ['reply_version_earlier', `${id}:0:1`],
    ['reply_version_later', `${id}:0:1`],
    ['reply_rate', `${id}:1:good`],
    ...CALL_CHOICES.flatMap((name): [string, string][] =>
      [OPEN_CALL, doneCall].map((call) => [`reply_call_${name}`, call]),
    ),
  ];
  for (const user of users) {
    for (const [action_id, value] of actions)
      await sent(
        {
          type: 'block_actions',
          ...{ team, user, channel, api_app_id: here.appId, trigger_id: '1.2.3', response_url: '' },
          message: { ts: reply.ts, user: here.botUser, text: '', thread_ts: told.ts },
          container: { type: 'message', ...at },
          actions: [{ type: 'button', action_id, block_id: 'b', value, action_ts: '1.1' }],
        },
        'payload',
      );
    await sent(
      {
        type: 'message_action',
        callback_id: 'ask_about_message',
        ...{ team, user, channel, trigger_id: '1.2.3', response_url: '' },
        message_ts: reply.ts,
        message: { ts: reply.ts, thread_ts: told.ts, text: '' },
      },
      'payload',
    );
    const text = (value: string) => ({ text: { type: 'plain_text_input', value } });
    const picked = (value: string) => ({ pick: { type: 'radio_buttons', selected_option: { value } } });
    const tools = writeToolsState({ channel: generalX2, server: SERVER });
    const view = (callback_id: string, private_metadata: string, values: object) => ({
      ...{ id: 'V0BORDER', type: 'modal', hash: 'h', callback_id, private_metadata, state: { values } },
    });
    for (const prefix of Object.values(TOOL_ACTIONS)) {
      const action_id = prefix.endsWith('_') ? `${prefix}${SERVER}` : prefix;
      await sent(
        {
          type: 'block_actions',
          ...{ team, user, api_app_id: here.appId, trigger_id: '1.2.3' },
          container: { type: 'view', view_id: 'V0BORDER' },
          view: view(TOOLS_MODAL, tools, {}),
          actions: [{ type: 'button', action_id, block_id: 'b', value: SERVER, action_ts: '1.1' }],
        },
        'payload',
      );
    }
    await sent(
      {
        type: 'block_suggestion',
        ...{ team, user, api_app_id: here.appId, block_id: 'set.model.0', action_id: 'settings_model' },
        ...{ value: 'marzipan', container: { type: 'view', view_id: 'V0BORDER' } },
        view: view(SETTINGS_MODAL, '', {}),
      },
      'payload',
    );
    const ofChannel = firstState({ team: 'T0NORTHWINDX2', scope: 'channel', scopeId: generalX2 }, ana, null);
    const ofAnother = firstState({ team: 'T0NORTHWINDX2', scope: 'person', scopeId: anaX2 }, ana, generalX2);
    const forms: [string, string, object][] = [
      [TOOLS_MODAL, tools, { people: picked('everyone'), changes: picked('off'), token: text('another') }],
      [SETTINGS_MODAL, writeState(ofChannel), { 'set.ping_after.0': text('2 min') }],
      [SETTINGS_MODAL, writeState(ofAnother), { 'set.ping_after.0': text('2 min') }],
      ['model_key', '', { key: text('sk-ant-of-another') }],
      ['answer_reason', `${id}:1`, { reason: text('a reason from elsewhere') }],
      ['ask_about_form', `${generalX2}:${told.ts}`, { question: text('what is it?'), to: picked('me') }],
      ['ask_about_form', `${generalX2}:${told.ts}`, { question: text('what is it?'), to: picked('thread') }],
      [
        'ask_anywhere_form',
        '',
        { question: text('and here?'), channel: { pick: { selected_conversation: generalX2 } } },
      ],
    ];
    for (const [callback_id, private_metadata, values] of forms)
      await sent(
        {
          type: 'view_submission',
          ...{ team, user, api_app_id: here.appId, trigger_id: '1.2.3' },
          view: { id: 'V0BORDER', type: 'modal', callback_id, private_metadata, state: { values } },
        },
        'payload',
      );
  }
  const said = (event: object, at: number) => ({
    type: 'event_callback',
    ...{ team_id: team.id, api_app_id: here.appId, event_id: `EvBORDER${at}` },
    authorizations: [
      {
        ...{ team_id: team.id, enterprise_id: null, user_id: here.botUser },
        ...{ is_bot: true, is_enterprise_install: false },
      },
    ],
    event: { channel: generalX2, event_ts: `1.${at}`, ...event },
  });
  const gone = { type: 'message', channel_type: 'channel', hidden: true };
  const mine = here.say(ana, general, 'no question');
  const theirs = other
    .deliveries()
    .flatMap(({ payload }) => (payload['event'] as { files?: { url_private?: string }[] })?.files ?? []);
  expect(theirs[0]?.url_private).toMatch(/^http/);
  const events = [
    {
      type: 'reaction_added',
      user: anaX2,
      reaction: 'octagonal_sign',
      item: { type: 'message', ...at, channel: generalX2, ts: reply.ts },
    },
    {
      ...gone,
      subtype: 'message_deleted',
      deleted_ts: told.ts,
      ts: told.ts,
      previous_message: { type: 'message', user: anaX2, ts: told.ts, text: '' },
    },
    {
      ...{ ...gone, subtype: 'message_changed', ts: told.ts },
      message: {
        type: 'message',
        user: anaX2,
        ts: told.ts,
        text: 'another text',
        edited: { user: anaX2, ts: '1.1' },
      },
      previous_message: { type: 'message', user: anaX2, ts: told.ts, text: '' },
    },
    {
      type: 'agent_session_stopped',
      user: anaX2,
      thread_ts: told.ts,
      message_ts: reply.ts,
      streaming_message_ts: [reply.ts],
    },
    { type: 'app_home_opened', user: anaX2, channel: 'D0ANAX2', tab: 'home' },
    {
      type: 'message',
      channel_type: 'channel',
      user: anaX2,
      ts: '1795900000.000100',
      thread_ts: told.ts,
      text: 'stop',
    },
    // A file of the other workspace, in a question that is our own.
    {
      ...{
        type: 'app_mention',
        channel: general,
        user: ana,
        ts: mine.ts,
        text: `<@${here.botUser}> read this file`,
      },
      files: theirs,
    },
  ];
  for (const [at, event] of events.entries()) await sent(said(event, at), 'json');
  for (const text of [
    'usage',
    'usage csv',
    'context',
    'show',
    'budget',
    'log',
    'export',
    'forget here',
    'set retention 1',
  ])
    await sent(
      {
        ...{ team_id: team.id, team_domain: team.domain, channel_id: generalX2, channel_name: 'general' },
        ...{ user_id: ana, user_name: 'ana', command: '/skein', text, api_app_id: here.appId },
        ...{ is_enterprise_install: 'false', response_url: '', trigger_id: '1.2.3' },
      },
      'fields',
    );

  // What was sent has been carried out when nothing of it waits and a question behind it is answered.
  await asks(here, '', 'another of mine');
  await here.waitForMessage(
    (message) => message.threadTs === mine.ts && message.user === here.botUser && isFinished(message),
  );
  await expect.poll(working).toEqual([]);
  await world.bot.stop(5000);
  expect(await storedOfOther(world)).toEqual(before);
  expect(
    await query(
      world,
      `select decided_by from skein.tool_calls where id = $1 and state in ('proposed', 'expired')`,
      [OPEN_CALL],
    ),
  ).toEqual([{ decided_by: null }]);
  expect(JSON.stringify([other.messages(generalX2), other.thread(generalX2, told.ts)])).toBe(shown);
  expect(other.calls().length).toBe(calls);
  expect(JSON.stringify(here.calls().map(({ args }) => args))).not.toContain('marzipan');
  const asked = world.model.calls().filter(({ rawBody }) => rawBody.includes('read this file'));
  expect(asked).toHaveLength(1);
  for (const { rawBody } of world.model.calls().slice(1)) expect(rawBody).not.toContain('marzipan');
});

it('Slack holding back one workspace slows no other', async () => {
  const { here, other } = await twoWorkspaces();
  here.faults.add({
    method: 'chat.postMessage',
    times: Number.POSITIVE_INFINITY,
    fault: { kind: 'rate_limited', retryAfterSeconds: 30 },
  });
  const { ts } = here.say(ana, general, '@skein held back');
  await here.waitForCall(({ method, status }) => method === 'chat.postMessage' && status === 429);
  expect((await asks(other, 'X2', 'free')).visible).toContain('An answer.');
  expect(here.thread(general, ts).filter(({ user }) => user === here.botUser)).toEqual([]);
});
