import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { judge, type PressFacts } from '../../../src/controls/rules.ts';
import { type Press, parsePress } from '../../../src/reply/actions.ts';
import { REPLY_STATES } from '../../../src/reply/lifecycle.ts';

const reply = '123e4567-e89b-42d3-a456-426614174000';
const FACTS: PressFacts = {
  state: 'shown',
  stopReason: 'end',
  failed: false,
  version: 1,
  versions: 2,
  changes: 4,
  questionDeleted: false,
  erased: false,
  isAsker: true,
  hasWritten: true,
};

const press = (
  control: 'retry' | 'continue' | 'regenerate' | 'delete' | 'raise',
  changes: number | null = 4,
): Press => ({
  control,
  reply,
  changes,
});
const show = (version: number): Press => ({ control: 'show', reply, changes: 4, version });
const cut = { stopReason: 'max_tokens' };
const failed = { state: 'failed', failed: true, stopReason: 'failed' } as const;

function outcome(one: Press, facts: Partial<PressFacts> = {}): string {
  const judgement = judge(one, { ...FACTS, ...facts });
  return judgement.kind === 'do'
    ? 'done'
    : `${judgement.reason}${judgement.line === null ? ', silently' : ''}`;
}

describe('a press', () => {
  it.each([
    ['Regenerate', press('regenerate'), {}, 'done'],
    ['Regenerate after a failure', press('regenerate'), failed, 'done'],
    ['Regenerate of a deleted question', press('regenerate'), { questionDeleted: true }, 'question_deleted'],
    ['Regenerate of erased words', press('regenerate'), { erased: true, questionDeleted: true }, 'erased'],
    ['an earlier version of erased words', show(1), { erased: true, version: 2 }, 'erased'],
    ['an opinion of erased words', rate(1), { erased: true }, 'erased'],
    ['Delete of erased words', press('delete'), { erased: true, questionDeleted: true }, 'done'],
    ['Stop of erased words', { control: 'stop', reply }, { erased: true }, 'nothing_to_stop'],
    ['Regenerate for the eleventh time', press('regenerate'), { versions: 10 }, 'too_many_versions'],
    ['Continue', press('continue'), cut, 'done'],
    ['Continue of what was not cut', press('continue'), {}, 'nothing_to_continue'],
    ['Try again', press('retry'), failed, 'done'],
    ['Try again, from before presses were counted', press('retry', null), failed, 'done'],
    ['Try again of what did not fail', press('retry'), {}, 'nothing_to_retry'],
    [
      'a raised budget, by who has not written',
      press('raise'),
      { ...failed, isAsker: false, hasWritten: false },
      'done',
    ],
    ['a raised budget, for what did not fail', press('raise'), {}, 'out_of_date'],
    ['a raised budget, for what was tried again', press('raise', 3), failed, 'out_of_date'],
    ['a raised budget, from no such button', press('raise', null), failed, 'out_of_date'],
    ['another version', show(2), {}, 'done'],
    ['the version that is shown', show(1), {}, 'no_such_version'],
    ['a version that there is not', show(3), {}, 'no_such_version'],
    ['Delete by the asker', press('delete'), {}, 'done'],
    ['Delete by another one', press('delete'), { isAsker: false }, 'not_asker'],
    [
      'by one who has not written here',
      press('regenerate'),
      { isAsker: false, hasWritten: false },
      'not_in_thread',
    ],
    ['by one who has', press('regenerate'), { isAsker: false }, 'done'],
    ['of an older button', press('regenerate', 3), {}, 'out_of_date'],
    [
      'a second time, while the first is carried out',
      press('regenerate', 3),
      { state: 'writing' },
      'busy, silently',
    ],
    ['while the answer is written', press('regenerate'), { state: 'writing' }, 'busy'],
    ['as soon as the last look is there', press('regenerate'), { state: 'answered' }, 'done'],
    ['Stop while it is written', { control: 'stop', reply }, { state: 'writing' }, 'done'],
    ['Stop afterwards', { control: 'stop', reply }, {}, 'nothing_to_stop'],
    ['an opinion of anyone', rate(2), { isAsker: false, hasWritten: false }, 'done'],
    ['an opinion of no version', rate(3), {}, 'no_such_version'],
    ['of a deleted answer', press('regenerate'), { state: 'deleted' }, 'deleted'],
    ['Delete twice', press('delete', 3), { state: 'removing' }, 'deleted, silently'],
  ] as [string, Press, Partial<PressFacts>, string][])('%s: %#', (_what, one, facts, expected) => {
    expect(outcome(one, facts)).toBe(expected);
  });
});

it('of a refused question changes nothing', () => {
  for (const one of [
    press('regenerate'),
    press('retry'),
    press('continue'),
    press('delete'),
    show(2),
    rate(1),
  ])
    expect(outcome(one, { state: 'refused' })).toBe('refused');
});

describe('a button', () => {
  it.each([
    ['Stop', 'reply_stop', reply, 'stop'],
    ['Try again, drawn before presses were counted', 'reply_retry', reply, 'retry'],
    ['Try again', 'reply_retry', `${reply}:0`, 'retry'],
    ['a version', 'reply_version_later', `${reply}:4:2`, 'show'],
    ['a version without a number', 'reply_version_later', `${reply}:4`, 'bad_action_value'],
    ['version nought', 'reply_version_earlier', `${reply}:4:0`, 'bad_action_value'],
    ['an opinion', 'reply_rate', `${reply}:1:bad`, 'rate'],
    ['an opinion of no kind', 'reply_rate', `${reply}:1:great`, 'bad_action_value'],
    ['somebody else’s', 'other', reply, 'unknown_action'],
    ['without a value', 'reply_stop', null, 'bad_action_value'],
    ['with words for a value', 'reply_stop', 'all of them', 'bad_action_value'],
    ['with more than an id', 'reply_retry', `${reply}'; drop table`, 'bad_action_value'],
    ['with a second line', 'reply_stop', `${reply}\n`, 'bad_action_value'],
  ] as [string, string, string | null, string][])('%s', (_case, actionId, value, expected) => {
    const parsed = parsePress(actionId, value);
    expect(typeof parsed === 'string' ? parsed : parsed.control).toBe(expected);
  });
});

function rate(version: number): Press {
  return { control: 'rate', reply, version, verdict: 'good' };
}

const anyFacts = fc.record({
  state: fc.constantFrom(...REPLY_STATES),
  stopReason: fc.constantFrom(null, 'end', 'max_tokens', 'refusal', 'failed', 'stopped'),
  failed: fc.boolean(),
  version: fc.integer({ min: 1, max: 10 }),
  versions: fc.integer({ min: 1, max: 10 }),
  changes: fc.nat(5),
  questionDeleted: fc.boolean(),
  erased: fc.boolean(),
  isAsker: fc.boolean(),
  hasWritten: fc.boolean(),
});
const anyPress: fc.Arbitrary<Press> = fc.oneof(
  fc
    .tuple(fc.constantFrom('retry', 'continue', 'regenerate', 'delete'), fc.option(fc.nat(5)))
    .map(([control, changes]) => press(control, changes)),
  fc.nat(12).map(show),
  fc.nat(12).map(rate),
);

it('whatever is pressed, nothing changes for strangers, while it is written, or by a button of an older moment', () => {
  fc.assert(
    fc.property(anyPress, anyFacts, (one, facts) => {
      if (judge(one, facts).kind === 'leave' || one.control === 'rate' || one.control === 'stop') return;
      expect(facts.isAsker || facts.hasWritten).toBe(true);
      expect(['shown', 'failed', 'answered']).toContain(facts.state);
      expect(one.changes ?? facts.changes).toBe(facts.changes);
      if (one.control === 'delete') expect(facts.isAsker).toBe(true);
    }),
  );
});

it('after a press was carried out the same press is not carried out again', () => {
  fc.assert(
    fc.property(anyPress, anyFacts, fc.constantFrom(...REPLY_STATES), (one, facts, state) => {
      if (one.control === 'rate' || one.control === 'stop' || one.changes === null) return;
      if (judge(one, facts).kind !== 'do') return;
      expect(judge(one, { ...facts, state, changes: facts.changes + 1 }).kind).toBe('leave');
    }),
  );
});

it('what is told is a sentence, without ids', () => {
  fc.assert(
    fc.property(anyPress, fc.option(anyFacts), (one, facts) => {
      const judgement = judge(one, facts);
      if (judgement.kind === 'leave' && judgement.line !== null)
        expect(judgement.line).toMatch(/^[A-Z][^<>{}_]*\.$/);
    }),
  );
});

it('whatever a client sends is a press or none, and never an exception', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('reply_stop', 'reply_retry', 'reply_rate', 'reply_version_later', 'x'),
      fc.string(),
      (id, text) => {
        const value =
          fc.sample(fc.constantFrom(text, `${reply}:${text}`, `${reply}:1:${text}`), 1)[0] ?? null;
        const parsed = parsePress(id, value);
        if (typeof parsed !== 'string') expect(parsed.reply).toBe(reply);
      },
    ),
  );
});
