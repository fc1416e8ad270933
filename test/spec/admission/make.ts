import type { IncomingAction, IncomingChange, IncomingMessage } from '../../../src/incoming.ts';

const ORIGIN = { team: 'T1', eventId: 'Ev1' };
const WORDS = { blocks: [], attachments: [], files: [], toSomebodyElse: false, app: null };

/** A message in a channel, not addressed to us. */
export function message(more: Partial<IncomingMessage> = {}): IncomingMessage {
  return {
    kind: 'message',
    ...ORIGIN,
    ...WORDS,
    channel: 'C1',
    channelKind: 'channel',
    ts: '1.000000',
    threadTs: null,
    user: 'U1',
    userTeam: 'T1',
    text: 'words',
    mentionsBot: false,
    asked: false,
    ...more,
  };
}

/** An edit of such a message. */
export function change(more: Partial<IncomingChange> = {}): IncomingChange {
  return {
    kind: 'message_changed',
    ...ORIGIN,
    ...WORDS,
    channel: 'C1',
    channelKind: 'channel',
    ts: '1.000000',
    threadTs: null,
    user: 'U1',
    userTeam: 'T1',
    text: 'new words',
    textChanged: true,
    mentionsBot: false,
    mentionedBotBefore: false,
    ...more,
  };
}

/** A press of Stop. */
export function action(more: Partial<IncomingAction> = {}): IncomingAction {
  return {
    kind: 'action',
    ...ORIGIN,
    actionId: 'reply_stop',
    value: null,
    user: 'U1',
    userTeam: 'T1',
    channel: 'C1',
    messageTs: '2.000000',
    threadTs: '1.000000',
    triggerId: null,
    responseUrl: null,
    ...more,
  };
}
