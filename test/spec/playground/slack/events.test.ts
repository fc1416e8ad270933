import { describe, expect, it } from 'vitest';
import { channel, northwind } from '../../../../playground/slack/seed.ts';
import { ana, anasDm, ben, client, eventsOf, general, standin } from './support.ts';

describe('what the app hears of messages', () => {
  it('hears a mention twice: as message and as app_mention, same ts, different event id', async () => {
    const slack = await standin();
    const { ts } = slack.say(ana, general, '@skein hello');
    const [message, mention] = eventsOf(slack);
    expect(message).toMatchObject({
      type: 'message',
      ts,
      user: ana,
      channel_type: 'channel',
      text: '<@U0SKEIN> hello',
    });
    expect(mention).toMatchObject({
      type: 'app_mention',
      ts,
      user: ana,
      client_msg_id: message?.client_msg_id,
    });
    expect(mention).not.toHaveProperty('channel_type');
    const [one, two] = slack.deliveries();
    expect(one?.payload.event_id).not.toBe(two?.payload.event_id);
    expect([one?.payload.context_team_id, two?.payload.context_team_id]).toEqual([slack.team, undefined]);
  });

  it('carries rich text as typed, with the mention as a user element', async () => {
    const slack = await standin();
    slack.say(ana, general, '@skein *why*?');
    expect(eventsOf(slack)[0]?.blocks).toMatchObject([
      {
        type: 'rich_text',
        elements: [
          {
            type: 'rich_text_section',
            elements: [
              { type: 'user', user_id: 'U0SKEIN' },
              { type: 'text', text: ' ' },
              { type: 'text', text: 'why', style: { bold: true } },
              { type: 'text', text: '?' },
            ],
          },
        ],
      },
    ]);
  });

  it('hears a direct message once, without a mention event even if it is mentioned', async () => {
    const slack = await standin();
    slack.dm(ana, 'psst @skein');
    expect(eventsOf(slack)).toMatchObject([{ type: 'message', channel: anasDm, channel_type: 'im' }]);
    expect(eventsOf(slack)[0]).not.toHaveProperty('thread_ts');
  });

  it('hears direct messages of the legacy assistant pane in a thread of their own', async () => {
    const slack = await standin({ directMessages: 'assistant_view' });
    slack.dm(ana, 'hello');
    const [opened, started, message] = eventsOf(slack);
    expect(started).toMatchObject({
      type: 'assistant_thread_started',
      assistant_thread: { thread_ts: opened?.ts },
    });
    expect(message).toMatchObject({ type: 'message', thread_ts: opened?.ts, user: ana });
  });

  it('hears group messages as mpim', async () => {
    const slack = await standin();
    const { channel: group } = await client(slack).conversations.open({ users: `${ana},${ben}` });
    slack.say(ana, String(group?.id), '@skein both of us');
    expect(eventsOf(slack)).toMatchObject([{ channel_type: 'mpim' }, { type: 'app_mention' }]);
  });

  it('hears replies with their thread and the author of its root', async () => {
    const slack = await standin();
    const { ts } = slack.say(ana, general, 'root');
    slack.say(ben, general, 'reply', { threadTs: ts });
    expect(eventsOf(slack)[1]).toMatchObject({ thread_ts: ts, parent_user_id: ana, user: ben });
    expect(eventsOf(slack)[0]).not.toHaveProperty('thread_ts');
  });

  it('hears nothing from conversations it is not in', async () => {
    const elsewhere = channel('C0ELSEWHERE', 'elsewhere', 'public', [ana]);
    const slack = await standin({ seed: { ...northwind, channels: [...northwind.channels, elsewhere] } });
    slack.say(ana, 'C0ELSEWHERE', '@skein can you hear me?');
    slack.say(ana, slack.people.openDm(ana, ben), 'between us');
    expect(eventsOf(slack)).toEqual([]);
  });

  it('hears its own posts with bot_id and no subtype, and its edits as hidden message_changed', async () => {
    const slack = await standin();
    const web = client(slack);
    const ts = String((await web.chat.postMessage({ channel: general, text: 'a' })).ts);
    await web.chat.update({ channel: general, ts, text: 'ab' });
    const [posted, changed] = eventsOf(slack);
    expect(posted).toMatchObject({ type: 'message', ts, bot_id: slack.botId, app_id: slack.appId });
    expect(posted).not.toHaveProperty('subtype');
    expect(changed).toMatchObject({
      subtype: 'message_changed',
      hidden: true,
      message: { ts, text: 'ab', bot_id: slack.botId },
      previous_message: { ts, text: 'a' },
    });
    expect(changed?.ts).not.toBe(ts);
    expect(changed?.message).not.toHaveProperty('edited');
  });

  it('hears an edit that still names it as a mention again: same ts, marked as edited', async () => {
    const slack = await standin();
    const { ts } = slack.say(ana, general, '@skein one');
    slack.people.edit(ana, general, ts, '@skein two');
    const [, , changed, again] = eventsOf(slack);
    expect(changed).toMatchObject({ subtype: 'message_changed', message: { ts, edited: { user: ana } } });
    expect(again).toMatchObject({ type: 'app_mention', ts, text: '<@U0SKEIN> two', edited: { user: ana } });
  });

  it('hears a deletion, or of a root with replies that it became a tombstone', async () => {
    const slack = await standin();
    const lone = slack.say(ana, general, 'lone').ts;
    const root = slack.say(ana, general, 'root').ts;
    slack.say(ben, general, 'reply', { threadTs: root });
    slack.people.remove(ana, general, lone);
    slack.people.remove(ana, general, root);
    const [deleted, buried] = eventsOf(slack).slice(3);
    expect(deleted).toMatchObject({ subtype: 'message_deleted', deleted_ts: lone });
    expect(buried).toMatchObject({ subtype: 'message_changed', message: { ts: root, subtype: 'tombstone' } });
    expect(slack.thread(general, root).map(({ subtype }) => subtype)).toEqual(['tombstone', null]);
  });

  it('hears files as file_share in the message and as plain files in the mention', async () => {
    const slack = await standin();
    slack.people.upload(
      ana,
      general,
      { name: 'n.txt', mimetype: 'text/plain', content: 'notes' },
      '@skein read',
    );
    const [message, mention] = eventsOf(slack);
    expect(message).toMatchObject({ subtype: 'file_share', files: [{ name: 'n.txt', size: 5 }] });
    expect(mention).toMatchObject({ type: 'app_mention', files: [{ name: 'n.txt' }] });
    expect(mention).not.toHaveProperty('subtype');
  });
});

describe('what else the app hears', () => {
  it('hears reactions, given and taken back', async () => {
    const slack = await standin();
    const { ts } = slack.say(ana, general, 'hi');
    slack.people.react(ben, general, ts, 'octagonal_sign');
    slack.people.react(ben, general, ts, 'octagonal_sign');
    expect(eventsOf(slack).slice(1)).toMatchObject([
      {
        type: 'reaction_added',
        user: ben,
        reaction: 'octagonal_sign',
        item: { channel: general, ts },
        item_user: ana,
      },
      { type: 'reaction_removed' },
    ]);
  });

  it('hears that it joined and left, that the home was opened, and that it was uninstalled', async () => {
    const elsewhere = channel('C0ELSEWHERE', 'elsewhere', 'public', [ana]);
    const slack = await standin({ seed: { ...northwind, channels: [...northwind.channels, elsewhere] } });
    slack.people.invite(slack.botUser, 'C0ELSEWHERE', ana);
    slack.people.kick(slack.botUser, 'C0ELSEWHERE');
    slack.interactions.openHome(ana, 'messages');
    slack.uninstall();
    expect(eventsOf(slack)).toMatchObject([
      { type: 'member_joined_channel', user: slack.botUser, inviter: ana, channel_type: 'C' },
      { type: 'member_left_channel', user: slack.botUser },
      { type: 'app_home_opened', tab: 'messages', channel: anasDm, user: ana },
      { type: 'tokens_revoked', tokens: { bot: [slack.botUser] } },
      { type: 'app_uninstalled' },
    ]);
  });

  it('hears only what it subscribed to', async () => {
    const slack = await standin({ subscriptions: ['app_mention', 'message.im'] });
    slack.say(ana, general, '@skein hello');
    slack.dm(ana, 'hello');
    expect(eventsOf(slack).map(({ type, channel_type }) => [type, channel_type])).toEqual([
      ['app_mention', undefined],
      ['message', 'im'],
    ]);
  });
});
