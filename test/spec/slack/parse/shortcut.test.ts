import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parsePayload } from '../../../support/parse.ts';
import type { Payload } from '../../../support/payloads.ts';

const shortcut = (more: Payload = {}): Payload => ({
  type: 'shortcut',
  callback_id: 'ask_skein',
  user: { id: 'U1', team_id: 'T1' },
  team: { id: 'T1', domain: 'd' },
  trigger_id: '123.456.secret',
  ...more,
});
const onMessage = (more: Payload = {}): Payload =>
  shortcut({
    type: 'message_action',
    callback_id: 'ask_about_message',
    channel: { id: 'C1', name: 'general' },
    message_ts: '1.2',
    message: { ts: '1.2', thread_ts: '1.1', text: 'words' },
    ...more,
  });

it('a shortcut on a message names the message and its thread', () => {
  expect(parsePayload(onMessage())).toMatchObject({
    kind: 'shortcut',
    team: 'T1',
    user: 'U1',
    callbackId: 'ask_about_message',
    channel: 'C1',
    messageTs: '1.2',
    threadTs: '1.1',
  });
  const root = onMessage({ message: { ts: '1.2', thread_ts: '1.2' } });
  expect(parsePayload(root)).toMatchObject({ messageTs: '1.2', threadTs: null });
});

it('a global shortcut names no place, and its trigger is hidden from logs', () => {
  const incoming = parsePayload(shortcut());
  expect(incoming).toMatchObject({ kind: 'shortcut', channel: null, messageTs: null, threadTs: null });
  expect(JSON.stringify(incoming)).not.toContain('secret');
});

it.each([
  ['without a person', shortcut({ user: undefined })],
  ['without a name', shortcut({ callback_id: undefined })],
  ['on a message without a channel', onMessage({ channel: undefined })],
  ['on no message', onMessage({ message_ts: undefined, message: undefined })],
])('a shortcut %s is malformed', (_what, payload) => {
  expect(parsePayload(payload)).toMatchObject({ kind: 'ignored', reason: 'malformed' });
});

it('whatever stands in its fields, it is a shortcut or ignored', () => {
  fc.assert(
    fc.property(fc.constantFrom(...Object.keys(onMessage())), fc.jsonValue(), (field, value) => {
      expect(['shortcut', 'ignored']).toContain(
        parsePayload(onMessage({ [field]: value, type: 'message_action' })).kind,
      );
    }),
  );
});
