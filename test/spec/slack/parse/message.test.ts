import { expect, test } from 'vitest';
import { parseIncoming } from '../../../../src/slack/parse/parse.ts';
import {
  changed,
  deleted,
  directMessage,
  envelope,
  mention,
  type Payload,
  SELF,
} from '../../../support/payloads.ts';

const parse = (event: Payload, more: Payload = {}) => parseIncoming(envelope(event, more), SELF);
const appMention = (more: Payload = {}) => {
  const { channel_type: _absent, ...event } = mention(more);
  return { ...event, type: 'app_mention' };
};

test('both deliveries of one mention have the same key and both mention the bot', () => {
  const asMessage = parse(mention(), { event_id: 'Ev1' });
  const asMention = parse(appMention(), { event_id: 'Ev2' });
  const key = { kind: 'message', team: 'T1', channel: 'C1', ts: '1766458026.240809', mentionsBot: true };
  expect(asMessage).toMatchObject({ ...key, viaMention: false, channelKind: 'channel', eventId: 'Ev1' });
  expect(asMention).toMatchObject({ ...key, viaMention: true, channelKind: 'unknown', eventId: 'Ev2' });
});

test('a message keeps raw text, blocks, author, thread and the id its client gave it', () => {
  expect(parse(mention({ thread_ts: '1766458000.000100', parent_user_id: 'U2' }))).toEqual({
    kind: 'message',
    team: 'T1',
    enterprise: null,
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
    clientMsgId: '66cc8a1e-0000-4000-8000-000000000001',
    mentionsBot: true,
    viaMention: false,
    edited: false,
    external: false,
    subtype: null,
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
    subtype: 'file_share',
    files: [
      { id: 'F1', name: 'report.pdf', size: 1200, access: null, url: 'https://files.slack.com/a/download' },
      { id: 'F2', name: null, size: null, access: 'check_file_info', url: null },
    ],
  });
});

test('an author from another workspace and a shared channel are told', () => {
  expect(parse(mention({ user_team: 'T9', team: 'T1' }), { is_ext_shared_channel: true })).toMatchObject({
    kind: 'message',
    team: 'T1',
    userTeam: 'T9',
    external: true,
  });
});

test('an org-wide install names the workspace of the event, else the org', () => {
  const authorizations = [{ enterprise_id: 'E1', team_id: null, is_enterprise_install: true }];
  expect(parse(mention(), { authorizations, enterprise_id: 'E1' })).toMatchObject({
    team: 'T1',
    enterprise: 'E1',
  });
  expect(parse(mention(), { authorizations, team_id: null, context_team_id: null })).toMatchObject({
    team: 'E1',
  });
});

test.each<[string, string, Payload]>([
  [
    'our own message',
    'own_message',
    mention({ user: 'UBOT', bot_id: 'BBOT', app_id: 'A1', bot_profile: {} }),
  ],
  ['our own message without a user', 'own_message', mention({ user: undefined, bot_id: 'BBOT' })],
  ['another bot', 'bot_message', mention({ bot_id: 'B2', app_id: 'A2', bot_profile: { id: 'B2' } })],
  ['a webhook', 'bot_message', mention({ subtype: 'bot_message', user: undefined, username: 'x' })],
  ["Slack's notices", 'uslack', directMessage({ user: 'USLACK' })],
  ['Slackbot', 'uslack', directMessage({ user: 'USLACKBOT' })],
  ['a join', 'system_subtype', mention({ subtype: 'channel_join' })],
  ['a subtype that nobody knows yet', 'system_subtype', mention({ subtype: 'brand_new' })],
  ['a hidden message', 'hidden', directMessage({ hidden: true })],
  ['an edit delivered as a mention', 'edited_mention', appMention({ edited: { user: 'U1', ts: '2.1' } })],
  ['a mention by a workflow without a user', 'no_user', appMention({ user: undefined })],
  ['a message_replied without its subtype', 'no_user', { type: 'message', channel: 'C1', message: {} }],
  ['talk among people', 'not_addressed', mention({ text: 'lunch?', blocks: [] })],
  ['group talk', 'not_addressed', mention({ text: 'lunch?', blocks: [], channel_type: 'mpim' })],
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
    previousText: 'what is 1?',
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
  ["another bot's update", 'bot_message', mention({ bot_id: 'B2' })],
])('%s is ignored as %s', (_what, reason, message) => {
  expect(parse(changed(message, mention()))).toMatchObject({ kind: 'ignored', reason });
});

test('a deletion tells the message that is gone and its author', () => {
  expect(parse(deleted(mention()))).toMatchObject({
    kind: 'message_deleted',
    channel: 'C1',
    ts: '1766458026.240809',
    user: 'U1',
    own: false,
  });
  expect(parse(deleted(mention({ user: 'UBOT', bot_id: 'BBOT' })))).toMatchObject({ own: true });
});

test('a root that leaves a tombstone, because it had replies, is a deletion', () => {
  const tombstone = { type: 'message', subtype: 'tombstone', user: 'USLACKBOT', ts: '1766458026.240809' };
  expect(parse(changed(tombstone, mention()))).toMatchObject({
    kind: 'message_deleted',
    ts: '1766458026.240809',
    user: 'U1',
  });
});

test('characters that the database refuses do not come through', () => {
  expect(parse(directMessage({ text: 'a\0b' }))).toMatchObject({ text: 'ab' });
});
