import { describe, expect, it } from 'vitest';
import { client, general, refusal, standin } from './support.ts';

const post = { channel: general, text: 'hello' };
const cut = 'slack_webapi_request_error';

describe('faults of the Web API', () => {
  it('answers 429 as often as told, then works again', async () => {
    const slack = await standin();
    const web = client(slack);
    slack.faults.add({
      method: 'chat.postMessage',
      times: 2,
      fault: { kind: 'rate_limited', retryAfterSeconds: 7 },
    });
    await expect(web.chat.postMessage(post)).rejects.toMatchObject({ retryAfter: 7 });
    expect(await refusal(web.chat.postMessage(post))).toBe('slack_webapi_rate_limited_error');
    expect(await refusal(web.chat.postMessage(post))).toBe('ok');
    expect(slack.calls('chat.postMessage').map(({ status }) => status)).toEqual([429, 429, 200]);
  });

  it('cuts the connection before a post has its effect', async () => {
    const slack = await standin();
    slack.faults.add({ method: 'chat.*', fault: { kind: 'drop', when: 'before' } });
    expect(await refusal(client(slack).chat.postMessage(post))).toBe(cut);
    expect(slack.messages(general)).toEqual([]);
  });

  it('cuts the connection after a post has its effect: the message is there, the caller cannot know', async () => {
    const slack = await standin();
    slack.faults.add({ method: 'chat.postMessage', fault: { kind: 'drop', when: 'after' } });
    expect(await refusal(client(slack).chat.postMessage(post))).toBe(cut);
    expect(slack.messages(general).map(({ visible }) => visible)).toEqual(['hello']);
    const call = await slack.waitForCall(({ method }) => method === 'chat.postMessage');
    expect(call).toMatchObject({ status: 0, ok: false, effect: true });
  });

  it.each([
    ['a 503 before the effect', { kind: 'status', status: 503 } as const, 'slack_webapi_http_error', 0],
    [
      'a 500 after the effect',
      { kind: 'status', status: 500, when: 'after' } as const,
      'slack_webapi_http_error',
      1,
    ],
    [
      'fatal_error after the effect',
      { kind: 'error', error: 'fatal_error', when: 'after' } as const,
      'fatal_error',
      1,
    ],
    [
      'a refusal of our choice',
      { kind: 'error', error: 'restricted_action' } as const,
      'restricted_action',
      0,
    ],
  ])('answers with %s', async (_, fault, code, written) => {
    const slack = await standin();
    slack.faults.add({ method: '*', fault });
    expect(await refusal(client(slack).chat.postMessage(post))).toBe(code);
    expect(slack.messages(general)).toHaveLength(written);
  });

  it('leaves a call hanging until the caller gives up, with or without the effect', async () => {
    const slack = await standin();
    slack.faults.add({ method: 'chat.postMessage', fault: { kind: 'hang', when: 'after' } });
    const caller = new AbortController();
    const call = fetch(`${slack.apiUrl}chat.postMessage`, {
      method: 'POST',
      headers: { authorization: `Bearer ${slack.botToken}` },
      body: new URLSearchParams(post),
      signal: caller.signal,
    });
    await slack.waitForMessage(({ visible }) => visible === 'hello');
    caller.abort();
    await expect(call).rejects.toMatchObject({ name: 'AbortError' });
    expect(slack.messages(general)).toHaveLength(1);
  });

  it('meets only the calls that match, and none after it is taken back', async () => {
    const slack = await standin();
    const web = client(slack);
    const takeBack = slack.faults.add({
      method: 'chat.postMessage',
      times: Number.POSITIVE_INFINITY,
      matches: ({ text }) => text === 'bad',
      fault: { kind: 'error', error: 'internal_error' },
    });
    expect(await refusal(web.chat.postMessage({ channel: general, text: 'bad' }))).toBe('internal_error');
    expect(await refusal(web.chat.postMessage({ channel: general, text: 'good' }))).toBe('ok');
    takeBack();
    expect(await refusal(web.chat.postMessage({ channel: general, text: 'bad' }))).toBe('ok');
  });

  it('fails apps.connections.open as told', async () => {
    const slack = await standin();
    slack.faults.add({
      method: 'apps.connections.open',
      fault: { kind: 'error', error: 'account_inactive' },
    });
    expect(await refusal(client(slack, slack.appToken).apps.connections.open())).toBe('account_inactive');
  });

  it('keeps tokens out of the arguments it records', async () => {
    const slack = await standin();
    await client(slack).apiCall('auth.test', { token: slack.botToken });
    expect(slack.calls()[0]).toMatchObject({ args: {}, tokenKind: 'bot' });
  });
});
