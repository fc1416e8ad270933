import { createHmac } from 'node:crypto';
import { expect, it } from 'vitest';
import type { TeamStandin } from '../../playground/slack/contract.ts';
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
