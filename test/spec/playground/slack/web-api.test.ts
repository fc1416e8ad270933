import { describe, expect, it } from 'vitest';
import { channel, northwind, person } from '../../../../playground/slack/seed.ts';
import { ana, anasDm, client, general, refusal, standin } from './support.ts';

describe('who may call', () => {
  it('knows the bot by its token and says who it is', async () => {
    const slack = await standin();
    expect(await client(slack).auth.test()).toMatchObject({
      team_id: slack.team,
      user_id: slack.botUser,
      bot_id: slack.botId,
    });
  });

  it.each([
    ['a token nobody gave out', 'xoxb-wrong', 'invalid_auth'],
    ['the app token where the bot token belongs', 'xapp-standin-app', 'not_allowed_token_type'],
    ['no token', '', 'not_authed'],
  ])('refuses %s', async (_, token, code) => {
    const slack = await standin();
    const answer = await fetch(`${slack.apiUrl}auth.test`, {
      method: 'POST',
      headers: token === '' ? {} : { authorization: `Bearer ${token}` },
    });
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({ ok: false, error: code });
  });

  it('refuses the bot token for opening a socket, and everything once the tokens are revoked', async () => {
    const slack = await standin();
    expect(await refusal(client(slack).apps.connections.open())).toBe('not_allowed_token_type');
    slack.revokeTokens();
    expect(await refusal(client(slack).auth.test())).toBe('token_revoked');
  });

  it('says unknown_method for what it does not have, with status 200', async () => {
    const slack = await standin();
    expect(await refusal(client(slack).apiCall('chat.sing'))).toBe('unknown_method');
  });
});

describe('where the bot may write', () => {
  const seed = {
    ...northwind,
    channels: [
      ...northwind.channels,
      channel('C0ELSEWHERE', 'elsewhere', 'public', [ana]),
      channel('C0SECRET', 'secret', 'private', [ana]),
      channel('C0OLD', 'old', 'public', [ana, northwind.app.user], { archived: true }),
    ],
  };

  it.each([
    ['a public channel it has not joined', 'C0ELSEWHERE', 'not_in_channel'],
    ['a private channel it cannot see', 'C0SECRET', 'channel_not_found'],
    ['a channel that does not exist', 'C0NOWHERE', 'channel_not_found'],
    ['an archived channel', 'C0OLD', 'is_archived'],
    ['its own channel by id', general, 'ok'],
    ['its own channel by name', '#general', 'ok'],
    ["a person's direct message by the person's id", ana, 'ok'],
  ])('answers for %s', async (_, target, code) => {
    const slack = await standin({ seed });
    expect(await refusal(client(slack).chat.postMessage({ channel: target, text: 'hi' }))).toBe(code);
  });
});

describe('posting', () => {
  it('keeps two equal posts apart: Slack does not remove duplicates', async () => {
    const slack = await standin();
    const first = await client(slack).chat.postMessage({ channel: general, text: 'same' });
    const second = await client(slack).chat.postMessage({ channel: general, text: 'same' });
    expect(String(second.ts) > String(first.ts)).toBe(true);
    expect(slack.messages(general).map(({ visible }) => visible)).toEqual(['same', 'same']);
  });

  it('cuts text at 40,000 characters with a warning instead of refusing it', async () => {
    const slack = await standin();
    const answer = await client(slack).chat.postMessage({ channel: general, text: 'x'.repeat(40_001) });
    expect(answer.response_metadata?.warnings).toEqual(['message_truncated']);
    expect(slack.messages(general)[0]?.text).toHaveLength(40_000);
  });

  it('returns metadata only to those who ask for it', async () => {
    const slack = await standin();
    const web = client(slack);
    const metadata = { event_type: 'skein_segment', event_payload: { reply: 'r1', segment: 0 } };
    const { ts } = slack.say(ana, general, 'question');
    await web.chat.postMessage({ channel: general, thread_ts: ts, text: 'answer', metadata });
    const without = await web.conversations.replies({ channel: general, ts });
    const having = await web.conversations.replies({ channel: general, ts, include_all_metadata: true });
    expect(without.messages?.[1]?.metadata).toBeUndefined();
    expect(having.messages?.[1]?.metadata).toEqual(metadata);
  });

  it('shows an ephemeral message to one member alone and keeps it out of history', async () => {
    const slack = await standin();
    const web = client(slack);
    await web.chat.postEphemeral({ channel: general, user: ana, text: 'only you' });
    expect((await web.conversations.history({ channel: general })).messages).toEqual([]);
    await slack.waitForMessage(({ ephemeralFor, visible }) => ephemeralFor === ana && visible === 'only you');
    const stranger = web.chat.postEphemeral({ channel: 'C0LAUNCH', user: 'U0DANA', text: 'no' });
    expect(await refusal(stranger)).toBe('user_not_in_channel');
  });
});

describe('editing', () => {
  it('drops blocks when only text is given, and keeps metadata', async () => {
    const slack = await standin();
    const web = client(slack);
    const metadata = { event_type: 'mark', event_payload: { a: 1 } };
    const blocks = [{ type: 'section', text: { type: 'mrkdwn', text: 'in a *block*' } }];
    const { ts } = await web.chat.postMessage({ channel: general, text: 'fallback', blocks, metadata });
    await web.chat.update({ channel: general, ts: String(ts), text: 'plain' });
    const message = slack.workspace.message(general, String(ts));
    expect(message).toMatchObject({ text: 'plain', blocks: [], metadata, edited: null, revision: 1 });
  });

  it('removes blocks for an empty list and metadata for an empty object', async () => {
    const slack = await standin();
    const web = client(slack);
    const posted = await web.chat.postMessage({
      channel: general,
      text: 'fallback',
      blocks: [{ type: 'divider' }],
      metadata: { event_type: 'mark', event_payload: {} },
    });
    const edit = { channel: general, ts: String(posted.ts), text: 'bare', blocks: [], metadata: {} };
    await web.apiCall('chat.update', edit);
    expect(slack.workspace.message(general, String(posted.ts))).toMatchObject({ blocks: [], metadata: null });
  });

  it('takes 4,000 characters of text and not one more', async () => {
    const slack = await standin();
    const web = client(slack);
    const ts = String((await web.chat.postMessage({ channel: general, text: 'x' })).ts);
    expect(await refusal(web.chat.update({ channel: general, ts, text: 'x'.repeat(4_000) }))).toBe('ok');
    expect(await refusal(web.chat.update({ channel: general, ts, text: 'x'.repeat(4_001) }))).toBe(
      'msg_too_long',
    );
  });

  it("refuses other people's messages and messages that are not there", async () => {
    const slack = await standin();
    const web = client(slack);
    const { ts } = slack.say(ana, general, 'mine');
    expect(await refusal(web.chat.update({ channel: general, ts, text: 'yours' }))).toBe(
      'cant_update_message',
    );
    expect(await refusal(web.chat.delete({ channel: general, ts }))).toBe('cant_delete_message');
    const nowhere = web.chat.update({ channel: general, ts: '1.000001', text: 'x' });
    expect(await refusal(nowhere)).toBe('message_not_found');
  });

  it('remembers how a message looked from edit to edit', async () => {
    const slack = await standin();
    const web = client(slack);
    const ts = String((await web.chat.postMessage({ channel: general, text: 'a' })).ts);
    await web.chat.update({ channel: general, ts, text: 'ab' });
    await web.chat.update({ channel: general, ts, text: 'abc' });
    expect(slack.history(general, ts).map(({ text }) => text)).toEqual(['a', 'ab', 'abc']);
  });
});

describe('reading', () => {
  it('pages through a thread oldest first, the root in front of the first page', async () => {
    const slack = await standin();
    const { ts } = slack.say(ana, general, 'root');
    for (let n = 1; n <= 5; n += 1) slack.say(ana, general, `reply ${n}`, { threadTs: ts });
    const pages: (string | undefined)[][] = [];
    let cursor: string | undefined;
    do {
      const page = await client(slack).conversations.replies({
        channel: general,
        ts,
        limit: 2,
        ...(cursor ? { cursor } : {}),
      });
      pages.push((page.messages ?? []).map(({ text }) => text));
      cursor = page.response_metadata?.next_cursor;
    } while (cursor);
    expect(pages).toEqual([
      ['root', 'reply 1'],
      ['reply 2', 'reply 3'],
      ['reply 4', 'reply 5'],
    ]);
  });

  it('lists a channel newest first, without replies, and by oldest and latest', async () => {
    const slack = await standin();
    const stamps = ['one', 'two', 'three'].map((text) => slack.say(ana, general, text).ts);
    slack.say(ana, general, 'in a thread', { threadTs: stamps[0] ?? '' });
    const web = client(slack);
    const texts = async (more: object) =>
      ((await web.conversations.history({ channel: general, ...more })).messages ?? []).map(
        ({ text }) => text,
      );
    expect(await texts({})).toEqual(['three', 'two', 'one']);
    expect(await texts({ oldest: stamps[0] })).toEqual(['three', 'two']);
    expect(await texts({ latest: stamps[1], inclusive: true })).toEqual(['two', 'one']);
    expect(await refusal(web.conversations.replies({ channel: general, ts: '1.0' }))).toBe(
      'thread_not_found',
    );
  });

  it('describes people and conversations as Slack does', async () => {
    const stranger = person('U0STRANGER', 'sam', 'Sam Elsewhere', { isStranger: true });
    const slack = await standin({ seed: { ...northwind, people: [...northwind.people, stranger] } });
    const web = client(slack);
    expect((await web.users.info({ user: ana })).user).toMatchObject({
      is_admin: true,
      real_name: 'Ana Ruiz',
    });
    expect((await web.users.info({ user: 'U0DANA' })).user).toMatchObject({ is_restricted: true });
    expect((await web.users.info({ user: 'U0STRANGER' })).user).toMatchObject({ team_id: 'T0ELSEWHERE' });
    expect((await web.conversations.info({ channel: anasDm })).channel).toMatchObject({
      is_im: true,
      user: ana,
    });
    expect((await web.conversations.open({ users: ana })).channel?.id).toBe(anasDm);
    expect((await web.conversations.members({ channel: 'C0LAUNCH' })).members).toHaveLength(3);
    expect(await refusal(web.users.info({ user: 'U0NOBODY' }))).toBe('user_not_found');
  });
});

describe('files', () => {
  it('takes the three-step upload of the SDK and gives the bytes back to the bot alone', async () => {
    const slack = await standin();
    const web = client(slack);
    await web.filesUploadV2({
      channel_id: general,
      filename: 'a.csv',
      file: Buffer.from('x,y\n1,2\n'),
      title: 'A',
    });
    const message = await slack.waitForMessage(({ files }) => files.length === 1);
    const info = await web.files.info({ file: message.files[0] ?? '' });
    const url = String(info.file?.url_private_download);
    const bytes = await fetch(url, { headers: { authorization: `Bearer ${slack.botToken}` } });
    expect([bytes.headers.get('content-type'), await bytes.text()]).toEqual(['text/csv', 'x,y\n1,2\n']);
    const outsider = await fetch(url);
    expect([outsider.status, outsider.headers.get('content-type')]).toEqual([
      200,
      'text/html; charset=utf-8',
    ]);
  });
});
