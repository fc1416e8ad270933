import { describe, expect, it } from 'vitest';
import { decide, type Facts, needsThread, type Said, saysStop } from '../../../src/admission/decide.ts';
import type { ThreadFacts } from '../../../src/conversation/store.ts';
import type { IncomingChange, IncomingMessage, WritingApp } from '../../../src/incoming.ts';
import { quickest, timed } from '../../support/quickest.ts';
import { change, message } from './make.ts';

const OURS: ThreadFacts = { conversation: 7, answered: true, known: true, alone: true };
const IN_COMPANY: ThreadFacts = { ...OURS, alone: false };
const OF_OTHERS: ThreadFacts = { ...IN_COMPANY, known: false };

const FACTS: Facts = { thread: null, followUps: 'one_on_one', bots: [], botUser: 'UBOT' };

/** The kind of a decision, with the reason if it is ignored. */
function outcome(said: Said, thread: ThreadFacts | null = null, more: Partial<Facts> = {}) {
  const decision = decide(said, { ...FACTS, thread, ...more });
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
    ['words of one of two people in our thread', inThread, IN_COMPANY, 'remark'],
    ['words of a second person in our thread', { ...inThread, user: 'U2' }, OF_OTHERS, 'remark'],
    [
      'a mention by a second person in our thread',
      { ...inThread, user: 'U2', mentionsBot: true },
      OF_OTHERS,
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
    expect(outcome(said, OURS, { followUps })).toBe(alone);
    expect(outcome(said, IN_COMPANY, { followUps })).toBe(company);
  });

  it('begins a thread of its own, or belongs to the one it is in', () => {
    const top = message({ mentionsBot: true, ts: '5.000000' });
    expect(decide(top, FACTS)).toMatchObject({ threadTs: '5.000000' });
    expect(decide({ ...top, threadTs: '1.000000' }, FACTS)).toMatchObject({ threadTs: '1.000000' });
  });

  it('needs to know its thread only where that can change the outcome', () => {
    expect(needsThread(message(inThread))).toBe(true);
    for (const more of [{}, { ...inThread, mentionsBot: true }, { ...inThread, channelKind: 'im' } as const])
      expect(needsThread(message(more))).toBe(false);
  });
});

describe('a change', () => {
  it.each([
    ['only unfurled a link', { textChanged: false }, 'preview'],
    ['of the words', {}, 'edit'],
    ['that adds the first mention', { mentionsBot: true }, 'question'],
    ['of a question that mentioned us before', { mentionsBot: true, mentionedBotBefore: true }, 'edit'],
    ['that takes the mention away', { mentionedBotBefore: true }, 'edit'],
  ] as [string, Partial<IncomingChange>, string][])('%s', (_case, more, expected) => {
    expect(outcome(change(more))).toBe(expected);
  });
});

it('a deletion is a removal, of whoever’s message', () => {
  const deleted = {
    kind: 'message_deleted',
    team: 'T1',
    eventId: null,
    channel: 'C1',
    ts: '2.000000',
  } as const;
  for (const own of [true, false]) expect(outcome({ ...deleted, threadTs: null, own })).toBe('removal');
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

describe('in a thread of ours, words to a colleague', () => {
  const toBen = message({ threadTs: '1.000000', ts: '2.000000', toSomebodyElse: true });
  it.each(['one_on_one', 'always'] as const)('are a remark under follow_ups %s', (followUps) => {
    expect(outcome(toBen, OURS, { followUps })).toBe('remark');
  });
  it('are a question if they mention us as well', () => {
    expect(outcome({ ...toBen, mentionsBot: true }, OURS)).toBe('question');
  });
  it('are no command of ours, whoever’s name comes first', () => {
    const said = message({ text: '<@U2> usage <@UBOT>', mentionsBot: true, toSomebodyElse: true });
    expect(outcome(said)).toBe('question');
  });
});

describe('what an app wrote', () => {
  const certain: WritingApp = { name: 'Deploys', ids: ['B2', 'A2'], certain: true };
  const maybePerson: WritingApp = { ...certain, ids: ['U1', 'B2', 'A2'], certain: false };
  const inThread = { threadTs: '1.000000', ts: '2.000000' };
  it.each([
    [
      'a mention by an app',
      { app: certain, user: 'B2', mentionsBot: true },
      null,
      [],
      'ignored: bot_message',
    ],
    ['a mention by a listed app', { app: certain, user: 'B2', mentionsBot: true }, null, ['A2'], 'question'],
    ['a mention with a person’s token', { app: maybePerson, mentionsBot: true }, null, [], 'question'],
    ['a direct message with a person’s token', { app: maybePerson, channelKind: 'im' }, null, [], 'question'],
    ['words of an app outside our threads', { app: certain, user: 'B2' }, null, [], 'ignored: bot_message'],
    ['words of an app in our thread', { ...inThread, app: certain, user: 'B2' }, OURS, [], 'remark'],
    [
      'a mention by an app in our thread',
      { ...inThread, app: certain, user: 'B2', mentionsBot: true },
      OURS,
      [],
      'remark',
    ],
    ['a follow-up with the token of who asked', { ...inThread, app: maybePerson }, OURS, [], 'question'],
    [
      'words with a token of somebody who never wrote here',
      { ...inThread, app: maybePerson, user: 'U8' },
      OF_OTHERS,
      [],
      'remark',
    ],
  ] as [string, Partial<IncomingMessage>, ThreadFacts | null, string[], string][])(
    '%s',
    (_case, more, thread, bots, expected) => {
      expect(outcome(message(more), thread, { bots })).toBe(expected);
    },
  );
});

describe('a question that we posted for somebody', () => {
  it.each(['stop', '<@UBOT> usage', '<@U2> hello'])('is a question though it says %s', (text) => {
    const said = message({ asked: true, text, mentionsBot: true, toSomebodyElse: true });
    expect(saysStop(said)).toBe(false);
    expect(outcome(said)).toBe('question');
  });
});

it('a message of forty thousand blanks is decided upon in a moment', async () => {
  const said = message({ text: `stop${' '.repeat(40_000)}x`, mentionsBot: true });
  const decide = () => {
    saysStop(said);
    outcome(said);
  };
  expect(await quickest(50, () => timed(decide))).toBeLessThan(50);
});
