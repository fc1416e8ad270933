import fc from 'fast-check';
import { expect, test } from 'vitest';
import { reachedAmong } from '../../../src/reply/permit.ts';

const none = { day: 0n, month: 0n };
const spent = {
  workspace: { day: 5n, month: 50n },
  channel: { day: 2n, month: 9n },
  person: { day: 1n, month: 3n },
};

test.each([
  ['no budget', [], null],
  ['one with room', [{ of: 'workspace', period: 'day', most: 6n }], null],
  ['one that is reached to the last', [{ of: 'workspace', period: 'day', most: 5n }], 'BUDGET_WORKSPACE_DAY'],
  [
    'two of them',
    [
      { of: 'person', period: 'day', most: 1n },
      { of: 'channel', period: 'month', most: 1n },
    ],
    'BUDGET_CHANNEL_MONTH',
  ],
] as const)('%s', (_what, limits, code) => {
  expect(reachedAmong(limits, spent)).toBe(code);
});

test('a budget of nothing lets nothing through, and none is reached while there is room in each', () => {
  const limit = fc.record({
    of: fc.constantFrom('workspace' as const, 'channel' as const, 'person' as const),
    period: fc.constantFrom('day' as const, 'month' as const),
    most: fc.bigInt({ min: 0n, max: 60n }),
  });
  fc.assert(
    fc.property(fc.array(limit, { maxLength: 6 }), (limits) => {
      const reached = limits.some(({ of, period, most }) => spent[of][period] >= most);
      expect(reachedAmong(limits, spent) !== null).toBe(reached);
    }),
  );
  expect(
    reachedAmong([{ of: 'person', period: 'month', most: 0n }], {
      workspace: none,
      channel: none,
      person: none,
    }),
  ).toBe('BUDGET_PERSON_MONTH');
});
