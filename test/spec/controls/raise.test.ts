import fc from 'fast-check';
import { expect, test } from 'vitest';
import { budgetOfCode, codeOf } from '../../../src/budgets/rules.ts';
import { raised } from '../../../src/controls/raise.ts';

test('a raised budget is larger by half, and by a dollar at least', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 10n ** 15n }), (most) => {
      const more = raised(most) - most;
      expect(more).toBeGreaterThanOrEqual(1_000_000_000n);
      if (more > 1_000_000_000n) expect(more).toBe(most / 2n);
    }),
  );
  expect(raised(50_000_000_000n)).toBe(75_000_000_000n);
});

test('each code of a budget is about the budget that it is the code of, and no other is about one', () => {
  for (const scope of ['deployment', 'workspace', 'channel', 'person'] as const)
    for (const period of ['day', 'month'] as const)
      expect(budgetOfCode(codeOf({ scope, period, most: 1n }))).toEqual({ scope, period });
  for (const code of ['BUDGET_HELD', 'REPLY_FAILED', null]) expect(budgetOfCode(code)).toBeNull();
});
