import { describe, expect, it } from 'vitest';
import { decide, needsThread, saysStop } from '../../../src/admission/decide.ts';
import type { Incoming, IncomingChange, IncomingMessage } from '../../../src/admission/incoming.ts';
import type { ThreadFacts } from '../../../src/conversation/store.ts';
import type { FollowUps } from '../../../src/defaults.ts';
import { change, message } from './make.ts';

const OURS: ThreadFacts = { conversation: 7, answered: true, speakers: ['U1'] };

/** The kind of a decision, with the reason if it is ignored. */
function outcome(incoming: Incoming, thread: ThreadFacts | null = null, followUps: FollowUps = 'one_on_one') {
  const decision = decide(incoming, thread, followUps);
  return decision.kind === 'ignored' ? `ignored: ${decision.reason}` : decision.kind;
}

describe('a message', () => {
  const inThread: Partial<IncomingMessage> = { threadTs: '1.000000', ts: '2.000000' };
  it.each([
    ['a mention in a channel', { mentionsBot: true }, null, 'question'],
    ['a mention in a thread that is not ours', { ...inThread, mentionsBot: true }, null, 'question'],
    ['a direct message', { channelKind: 'im' }, null, 'question'],
    ['an answer in the thread of a direct message', { ...inThread, channelKind: 'im' }, null, 'question'],
    ['a group message without a mention', { channelKind: 'mpim' }, null, 'ignored: not_addressed'],
    ['words in a channel', {}, null, 'ignored: not_addressed'],
    ['words in a thread nobody knows', inThread, null, 'ignored: not_our_thread'],
    [
      'words in a thread that we know but never answered in',
      inThread,
      { ...OURS, answered: false },
      'ignored: not_our_thread',
    ],
    ['words of the only person in our thread', inThread, OURS, 'question'],
    ['words of one of two people in our thread', inThread, { ...OURS, speakers: ['U1', 'U2'] }, 'remark'],
    ['words of a second person in our thread', { ...inThread, user: 'U2' }, OURS, 'remark'],
    [
      'a mention by a second person in our thread',
      { ...inThread, user: 'U2', mentionsBot: true },
      OURS,
      'question',
    ],
  ] as [string, Partial<IncomingMessage>, ThreadFacts | null, string][])(
    '%s',
    (_case, more, thread, expected) => {
      expect(outcome(message(more), thread)).toBe(expected);
    },
  );

  it.each([
    ['mention', 'remark', 'remark'],
    ['one_on_one', 'question', 'remark'],
    ['always', 'question', 'question'],
  ] as const)('follow_ups %s makes of words alone a %s, in company a %s', (followUps, alone, company) => {
    const said = message(inThread);
    expect(outcome(said, OURS, followUps)).toBe(alone);
    expect(outcome(said, { ...OURS, speakers: ['U1', 'U2'] }, followUps)).toBe(company);
  });

  it('begins a thread of its own, or belongs to the one it is in', () => {
    const top = message({ mentionsBot: true, ts: '5.000000' });
    expect(decide(top, null, 'mention')).toMatchObject({ threadTs: '5.000000' });
    expect(decide({ ...top, threadTs: '1.000000' }, null, 'mention')).toMatchObject({ threadTs: '1.000000' });
  });

  it('needs to know its thread only where that can change the outcome', () => {
    expect(needsThread(message(inThread))).toBe(true);
    for (const more of [{}, { ...inThread, mentionsBot: true }, { ...inThread, channelKind: 'im' } as const])
      expect(needsThread(message(more))).toBe(false);
  });
});

describe('a change', () => {
  it.each([
    ['only unfurled a link', { textChanged: false }, 'ignored: unchanged_text'],
    ['of the words', {}, 'edit'],
    ['that adds the first mention', { mentionsBot: true }, 'question'],
    ['of a question that mentioned us before', { mentionsBot: true, mentionedBotBefore: true }, 'edit'],
    ['that takes the mention away', { mentionedBotBefore: true }, 'edit'],
  ] as [string, Partial<IncomingChange>, string][])('%s', (_case, more, expected) => {
    expect(outcome(change(more))).toBe(expected);
  });
});

it('the deletion of one of our own messages is no removal of a question', () => {
  const deleted = { kind: 'message_deleted', team: 'T1', enterprise: null, eventId: null } as const;
  const at = { channel: 'C1', ts: '2.000000', threadTs: null, user: 'U1' };
  expect(outcome({ ...deleted, ...at, own: true })).toBe('ignored: own_message');
  expect(outcome({ ...deleted, ...at, own: false })).toBe('removal');
});

describe('the word “stop”', () => {
  const inThread = { threadTs: '0.500000' };
  it.each([
    ['to us', { text: '<@UBOT> stop', mentionsBot: true }, true],
    ['to us, with manners', { text: ' <@UBOT>, Stop! ', mentionsBot: true }, true],
    ['in a thread', { text: 'STOP.', ...inThread }, true],
    ['in a direct message', { text: 'stop', channelKind: 'im' }, true],
    ['in a channel, to nobody', { text: 'stop' }, false],
    ['to somebody else', { text: '<@U2> stop', ...inThread }, false],
    ['in a sentence', { text: 'stop the press', ...inThread }, false],
    ['as a quotation', { text: '“stop”', ...inThread }, false],
  ] as [string, Partial<IncomingMessage>, boolean][])('%s: %s', (_where, more, expected) => {
    expect(saysStop(message(more))).toBe(expected);
  });
});

describe('a question that was asked by a command or a form', () => {
  it.each([
    ['a word to stop', 'stop'],
    ['a command', '<@UBOT> usage'],
    ['a word to stop and a mention', '<@UBOT> stop!'],
  ])('is a question, also if its words are %s', (_what, text) => {
    for (const threadTs of [null, '0.500000']) {
      const asked = message({ text, threadTs, mentionsBot: true, asked: true });
      expect(saysStop(asked)).toBe(false);
      expect(outcome(asked)).toBe('question');
    }
  });
});

it('what is only told is ignored, and says why', () => {
  const from = { team: 'T1', enterprise: null, eventId: null };
  expect(outcome({ kind: 'ignored', reason: 'bot_message', detail: null })).toBe('ignored: bot_message');
  expect(outcome({ kind: 'uninstalled', ...from })).toBe('ignored: nothing_to_do_for_uninstalled');
});
