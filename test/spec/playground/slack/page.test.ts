import { describe, expect, it } from 'vitest';
import type { PageEvent } from '../../../../playground/protocol.ts';
import { ana, anasDm, bolt, client, general, refusal, standin } from './support.ts';

describe('what the page is shown', () => {
  it('opens on Northwind with its people, channels and the bot', async () => {
    const { page, botUser } = await standin();
    const snapshot = page.snapshot();
    expect(snapshot.team.name).toBe('Northwind');
    expect(snapshot.bot).toEqual({ user: botUser, handle: 'skein' });
    expect(snapshot.channels.filter(({ kind }) => kind !== 'im').map(({ name }) => name)).toEqual([
      'general',
      'engineering',
      'design',
      'launch',
    ]);
    expect(snapshot.users.filter(({ isGuest }) => isGuest).map(({ displayName }) => displayName)).toEqual([
      'Dana Lee',
    ]);
  });

  it('follows a message while it is edited, and every call with its rate tier and without tokens', async () => {
    const slack = await standin({ tiers: 'real' });
    const seen: PageEvent[] = [];
    const stop = slack.page.subscribe((event) => seen.push(event));
    const web = client(slack);
    const ts = String((await web.chat.postMessage({ channel: general, text: 'a' })).ts);
    await web.chat.update({ channel: general, ts, text: 'ab' });
    const messages = seen.flatMap((event) => (event.type === 'message' ? [event.message] : []));
    expect(messages.map(({ text, revision, edited }) => [text, revision, edited])).toEqual([
      ['a', 0, false],
      ['ab', 1, false],
    ]);
    const calls = seen.flatMap((event) => (event.type === 'call' ? [event.call] : []));
    expect(calls.map(({ method, ok, tier }) => [method, ok, tier?.used, tier?.limit])).toEqual([
      ['chat.postMessage', true, 1, 300],
      ['chat.update', true, 1, 50],
    ]);
    expect(JSON.stringify(seen)).not.toContain(slack.botToken);
    stop();
    slack.say(ana, general, 'unseen');
    expect(seen).toHaveLength(4);
  });
});

it('a message is shown anew when a file of it is deleted', async () => {
  const slack = await standin();
  const web = client(slack);
  const file = { filename: 'table.csv', file: Buffer.from('a,b'), channel_id: general };
  await web.filesUploadV2(file);
  const [stored] = slack.workspace.files.values();
  const shown: string[] = [];
  slack.page.subscribe((event) => {
    if (event.type === 'message') shown.push(...event.message.files.map(({ name }) => name));
  });
  await web.files.delete({ file: stored?.id ?? '' });
  expect(shown).toEqual(['This file was deleted.']);
});

describe('what the page does', () => {
  it('speaks, edits, reacts and deletes as the chosen person', async () => {
    const slack = await standin();
    const said = await slack.page.act({
      type: 'say',
      user: ana,
      channel: general,
      threadTs: null,
      text: 'hello',
    });
    if (!said?.ok || said.ts === undefined) throw new Error('nothing was said');
    const target = { user: ana, channel: general, ts: said.ts };
    await slack.page.act({ type: 'edit', ...target, text: 'hello again' });
    await slack.page.act({ type: 'react', ...target, name: 'eyes' });
    expect(slack.page.snapshot().messages[0]).toMatchObject({
      text: 'hello again',
      edited: true,
      reactions: [{ name: 'eyes' }],
    });
    expect(await slack.page.act({ type: 'delete', ...target, user: 'U0BEN' })).toMatchObject({ ok: false });
    await slack.page.act({ type: 'delete', ...target });
    expect(slack.page.snapshot().messages[0]).toMatchObject({ deleted: true });
  });

  it('types slash commands, except in threads, where Slack has none', async () => {
    const slack = await standin();
    await bolt(slack, (app) => {
      app.command('/skein', async ({ ack, command }) => ack(`got ${command.text}`));
    });
    const typed = { type: 'say', user: ana, channel: anasDm, text: '/skein usage today' } as const;
    expect(await slack.page.act({ ...typed, threadTs: null })).toEqual({ ok: true });
    await slack.waitForMessage(({ visible }) => visible === 'got usage today');
    expect(await slack.page.act({ ...typed, threadTs: '1.1' })).toMatchObject({ ok: false });
  });

  it('switches Slack faults on and off and leaves the others to their owner', async () => {
    const slack = await standin();
    const post = () => refusal(client(slack).chat.postMessage({ channel: general, text: 'x' }));
    await slack.page.act({ type: 'fault', fault: 'slack_429', on: true });
    expect(slack.page.faults()).toEqual(['slack_429']);
    expect(await post()).toBe('slack_webapi_rate_limited_error');
    await slack.page.act({ type: 'fault', fault: 'slack_429', on: false });
    await slack.page.act({ type: 'fault', fault: 'slack_down', on: true });
    expect(await post()).toBe('slack_webapi_http_error');
    await slack.page.act({ type: 'fault', fault: 'slack_down', on: false });
    expect(await post()).toBe('ok');
    expect(await slack.page.act({ type: 'fault', fault: 'model_cut', on: true })).toBeUndefined();
    expect(await slack.page.act({ type: 'speed', tokensPerSecond: 5 })).toBeUndefined();
  });

  it('says why something could not be done', async () => {
    const slack = await standin();
    const action = { type: 'say', user: 'U0DANA', channel: 'C0LAUNCH', threadTs: null, text: 'hi' } as const;
    expect(await slack.page.act(action)).toEqual({ ok: false, error: 'U0DANA is not in C0LAUNCH' });
  });
});
