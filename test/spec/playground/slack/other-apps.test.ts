import { describe, expect, it } from 'vitest';
import { isJson, objectOf } from '../../../../playground/slack/json.ts';
import { ana, ben, client, eventsOf, general, refusal, standin } from './support.ts';

describe('what other apps do', () => {
  it('is heard as bot_message without an author, with its details in blocks and in fields of attachments', async () => {
    const slack = await standin();
    const attachments = [{ fallback: 'Disk', fields: [{ title: 'Host', value: 'db-1' }] }];
    const blocks = [{ type: 'section', text: { type: 'mrkdwn', text: '*full*' } }];
    const { ts } = slack.apps.post(general, { text: 'Disk is full', attachments, blocks });
    const [event] = eventsOf(slack);
    expect(event).toMatchObject({
      subtype: 'bot_message',
      bot_id: 'B0ALERTS',
      username: 'Alerts',
      ts,
      attachments,
    });
    expect(event).not.toHaveProperty('user');
    const web = client(slack);
    expect((await web.bots.info({ bot: 'B0ALERTS' })).bot).toMatchObject({
      name: 'Alerts',
      app_id: 'A0ALERTS',
    });
    expect(await refusal(web.bots.info({ bot: 'B0NOBODY' }))).toBe('bot_not_found');
  });

  it("can be a person's own words: bot_id beside user, no subtype, and a mention like any other", async () => {
    const slack = await standin();
    slack.apps.postAs(ana, general, { text: '<@U0SKEIN> by a token of mine' });
    const [message, mention] = eventsOf(slack);
    expect(message).toMatchObject({ type: 'message', user: ana, bot_id: 'B0ALERTS', app_id: 'A0ALERTS' });
    expect(message).not.toHaveProperty('subtype');
    expect(mention).toMatchObject({ type: 'app_mention', user: ana, bot_id: 'B0ALERTS' });
  });

  it('puts previews under links: an edit without a mark, with or without the form before, and no new mention', async () => {
    const slack = await standin();
    const { ts } = slack.say(ana, general, '@skein see https://example.com');
    const preview = [{ from_url: 'https://example.com', title: 'Example' }];
    slack.apps.unfurl(general, ts, preview);
    slack.apps.unfurl(general, ts, preview, false);
    const [, , first, second, ...rest] = eventsOf(slack);
    expect(first).toMatchObject({
      subtype: 'message_changed',
      message: { ts, attachments: preview },
      previous_message: { ts },
    });
    expect(first?.message).not.toHaveProperty('edited');
    expect(objectOf(first?.previous_message)).not.toHaveProperty('attachments');
    expect(second).toMatchObject({ subtype: 'message_changed', message: { attachments: preview } });
    expect(second).not.toHaveProperty('previous_message');
    expect(rest).toEqual([]);
  });
});

describe('what people do besides', () => {
  it('admins delete what the app posted, others do not', async () => {
    const slack = await standin();
    const ts = String((await client(slack).chat.postMessage({ channel: general, text: 'x' })).ts);
    expect(() => slack.people.remove(ben, general, ts)).toThrow(/not written by/);
    slack.people.remove(ana, general, ts);
    expect(eventsOf(slack).at(-1)).toMatchObject({
      subtype: 'message_deleted',
      deleted_ts: ts,
      previous_message: { bot_id: slack.botId },
    });
  });

  it('they send voice clips, with a transcript as soon as Slack has one', async () => {
    const slack = await standin();
    const clip = { name: 'audio_message.m4a', mimetype: 'audio/mp4', content: 'sound' };
    const long = 'What do we do about the launch? '.repeat(5);
    slack.people.upload(ana, general, { ...clip, clip: { transcript: long, milliseconds: 2_500 } });
    slack.people.upload(ana, general, { ...clip, clip: { transcript: null, milliseconds: 900 } });
    const [spoken, pending] = eventsOf(slack).map(({ files }) =>
      Array.isArray(files) ? files.filter(isJson)[0] : undefined,
    );
    expect(spoken).toMatchObject({
      subtype: 'slack_audio',
      duration_ms: 2_500,
      transcription: { status: 'complete', preview: { content: long.slice(0, 100), has_more: true } },
    });
    expect(pending).toMatchObject({ subtype: 'slack_audio', transcription: { status: 'processing' } });
  });
});
