import { inspect } from 'node:util';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parsePayload } from '../../../support/parse.ts';
import {
  buttonPress,
  changed,
  command,
  deleted,
  directMessage,
  envelope,
  mention,
  type Payload,
} from '../../../support/payloads.ts';

const REACTION = {
  type: 'reaction_added',
  user: 'U1',
  reaction: 'octagonal_sign',
  item: { type: 'message', channel: 'C1', ts: '1.2' },
  item_user: 'UBOT',
  event_ts: '1.3',
};

const parse = (event: Payload) => parsePayload(envelope(event));

test('a reaction tells who put what on which message, without the tone of skin', () => {
  expect(parse(REACTION)).toMatchObject({
    kind: 'reaction',
    name: 'octagonal_sign',
    user: 'U1',
    channel: 'C1',
    ts: '1.2',
  });
  expect(parse({ ...REACTION, reaction: '+1::skin-tone-2' })).toMatchObject({ name: '+1' });
});

test('our own reactions and reactions to files are ignored', () => {
  expect(parse({ ...REACTION, user: 'UBOT' })).toMatchObject({ kind: 'ignored', reason: 'own_reaction' });
  expect(parse({ ...REACTION, item: { type: 'file', file: 'F1' } })).toMatchObject({ reason: 'unsupported' });
});

test.each<[string, Payload, Payload]>([
  [
    'the opened home tab',
    { type: 'app_home_opened', user: 'U1', channel: 'D1', tab: 'home' },
    { kind: 'home_opened', user: 'U1', channel: 'D1', tab: 'home' },
  ],
  [
    'our own joining',
    { type: 'member_joined_channel', user: 'UBOT', channel: 'C1', channel_type: 'C', inviter: 'U1' },
    { kind: 'joined_channel', channel: 'C1' },
  ],
  [
    "somebody's joining",
    { type: 'member_joined_channel', user: 'U2', channel: 'C1', channel_type: 'C' },
    { kind: 'ignored', reason: 'somebody_joined' },
  ],
  [
    'the native stop',
    {
      type: 'agent_session_stopped',
      channel: 'D1',
      user: 'U1',
      thread_ts: '1.1',
      streaming_message_ts: ['1.2'],
    },
    { kind: 'stopped', threadTs: '1.1', messageTs: ['1.2'] },
  ],
  [
    'the native stop in its other shape',
    { type: 'agent_session_stopped', channel: 'D1', user: 'U1', thread_ts: '1.1', message_ts: '1.2' },
    { kind: 'stopped', threadTs: '1.1', messageTs: ['1.2'] },
  ],
  [
    'an uninstall',
    { type: 'app_uninstalled' },
    { kind: 'installation_gone', team: 'T1', why: 'app_uninstalled' },
  ],
  [
    'our revoked token',
    { type: 'tokens_revoked', tokens: { oauth: ['U1'], bot: ['UBOT'] } },
    { kind: 'installation_gone', why: 'tokens_revoked' },
  ],
  [
    'revoked tokens of people',
    { type: 'tokens_revoked', tokens: { oauth: ['U1'], bot: [] } },
    { kind: 'ignored', reason: 'person_tokens' },
  ],
  [
    'anything else',
    { type: 'channel_rename' },
    { kind: 'ignored', reason: 'unsupported', detail: 'channel_rename' },
  ],
])('%s is understood', (_what, event, expected) => {
  expect(parse(event)).toMatchObject(expected);
});

test('a button tells action, value, person and the message it stands under', () => {
  expect(parsePayload(buttonPress())).toMatchObject({
    kind: 'action',
    team: 'T1',
    actionId: 'stop',
    value: 'reply-1',
    user: 'U1',
    channel: 'C1',
    messageTs: '1.2',
    threadTs: '1.1',
  });
});

test('an action in App Home is a gesture in that view', () => {
  const press = buttonPress({
    container: { type: 'view', view_id: 'V1' },
    channel: undefined,
    message: undefined,
    view: { id: 'V1', callback_id: 'home', private_metadata: '', state: { values: {} } },
  });
  expect(parsePayload(press)).toMatchObject({ kind: 'pressed', actionId: 'stop', view: { id: 'V1' } });
});

test('a select gives the value of the chosen option', () => {
  const press = buttonPress({
    actions: [{ action_id: 'model', selected_option: { value: 'claude-sonnet-4-6' } }],
  });
  expect(parsePayload(press)).toMatchObject({ actionId: 'model', value: 'claude-sonnet-4-6' });
});

test('a slash command tells its words and where it was typed', () => {
  expect(parsePayload(command())).toMatchObject({
    kind: 'command',
    command: '/skein',
    text: 'help me',
    user: 'U1',
    channel: 'C1',
    channelName: 'general',
  });
});

test('response url and trigger are there to be used, and never printed', () => {
  const incoming = parsePayload(command());
  expect(incoming.kind === 'command' && incoming.responseUrl?.reveal()).toContain('hooks.slack.com');
  for (const shown of [
    JSON.stringify(incoming),
    inspect(incoming, { depth: 9 }),
    `${Object.values(incoming)}`,
  ]) {
    expect(shown).toContain('[hidden]');
    expect(shown).not.toContain('secret');
  }
});

test('whatever comes in, the answer is one of the cases and nothing is thrown', () => {
  fc.assert(
    fc.property(fc.anything({ withNullPrototype: true, withBigInt: true, withDate: true }), (payload) => {
      expect(parsePayload(payload).kind).toBeTypeOf('string');
    }),
    { numRuns: 500 },
  );
});

const REAL: readonly Payload[] = [
  envelope(mention()),
  envelope(mention({ type: 'app_mention', files: [{ id: 'F1' }] })),
  envelope(directMessage({ attachments: [{ blocks: [] }] })),
  envelope(changed(mention(), mention())),
  envelope(deleted(mention())),
  envelope(REACTION),
  envelope({
    type: 'agent_session_stopped',
    channel: 'D1',
    user: 'U1',
    thread_ts: '1.1',
    streaming_message_ts: [],
  }),
  envelope({ type: 'tokens_revoked', tokens: { bot: ['U1'] } }),
  buttonPress(),
  command(),
];

/** Replaces one value somewhere inside a real payload by anything. */
function mutate(payload: unknown, path: readonly number[], value: unknown): unknown {
  const [step, ...rest] = path;
  if (step === undefined || typeof payload !== 'object' || payload === null) return value;
  const entries = Object.entries(payload);
  if (entries.length === 0) return value;
  const target = step % entries.length;
  const changedEntries = entries.map(([key, old], index) => [
    key,
    index === target ? mutate(old, rest, value) : old,
  ]);
  return Array.isArray(payload) ? changedEntries.map(([, kept]) => kept) : Object.fromEntries(changedEntries);
}

test('a real payload with any part replaced is still one of the cases, with ids that are ids', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...REAL),
      fc.array(fc.nat(40), { minLength: 1, maxLength: 6 }),
      fc.anything(),
      (payload, path, value) => {
        const incoming = parsePayload(mutate(payload, path, value));
        if (incoming.kind === 'ignored') return;
        expect(incoming.team).toMatch(/^[\w-]{1,64}$/);
        if (incoming.kind === 'message') {
          expect(incoming.ts).toMatch(/^\d+\.\d+$/);
          expect(incoming.user).not.toBe('UBOT');
          expect(incoming.text).not.toContain('\0');
        }
      },
    ),
    { numRuns: 1500 },
  );
});
