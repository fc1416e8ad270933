import { expect, test } from 'vitest';
import { parsePayload } from '../../../support/parse.ts';
import {
  changed,
  deleted,
  directMessage,
  envelope,
  mention,
  type Payload,
} from '../../../support/payloads.ts';

const parse = (event: Payload, more: Payload = {}) => parsePayload(envelope(event, more));
const appMention = (more: Payload = {}) => {
  const { channel_type: _absent, ...event } = mention(more);
  return { ...event, type: 'app_mention' };
};

test('both deliveries of one mention have the same key and both mention the bot', () => {
  const asMessage = parse(mention(), { event_id: 'Ev1' });
  const asMention = parse(appMention(), { event_id: 'Ev2' });
  const key = { kind: 'message', team: 'T1', channel: 'C1', ts: '1766458026.240809', mentionsBot: true };
  expect(asMessage).toMatchObject({ ...key, channelKind: 'channel', eventId: 'Ev1' });
  expect(asMention).toMatchObject({ ...key, channelKind: 'unknown', eventId: 'Ev2' });
});

test('a message keeps raw text, blocks, author and thread', () => {
  expect(parse(mention({ thread_ts: '1766458000.000100', parent_user_id: 'U2' }))).toEqual({
    kind: 'message',
    team: 'T1',
    eventId: 'Ev1',
    channel: 'C1',
    channelKind: 'channel',
    ts: '1766458026.240809',
    threadTs: '1766458000.000100',
    user: 'U1',
    userTeam: 'T1',
    text: '<@UBOT> 1',
    blocks: mention()['blocks'],
    attachments: [],
    files: [],
    mentionsBot: true,
    toSomebodyElse: false,
    app: null,
    asked: false,
  });
});

test('a direct message is passed on without a mention, and D tells its kind by itself', () => {
  expect(parse(directMessage())).toMatchObject({ kind: 'message', channelKind: 'im', mentionsBot: false });
  const { channel_type: _absent, ...event } = directMessage();
  expect(parse(event)).toMatchObject({ kind: 'message', channelKind: 'im' });
});

test('a reply without a mention is passed on, because the thread may be a conversation', () => {
  expect(parse(mention({ text: 'and?', blocks: [], thread_ts: '1.1' }))).toMatchObject({
    kind: 'message',
    threadTs: '1.1',
    mentionsBot: false,
  });
});

test('a root that Slack gives its own ts as thread is at the top level', () => {
  expect(parse(mention({ thread_ts: '1766458026.240809' }))).toMatchObject({
    kind: 'message',
    threadTs: null,
  });
});

test('a mention that only the blocks hold is found', () => {
  expect(parse(mention({ text: '' }))).toMatchObject({ kind: 'message', mentionsBot: true });
});

test('files come with what Slack claims about them, and stubs of Slack Connect too', () => {
  const files = [
    {
      id: 'F1',
      name: 'report.pdf',
      title: null,
      mimetype: 'application/pdf',
      filetype: 'pdf',
      size: 1200,
      mode: 'hosted',
      url_private: 'https://files.slack.com/a',
      url_private_download: 'https://files.slack.com/a/download',
    },
    { id: 'F2', mode: 'file_access', file_access: 'check_file_info' },
    'nonsense',
  ];
  expect(parse(directMessage({ subtype: 'file_share', files }))).toMatchObject({
    kind: 'message',
    files: [
      {
        id: 'F1',
        name: 'report.pdf',
        size: 1200,
        file_access: null,
        url_private_download: 'https://files.slack.com/a/download',
      },
      { id: 'F2', name: null, size: null, file_access: 'check_file_info', url_private_download: null },
    ],
  });
});

test('an author from another workspace is told', () => {
  expect(parse(mention({ user_team: 'T9', team: 'T1' }))).toMatchObject({
    kind: 'message',
    team: 'T1',
    userTeam: 'T9',
  });
});

test.each<[string, string, Payload]>([
  [
    'our own message',
    'own_message',
    mention({ user: 'UBOT', bot_id: 'BBOT', app_id: 'A1', bot_profile: {} }),
  ],
  ['our own message without a user', 'own_message', mention({ user: undefined, bot_id: 'BBOT' })],
  ['a webhook without an id', 'no_user', mention({ subtype: 'bot_message', user: undefined, username: 'x' })],
  ["Slack's notices", 'uslack', directMessage({ user: 'USLACK' })],
  ['Slackbot', 'uslack', directMessage({ user: 'USLACKBOT' })],
  ['a join', 'system_subtype', mention({ subtype: 'channel_join' })],
  ['a subtype that nobody knows yet', 'system_subtype', mention({ subtype: 'brand_new' })],
  ['a hidden message', 'hidden', directMessage({ hidden: true })],
  ['an edit delivered as a mention', 'edited_mention', appMention({ edited: { user: 'U1', ts: '2.1' } })],
  ['a mention by a workflow without a user', 'no_user', appMention({ user: undefined })],
  ['a message_replied without its subtype', 'no_user', { type: 'message', channel: 'C1', message: {} }],
  ['a ts that is a number', 'malformed', mention({ ts: 1766458026.24 })],
  ['a channel with markup', 'malformed', mention({ channel: '<!here>' })],
])('%s is ignored as %s', (_what, reason, event) => {
  expect(parse(event)).toMatchObject({ kind: 'ignored', reason });
});

test('an edit tells the message that changed, both texts and whether the bot was mentioned before', () => {
  const before = mention({ text: 'what is 1?', blocks: [] });
  const after = mention({ text: '<@UBOT> what is 2?', blocks: [], edited: { user: 'U1', ts: '2.1' } });
  expect(parse(changed(after, before))).toMatchObject({
    kind: 'message_changed',
    channel: 'C1',
    ts: '1766458026.240809',
    user: 'U1',
    text: '<@UBOT> what is 2?',
    textChanged: true,
    mentionsBot: true,
    mentionedBotBefore: false,
  });
});

test('an unfurled link is a change without a change of text', () => {
  const after = mention({ attachments: [{ from_url: 'https://example.com' }] });
  expect(parse(changed(after, mention()))).toMatchObject({ kind: 'message_changed', textChanged: false });
});

test.each<[string, string, Payload]>([
  [
    'our own update',
    'own_edit',
    mention({ user: 'UBOT', bot_id: 'BBOT', edited: { user: 'BBOT', ts: '2' } }),
  ],
])('%s is ignored as %s', (_what, reason, message) => {
  expect(parse(changed(message, mention()))).toMatchObject({ kind: 'ignored', reason });
});

test('a deletion tells the message that is gone, and whether it was ours', () => {
  expect(parse(deleted(mention()))).toMatchObject({
    kind: 'message_deleted',
    channel: 'C1',
    ts: '1766458026.240809',
    own: false,
  });
  expect(parse(deleted(mention({ user: 'UBOT', bot_id: 'BBOT' })))).toMatchObject({ own: true });
});

test('a root that leaves a tombstone, because it had replies, is a deletion', () => {
  const tombstone = { type: 'message', subtype: 'tombstone', user: 'USLACKBOT', ts: '1766458026.240809' };
  expect(parse(changed(tombstone, mention()))).toMatchObject({
    kind: 'message_deleted',
    ts: '1766458026.240809',
  });
});

test('characters that the database refuses do not come through', () => {
  expect(parse(directMessage({ text: 'a\0b' }))).toMatchObject({ text: 'ab' });
});

test('without the message before it, a change is an edit only if Slack marks it as edited', () => {
  const preview = mention({ attachments: [{ from_url: 'https://example.com' }] });
  const { previous_message: _gone, ...unmarked } = changed(preview, preview);
  expect(parse(unmarked)).toMatchObject({ kind: 'message_changed', textChanged: false });
  const marked = { ...unmarked, message: { ...preview, edited: { user: 'U1', ts: '2.1' } } };
  expect(parse(marked)).toMatchObject({ kind: 'message_changed', textChanged: true });
});

test('an app is told by its ids and name, and only a profile that names the user is certain to be no person', () => {
  const profile = { id: 'B2', app_id: 'A2', name: 'Deploys' };
  const post = mention({ user: 'U7', bot_id: 'B2', app_id: 'A2', bot_profile: profile });
  expect(parse(post)).toMatchObject({
    kind: 'message',
    user: 'U7',
    app: { name: 'Deploys', ids: ['U7', 'B2', 'A2'], certain: false },
  });
  expect(parse({ ...post, bot_profile: { ...profile, user_id: 'U7' } })).toMatchObject({
    app: { certain: true },
  });
  const classic = mention({ subtype: 'bot_message', user: undefined, bot_id: 'B3', username: 'Alerts' });
  expect(parse(classic)).toMatchObject({ user: 'B3', app: { name: 'Alerts', ids: ['B3'], certain: true } });
});
