import { describe, expect, it } from 'vitest';
import type { SlackStandin } from '../../../../playground/slack/contract.ts';
import { isJson, type Json, objectOf } from '../../../../playground/slack/json.ts';
import { northwind, northwindWithHarbor, person, type Seed } from '../../../../playground/slack/seed.ts';
import { ana, bolt, client, standin } from './support.ts';

const joint = 'C0JOINT';
const pilot = 'C0PILOT';
const fay = 'U0FAY';
const ours = northwind.team.id;
const theirs = 'T0HARBOR';

const connected = (more: Parameters<typeof standin>[0] = {}) =>
  standin({ seed: northwindWithHarbor, ...more });

/** What the deliveries say of workspaces: the envelope's, the context, the installation, and the author's. */
function teams(slack: SlackStandin, type: string): Json[] {
  return slack.deliveries().flatMap(({ payload }) => {
    const event = objectOf(payload.event);
    if (event.type !== type) return [];
    const [authorization] = Array.isArray(payload.authorizations) ? payload.authorizations : [];
    const { team, user_team: userTeam, source_team: sourceTeam } = event;
    return [
      {
        envelope: payload.team_id,
        context: payload.context_team_id,
        installed: objectOf(authorization).team_id,
        shared: payload.is_ext_shared_channel,
        team,
        userTeam,
        sourceTeam,
        profile: isJson(event.user_profile) ? event.user_profile.team : undefined,
      },
    ];
  });
}

describe('channels shared with another company', () => {
  it('name the host in the envelope, whoever writes, and us in the authorization', async () => {
    const slack = await connected();
    slack.say(ana, joint, '@skein ours, here');
    slack.say(fay, joint, '@skein theirs, here');
    slack.say(ana, pilot, '@skein ours, there');
    slack.say(fay, pilot, '@skein theirs, there');
    const at = (envelope: string) => ({ envelope, context: envelope, installed: ours, shared: true });
    expect(teams(slack, 'message')).toMatchObject([
      { ...at(ours), team: ours, userTeam: undefined },
      { ...at(ours), team: theirs },
      { ...at(theirs), team: ours },
      { ...at(theirs), team: theirs },
    ]);
    const own = { userTeam: undefined, sourceTeam: undefined, profile: undefined, context: undefined };
    const other = (team: string) => ({ userTeam: team, sourceTeam: team, profile: team });
    expect(teams(slack, 'app_mention')).toMatchObject([
      { envelope: ours, team: ours, ...own },
      { envelope: ours, team: ours, ...other(theirs) },
      { envelope: theirs, team: theirs, ...other(ours) },
      { envelope: theirs, team: theirs, ...own },
    ]);
  });

  it("can name the author's workspace in the envelope instead, as bodies of 2023 do", async () => {
    const slack = await connected({ envelopes: 'author' });
    slack.say(ana, pilot, '@skein ours');
    slack.say(fay, pilot, '@skein theirs');
    expect(teams(slack, 'message')).toMatchObject([
      { envelope: ours, context: theirs, team: ours, installed: ours },
      { envelope: theirs, context: theirs, team: theirs, installed: ours },
    ]);
    expect(teams(slack, 'app_mention')).toMatchObject([
      { envelope: ours, team: ours, userTeam: undefined },
      { envelope: ours, team: ours, userTeam: theirs },
    ]);
  });

  it('are shown as shared, with their host and the companies in them', async () => {
    const slack = await connected();
    const web = client(slack);
    const { channel } = await web.conversations.info({ channel: pilot });
    expect(channel).toMatchObject({
      is_ext_shared: true,
      context_team_id: ours,
      conversation_host_id: theirs,
      shared_team_ids: [ours, theirs],
    });
    expect((await web.conversations.info({ channel: 'C0GENERAL' })).channel).toMatchObject({
      is_ext_shared: false,
    });
  });

  it('show people of the other company with their workspace and without rights; strangers elsewhere', async () => {
    const stranger = person('U0LOST', 'lost', 'Lou Lost', { team: theirs });
    const gone = person('U0GONE', 'gone', 'Gina Gone', { isDeactivated: true });
    const seed: Seed = { ...northwindWithHarbor, people: [...northwindWithHarbor.people, stranger, gone] };
    const web = client(await standin({ seed }));
    const user = async (id: string) => (await web.users.info({ user: id })).user;
    expect(await user(fay)).toMatchObject({ team_id: theirs, is_stranger: false });
    expect(await user(fay)).not.toHaveProperty('is_admin');
    expect(await user('U0LOST')).toMatchObject({ team_id: theirs, is_stranger: true });
    expect(await user('U0DANA')).toMatchObject({ team_id: ours, is_restricted: true, is_stranger: false });
    expect(await user('U0GONE')).toMatchObject({ team_id: ours, deleted: true });
  });

  it('say of a press our workspace, of a form the workspace of who fills it in', async () => {
    const slack = await connected();
    const app = await bolt(slack, (listening) => {
      listening.action('open', async ({ ack, body, client: web }) => {
        await ack();
        const view = {
          type: 'modal' as const,
          callback_id: 'form',
          notify_on_close: true,
          title: { type: 'plain_text' as const, text: 'Form' },
          submit: { type: 'plain_text' as const, text: 'Send' },
          blocks: [
            {
              type: 'input' as const,
              block_id: 'b',
              label: { type: 'plain_text' as const, text: 'Why' },
              element: { type: 'external_select' as const, action_id: 'pick' },
            },
          ],
        };
        if ('trigger_id' in body) await web.views.open({ trigger_id: body.trigger_id, view });
      });
      listening.options('pick', async ({ ack }) => {
        await ack({ options: [{ text: { type: 'plain_text', text: 'One' }, value: '1' }] });
      });
      listening.view('form', async ({ ack }) => ack());
    });
    const text = { type: 'plain_text' as const, text: 'Open' };
    const blocks = [
      { type: 'actions' as const, elements: [{ type: 'button' as const, action_id: 'open', text }] },
    ];
    const ts = String((await app.client.chat.postMessage({ channel: pilot, text: 'x', blocks })).ts);
    const opened = slack.waitForView(({ kind, user }) => kind === 'modal' && user === fay);
    await slack.click(fay, { channel: pilot, ts, actionId: 'open' });
    const { id } = await opened;
    await slack.interactions.suggest(fay, { viewId: id }, { actionId: 'pick', value: 'o' });
    await slack.interactions.submitView(fay, id, { b: { pick: '1' } });
    const sent = slack.deliveries().flatMap(({ payload }) =>
      payload.type === undefined || payload.event !== undefined
        ? []
        : [
            {
              type: payload.type,
              team: objectOf(payload.team).id,
              user: objectOf(payload.user).team_id,
              view: isJson(payload.view) ? payload.view.team_id : undefined,
              installed: isJson(payload.view) ? payload.view.app_installed_team_id : undefined,
            },
          ],
    );
    const form = { team: theirs, user: theirs, view: theirs, installed: ours };
    expect(sent).toEqual([
      { type: 'block_actions', team: ours, user: theirs, view: undefined, installed: undefined },
      { type: 'block_suggestion', ...form },
      { type: 'view_submission', ...form },
    ]);
  });

  it('give people whose workspace does not have the app no commands, no shortcuts and no direct message', async () => {
    const slack = await connected();
    await expect(slack.slash(fay, joint, '/skein', 'help')).rejects.toThrow(/does not have the app/);
    await expect(slack.interactions.shortcut(fay, 'ask_skein')).rejects.toThrow(/does not have the app/);
    expect(() => slack.dm(fay, 'psst')).toThrow(/does not have the app/);
    const typed = await slack.page.act({
      type: 'say',
      user: fay,
      channel: joint,
      threadTs: null,
      text: '/skein help',
    });
    expect(typed).toEqual({ ok: false, error: '/skein is not a valid command.' });
    expect(slack.deliveries()).toEqual([]);
  });

  it('give files of the other company as a stub that files.info fills in', async () => {
    const slack = await connected();
    slack.people.upload(fay, joint, { name: 'plan.pdf', mimetype: 'application/pdf', content: '%PDF' });
    const [file] = [...slack.workspace.files.values()];
    const [delivery] = slack.deliveries();
    expect(objectOf(delivery?.payload.event).files).toEqual([
      { id: file?.id, mode: 'file_access', file_access: 'check_file_info' },
    ]);
    const { file: whole } = await client(slack).files.info({ file: String(file?.id) });
    expect(whole).toMatchObject({ name: 'plan.pdf', user_team: theirs, file_access: 'visible' });
  });
});

describe('an app that an organisation installed', () => {
  const enterprise = { id: 'E0NORTH', name: 'North' };
  const seed: Seed = { ...northwind, team: { ...northwind.team, enterprise }, orgInstall: true };

  it('is told so in every delivery, with no workspace in the authorization', async () => {
    const slack = await standin({ seed });
    slack.say(ana, 'C0GENERAL', '@skein hello');
    expect(slack.deliveries()[0]?.payload).toMatchObject({
      team_id: ours,
      enterprise_id: enterprise.id,
      context_enterprise_id: enterprise.id,
      authorizations: [{ enterprise_id: enterprise.id, team_id: null, is_enterprise_install: true }],
    });
    void slack.slash(ana, 'C0GENERAL', '/skein', 'help');
    void slack.interactions.shortcut(ana, 'ask_skein');
    const [command, shortcut] = slack.deliveries().slice(-2);
    expect(command?.payload).toMatchObject({ enterprise_id: enterprise.id, is_enterprise_install: 'true' });
    expect(shortcut?.payload).toMatchObject({
      team: null,
      enterprise,
      is_enterprise_install: true,
      user: { id: ana, team_id: ours },
    });
  });

  it('has people who are of the organisation, and a token that is of no workspace', async () => {
    const web = client(await standin({ seed }));
    expect(await web.auth.test()).toMatchObject({
      team_id: null,
      enterprise_id: enterprise.id,
      is_enterprise_install: true,
    });
    expect((await web.users.info({ user: ana })).user).toMatchObject({
      enterprise_user: { enterprise_id: enterprise.id, teams: [ours] },
    });
  });

  it('is another thing than a workspace of an organisation that installed it for itself', async () => {
    const slack = await standin({ seed: { ...seed, orgInstall: false } });
    slack.say(ana, 'C0GENERAL', 'hello');
    expect(slack.deliveries()[0]?.payload.authorizations).toMatchObject([
      { enterprise_id: enterprise.id, team_id: ours, is_enterprise_install: false },
    ]);
  });
});

describe('a direct message between two people', () => {
  it('takes slash commands, whose answers only the one who typed sees, and sends the app nothing else', async () => {
    const slack = await standin();
    await bolt(slack, (app) => {
      app.command('/skein', async ({ ack, command }) => ack(`in ${command.channel_name}`));
    });
    const pair = slack.people.openDm(ana, 'U0BEN');
    const answer = await slack.slash(ana, pair, '/skein', 'usage');
    expect(answer.response).toMatchObject({ text: 'in directmessage' });
    expect(slack.deliveries().at(-1)?.payload).toMatchObject({
      channel_id: pair,
      channel_name: 'directmessage',
    });
    expect(slack.messages(pair)).toEqual([]);
    const shown = [...slack.workspace.allMessages()].filter(({ channel }) => channel === pair);
    expect(shown).toMatchObject([{ ephemeralFor: ana, text: 'in directmessage' }]);
  });
});
