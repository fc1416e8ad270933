import { describe, expect, it, onTestFinished } from 'vitest';
import type { SlackStandin } from '../../../../playground/slack/contract.ts';
import { isJson } from '../../../../playground/slack/json.ts';
import { readScopes } from '../../../../playground/slack/manifest.ts';
import { channel, northwind } from '../../../../playground/slack/seed.ts';
import { startSlackStandin } from '../../../../playground/slack/standin.ts';
import { systemClock } from '../../../../src/clock.ts';
import { ana, anasDm, ben, client, eventsOf, general, refusal, standin } from './support.ts';

const secret = 'C0LAUNCH';

/** What the refused call was told: the error, what it needs and what the token has. */
async function missing(call: Promise<unknown>): Promise<unknown> {
  try {
    return await call;
  } catch (error) {
    const data = isJson(error) && isJson(error.data) ? error.data : {};
    return { error: data.error, needed: data.needed, provided: data.provided };
  }
}

const only = (...scopes: string[]) => standin({ scopes });

describe('scopes of the bot token', () => {
  it('are those of manifest.yml unless told', async () => {
    const slack = await startSlackStandin({ clock: systemClock, tiers: 'off' });
    onTestFinished(() => slack.stop());
    const answer = await fetch(`${slack.apiUrl}chat.postMessage`, {
      method: 'POST',
      headers: { authorization: `Bearer ${slack.botToken}` },
      body: new URLSearchParams({ channel: general, text: 'x' }),
    });
    expect(answer.headers.get('x-oauth-scopes')).toBe(readScopes().join(','));
    expect(answer.headers.get('x-accepted-oauth-scopes')).toBe('chat:write');
    expect(
      await missing(client(slack).reactions.add({ channel: general, timestamp: '1.1', name: 'x' })),
    ).toEqual({
      error: 'missing_scope',
      needed: 'reactions:write',
      provided: readScopes().join(','),
    });
  });

  it('are asked for by the kind of conversation: public, private, direct, group', async () => {
    const kinds = { channels: general, groups: secret, im: anasDm } as const;
    for (const [family, place] of Object.entries(kinds)) {
      const slack = await only(`${family}:read`, `${family}:history`);
      const web = client(slack);
      for (const [other, elsewhere] of Object.entries(kinds)) {
        const fits = other === family;
        const answers = await Promise.all([
          refusal(web.conversations.info({ channel: elsewhere })),
          refusal(web.conversations.members({ channel: elsewhere })),
          refusal(web.conversations.history({ channel: elsewhere })),
        ]);
        expect(answers, `${family} in ${other}`).toEqual(Array(3).fill(fits ? 'ok' : 'missing_scope'));
      }
      expect(place).toBe(kinds[family as keyof typeof kinds]);
    }
  });

  it('are named in the refusal: what is needed and what is there', async () => {
    const slack = await only('chat:write', 'im:write');
    const web = client(slack);
    const provided = 'chat:write,im:write';
    expect(await missing(web.conversations.members({ channel: anasDm }))).toEqual({
      error: 'missing_scope',
      needed: 'im:read',
      provided,
    });
    expect(await missing(web.files.info({ file: 'F1' }))).toMatchObject({ needed: 'files:read' });
    expect(await missing(web.conversations.open({ users: `${ana},${ben}` }))).toMatchObject({
      needed: 'mpim:write',
    });
    expect(await refusal(web.conversations.open({ users: ana }))).toBe('ok');
    expect(await missing(web.users.conversations({ types: 'public_channel,im' }))).toMatchObject({
      needed: 'channels:read,im:read',
    });
  });

  it('do not let one find out whether a conversation exists', async () => {
    const slack = await only('chat:write');
    expect(await refusal(client(slack).conversations.info({ channel: 'C0NOWHERE' }))).toBe('missing_scope');
  });

  it('can be given and taken while the app runs', async () => {
    const slack = await only('chat:write');
    const web = client(slack);
    expect(await refusal(web.users.info({ user: ana }))).toBe('missing_scope');
    slack.grant('users:read');
    expect(await refusal(web.users.info({ user: ana }))).toBe('ok');
    slack.withdraw('users:read');
    expect(await refusal(web.users.info({ user: ana }))).toBe('missing_scope');
  });

  it('decide which events come', async () => {
    const heard = async (slack: SlackStandin) => {
      const { ts } = slack.say(ana, general, '@skein hello');
      slack.people.react(ana, general, ts, 'eyes');
      slack.say(ana, secret, '@skein psst');
      slack.dm(ana, 'hello');
      return eventsOf(slack).map(({ type, channel_type: kind }) => (kind ? `${type}.${kind}` : type));
    };
    expect(await heard(await only('channels:history'))).toEqual(['message.channel']);
    expect(await heard(await only('groups:history', 'im:history'))).toEqual(['message.group', 'message.im']);
    expect(await heard(await only('app_mentions:read'))).toEqual(['app_mention', 'app_mention']);
    expect(await heard(await only('reactions:read'))).toEqual(['reaction_added']);
    expect(await heard(await only('chat:write'))).toEqual([]);
  });

  it('let the app hear of its own joining only where it may read that kind of channel', async () => {
    const hidden = channel('C0HIDDEN', 'hidden', 'private', [ana]);
    const seed = { ...northwind, channels: [...northwind.channels, hidden] };
    const heard = async (scope: string) => {
      const slack = await standin({ scopes: [scope], seed });
      slack.people.invite(slack.botUser, 'C0HIDDEN', ana);
      return eventsOf(slack).length;
    };
    expect(await Promise.all([heard('channels:read'), heard('groups:read')])).toEqual([0, 1]);
  });
});

describe('a bot token that dies', () => {
  it.each(['token_revoked', 'account_inactive', 'invalid_auth'])(
    'is told %s on every call, while events go on',
    async (word) => {
      const slack = await standin();
      const web = client(slack);
      slack.refuseToken(word);
      expect(await refusal(web.auth.test())).toBe(word);
      expect(await refusal(web.chat.postMessage({ channel: general, text: 'x' }))).toBe(word);
      expect(await refusal(client(slack, slack.appToken).apps.connections.open())).toBe('ok');
      slack.say(ana, general, '@skein still there?');
      expect(eventsOf(slack).map(({ type }) => type)).toEqual(['message', 'app_mention']);
      slack.refuseToken(undefined);
      expect(await refusal(web.auth.test())).toBe('ok');
    },
  );
});

describe('an app that was taken out of the workspace', () => {
  it('is told so and hears nothing after it, until it is installed again with the scopes asked for then', async () => {
    const slack = await only('chat:write', 'channels:history');
    slack.uninstall();
    slack.say(ana, general, 'anybody there?');
    expect(eventsOf(slack).map(({ type }) => type)).toEqual(['tokens_revoked', 'app_uninstalled']);
    const page = new URL(`${slack.url}oauth/v2/authorize`);
    const asked = {
      client_id: slack.client.id,
      redirect_uri: 'https://example.com/',
      allow: '1',
      scope: 'im:read',
    };
    page.search = String(new URLSearchParams(asked));
    const back = await fetch(page, { redirect: 'manual' });
    const code = new URL(back.headers.get('location') ?? '').searchParams.get('code') ?? '';
    const { id: client_id, secret: client_secret } = slack.client;
    const installed = await client(slack).oauth.v2.access({ client_id, client_secret, code });
    expect(installed.scope).toBe('chat:write,channels:history,im:read');
    slack.say(ana, general, 'and now?');
    expect(eventsOf(slack).at(-1)).toMatchObject({ type: 'message', text: 'and now?' });
  });
});

describe('bytes of files', () => {
  async function shared(slack: SlackStandin): Promise<string> {
    slack.people.upload(ana, general, { name: 'a.txt', mimetype: 'text/plain', content: 'hello' });
    const [event] = eventsOf(slack);
    const [file] = Array.isArray(event?.files) ? event.files.filter(isJson) : [];
    return String(file?.url_private_download);
  }
  const get = (url: string, token: string) =>
    fetch(url, { headers: { authorization: `Bearer ${token}` }, redirect: 'manual' });

  it('come with files:read, and a sign-in page with status 200 without it', async () => {
    const slack = await only('channels:history');
    const url = await shared(slack);
    const refused = await get(url, slack.botToken);
    expect([refused.status, refused.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    expect(await refused.text()).toContain('Sign in');
    slack.grant('files:read');
    expect(await (await get(url, slack.botToken)).text()).toBe('hello');
    slack.refuseToken('token_revoked');
    expect(await (await get(url, slack.botToken)).text()).toContain('Sign in');
  });

  it('can be behind a redirect to the sign-in page as well', async () => {
    const slack = await standin();
    const url = await shared(slack);
    slack.signInBy('redirect');
    expect(await (await get(url, slack.botToken)).text()).toBe('hello');
    const refused = await get(url, 'xoxb-other');
    expect([refused.status, refused.headers.get('location')]).toEqual([302, '/sign-in']);
    expect(await (await fetch(url)).text()).toContain('Sign in');
  });

  it('are not for an app that is in no conversation where the file was shared', async () => {
    const slack = await standin();
    const pair = slack.people.openDm(ana, ben);
    slack.people.upload(ana, pair, { name: 'b.txt', mimetype: 'text/plain', content: 'ours' });
    const [file] = [...slack.workspace.files.values()];
    expect(await refusal(client(slack).files.info({ file: String(file?.id) }))).toBe('file_not_found');
    const url = `${slack.url}files-pri/${file?.id}/b.txt`;
    expect(await (await get(url, slack.botToken)).text()).toContain('Sign in');
  });
});
