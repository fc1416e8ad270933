import { describe, expect, it } from 'vitest';
import { CATALOGUE } from '../../../src/errors.ts';
import { parsePress } from '../../../src/reply/actions.ts';
import { type End, type LastFacts, type LastLine, lastLine } from '../../../src/reply/show/ending.ts';
import { busy, footer } from '../../../src/words/reply.ts';

const REPLY = '123e4567-e89b-42d3-a456-426614174000';
const FACTS: LastFacts = {
  reply: REPLY,
  changes: 3,
  version: 1,
  versions: 1,
  asker: 'U1',
  hasText: true,
  stoppedByName: 'Ana Ruiz',
  maxTokens: 1024,
  continued: false,
  outdated: false,
  questionDeleted: false,
  contextNote: null,
  toolNote: null,
  misses: [],
  files: null,
  footer: null,
};
/** The labels of everything that can be pressed. */
const labels = ({ buttons }: LastLine) =>
  buttons.map((one) => (one.kind === 'rating' ? `${one.good.label} | ${one.bad.label}` : one.label));
const end = (more: Partial<End>): End => ({
  stopReason: 'end',
  stoppedBy: null,
  errorCode: null,
  requestId: null,
  ...more,
});

describe.each(Object.keys(CATALOGUE))('a reply that ended by %s', (errorCode) => {
  it.each([true, false])('has words and a way on (with text: %s)', (hasText) => {
    const line = lastLine(end({ stopReason: 'failed', errorCode, requestId: 'req_1' }), {
      ...FACTS,
      hasText,
    });
    expect(line.notice).toMatch(/^⚠️ [A-Z].+\. \([A-Z_]+\)$/);
    expect(line.notice).toContain(`(${errorCode})`);
    expect(line.notice?.includes('What is above stays')).toBe(hasText);
    expect(line.notice).not.toMatch(/[{}<>]|req_1|undefined|null|123e4567/);
    expect(line.keepText).toBe(true);
    expect(line.buttons[0]).toMatchObject({
      action: 'reply_retry',
      value: `${REPLY}:3`,
      label: hasText ? 'Continue' : 'Try again',
    });
  });
});

it.each([
  ['BUDGET_CHANNEL_DAY', ['Try again', 'Raise the budget']],
  ['BUDGET_WORKSPACE_MONTH', ['Try again', 'Raise the budget']],
  ['BUDGET_PERSON_DAY', ['Try again', 'Raise the budget']],
  // What whoever runs it has set no admin of a workspace raises.
  ['BUDGET_DEPLOYMENT_DAY', ['Try again']],
  // Nothing is used up.
  ['BUDGET_HELD', ['Try again']],
])('a question that ended by %s has the buttons %j', (errorCode, buttons) => {
  const line = lastLine(end({ stopReason: 'failed', errorCode }), { ...FACTS, hasText: false });
  expect(labels(line).slice(0, -1)).toEqual(buttons);
  const raise = line.buttons.find((one) => one.kind === undefined && one.action === 'reply_raise');
  if (raise?.kind === undefined && raise !== undefined)
    expect(parsePress(raise.action, raise.value)).toEqual({ control: 'raise', reply: REPLY, changes: 3 });
});

it('a code from a newer version still has words', () => {
  const { notice } = lastLine(end({ errorCode: 'FROM_THE_FUTURE' }), FACTS);
  expect(notice).toContain('Something went wrong on my side');
});

describe('every stop reason', () => {
  it.each([
    ['end', null],
    ['stop_sequence', null],
    ['stopped', 'Stopped by Ana Ruiz.'],
    ['max_tokens', 'Cut at 1,024 tokens.'],
    ['refusal', 'Claude declined to answer this. (MODEL_REFUSED)'],
    ['hint', null],
    ['paused', 'I have looked up as much as one answer may; it ends here.'],
  ])('%s reads: %s', (stopReason, notice) => {
    const line = lastLine(end({ stopReason }), FACTS);
    expect(line.notice).toBe(notice);
    expect(line.keepText).toBe(stopReason !== 'refusal');
  });

  it('context_full tells what to do', () => {
    expect(lastLine(end({ stopReason: 'context_full' }), FACTS).notice).toContain(
      'A new thread starts fresh',
    );
  });

  it.each(['tool_use', 'paused', 'other', 'something new'])('%s keeps the text', (stopReason) => {
    expect(lastLine(end({ stopReason }), FACTS).keepText).toBe(true);
  });
});

describe('what can be pressed under', () => {
  it.each([
    ['an answer', {}, {}, ['Regenerate', '👍 Good | 👎 Poor', 'Delete this answer']],
    [
      'one that was cut',
      { stopReason: 'max_tokens' },
      {},
      ['Continue', 'Regenerate', '👍 Good | 👎 Poor', 'Delete this answer'],
    ],
    [
      'one that was cut, to a question that was edited since',
      { stopReason: 'max_tokens' },
      { outdated: true },
      ['Answer again', '👍 Good | 👎 Poor', 'Delete this answer'],
    ],
    ['a refusal', { stopReason: 'refusal' }, {}, ['Regenerate', 'Delete this answer']],
    ['our own words', { stopReason: 'hint' }, {}, []],
    [
      'our own words, after the question was edited',
      { stopReason: 'hint' },
      { outdated: true },
      ['Answer again', '👍 Good | 👎 Poor', 'Delete this answer'],
    ],
    [
      'an answer to an edited question',
      {},
      { outdated: true },
      ['Answer again', '👍 Good | 👎 Poor', 'Delete this answer'],
    ],
    [
      'an answer to a deleted question',
      {},
      { questionDeleted: true },
      ['👍 Good | 👎 Poor', 'Delete this answer'],
    ],
    [
      'the second of three versions',
      {},
      { version: 2, versions: 3 },
      ['Regenerate', '‹ Version 1', 'Version 3 ›', '👍 Good | 👎 Poor', 'Delete this answer'],
    ],
    [
      'a failure without text, after a first version',
      { stopReason: 'failed', errorCode: 'MODEL_BUSY' },
      { hasText: false, version: 2, versions: 2 },
      ['Try again', '‹ Version 1', 'Delete this answer'],
    ],
  ] as [string, Partial<End>, Partial<LastFacts>, string[]][])('%s', (_what, ended, facts, expected) => {
    expect(labels(lastLine(end(ended), { ...FACTS, ...facts }))).toEqual(expected);
  });

  it('every button says in words what it does, and comes back as what it was', () => {
    const line = lastLine(end({ stopReason: 'max_tokens' }), { ...FACTS, version: 2, versions: 3 });
    const presses = line.buttons.flatMap((one) =>
      one.kind === 'rating'
        ? [parsePress(one.action, one.good.value), parsePress(one.action, one.bad.value)]
        : [parsePress(one.action, one.value)],
    );
    expect(presses).toEqual([
      { control: 'continue', reply: REPLY, changes: 3 },
      { control: 'regenerate', reply: REPLY, changes: 3 },
      { control: 'show', reply: REPLY, changes: 3, version: 1 },
      { control: 'show', reply: REPLY, changes: 3, version: 3 },
      { control: 'rate', reply: REPLY, version: 2, verdict: 'good' },
      { control: 'rate', reply: REPLY, version: 2, verdict: 'bad' },
      { control: 'delete', reply: REPLY, changes: 3 },
    ]);
    for (const one of line.buttons)
      expect(JSON.stringify(one)).toMatch(/"(?:accessibilityLabel|label)":"[^"]*[a-z]{4}/);
  });
});

it('the line tells which version it is, and that the question has changed', () => {
  const facts = { ...FACTS, version: 2, versions: 3, outdated: true, footer: 'model · 1 in' };
  expect(lastLine(end({}), facts).notice).toBe(
    'The question was edited after this answer.\nVersion 2 of 3\nmodel · 1 in',
  );
  expect(lastLine(end({ stopReason: 'max_tokens' }), { ...FACTS, continued: true }).notice).toBe(
    'Cut again after 1,024 more tokens.',
  );
});

it('the footer stands below the line that tells why', () => {
  const line = lastLine(end({ stopReason: 'stopped' }), { ...FACTS, footer: 'model · 1 in' });
  expect(line.notice).toBe('Stopped by Ana Ruiz.\nmodel · 1 in');
  expect(lastLine(end({}), { ...FACTS, footer: 'model · 1 in' }).notice).toBe('model · 1 in');
});

it('the footer marks what is estimated and says when a price is not known', () => {
  const spent = { inputTokens: 1204, outputTokens: 350, webSearches: 0 };
  const facts = { model: 'claude-sonnet-4-6', ...spent, seconds: 6.24 };
  expect(footer({ ...facts, estimated: false, cost: '$0.008862' })).toBe(
    'claude-sonnet-4-6 · 1,204 in, 350 out · $0.008862 · 6.2 s',
  );
  expect(footer({ ...facts, estimated: false, cost: '$0.0289', webSearches: 2 })).toContain(
    '350 out · 2 searches · $0.0289',
  );
  expect(footer({ ...facts, estimated: true, cost: '$1.00' })).toContain('~350 out · ~$1.00');
  expect(footer({ ...facts, estimated: false, cost: null })).toContain('cost unknown');
  expect(footer({ ...facts, estimated: false, cost: null, seconds: null })).toMatch(/cost unknown$/);
});

it('a wait tells what for and how often it was tried', () => {
  expect(busy('MODEL_OVERLOADED', 2, 5)).toBe('Claude is overloaded right now, trying again (2 of 5)…');
  expect(busy('CONFIG_INVALID', 2, 5)).toContain('not available right now');
});
