import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type Budget,
  codeOf,
  grant,
  levelOf,
  shortAmong,
  spenderOf,
  worstCost,
  worstOf,
} from '../../../src/budgets/rules.ts';
import { DEAREST } from '../../../src/ledger/prices.ts';
import type { Spent } from '../../../src/ledger/store.ts';

const USD = 1_000_000_000n;
const none = { day: 0n, month: 0n };
const NOTHING: Spent = { workspace: none, channel: none, person: none };
const spent: Spent = {
  workspace: { day: 5n, month: 50n },
  channel: { day: 2n, month: 9n },
  person: { day: 1n, month: 3n },
};

test.each([
  ['no budget', [], null],
  ['one with room', [{ scope: 'workspace', period: 'day', most: 6n }], null],
  [
    'one that is reached to the last',
    [{ scope: 'workspace', period: 'day', most: 5n }],
    'BUDGET_WORKSPACE_DAY',
  ],
  [
    'two of them',
    [
      { scope: 'person', period: 'day', most: 1n },
      { scope: 'channel', period: 'month', most: 1n },
    ],
    'BUDGET_CHANNEL_MONTH',
  ],
  [
    'that of a workspace and a wider one of the deployment',
    [
      { scope: 'workspace', period: 'month', most: 40n },
      { scope: 'deployment', period: 'day', most: 5n },
    ],
    'BUDGET_DEPLOYMENT_DAY',
  ],
] as const)('of %s the one to tell of is the widest that is used up', (_what, budgets, code) => {
  const short = shortAmong(budgets, spent, 0n);
  expect(short === null ? null : codeOf(short)).toBe(code);
});

const budget = (most: fc.Arbitrary<bigint>): fc.Arbitrary<Budget> =>
  fc.record({
    scope: fc.constantFrom(
      'deployment' as const,
      'workspace' as const,
      'channel' as const,
      'person' as const,
    ),
    period: fc.constantFrom('day' as const, 'month' as const),
    most,
  });

test('a budget of nothing lets nothing through, and none is short while there is room in each', () => {
  fc.assert(
    fc.property(fc.array(budget(fc.bigInt({ min: 0n, max: 60n })), { maxLength: 6 }), (budgets) => {
      const reached = budgets.some((one) => spent[spenderOf(one)][one.period] >= one.most);
      expect(shortAmong(budgets, spent, 0n) !== null).toBe(reached);
    }),
  );
  expect(shortAmong([{ scope: 'person', period: 'month', most: 0n }], NOTHING, 0n)).not.toBeNull();
});

test('what is granted fits into every budget, is an answer, and is refused only where an answer would not fit', () => {
  const money = fc.bigInt({ min: 0n, max: USD });
  const both = fc.record({ day: money, month: money });
  const amounts = fc.record({ workspace: both, channel: both, person: both });
  const tokens = fc.nat({ max: 200_000 });
  const model = fc.constantFrom(
    'claude-sonnet-4-6',
    'claude-haiku-5-5',
    'claude-opus-5',
    'claude-of-tomorrow',
  );
  fc.assert(
    fc.property(
      fc.array(budget(fc.bigInt({ min: 0n, max: 3n * USD })), { maxLength: 6 }),
      ...([amounts, amounts, model, tokens, tokens, fc.integer({ min: 1, max: 5000 })] as const),
      (budgets, spent, held, model, inputTokens, outputTokens, least) => {
        const worst = worstOf(model, '2026-11-23', { inputTokens, outputTokens });
        const granted = grant(budgets, spent, held, worst, least);
        const enough = Math.min(least, outputTokens);
        const fits = (cost: bigint, besides: (one: Budget) => bigint) =>
          budgets.every((one) => besides(one) + cost <= one.most);
        const spentOf = (one: Budget) => spent[spenderOf(one)][one.period];
        const takenOf = (one: Budget) => spentOf(one) + held[spenderOf(one)][one.period];
        const cost = (written: number) => worstCost({ ...worst, outputTokens: written });
        switch (granted.kind) {
          case 'granted':
            expect(granted.cost).toBe(cost(granted.outputTokens));
            expect(fits(granted.cost, takenOf)).toBe(true);
            expect(granted.outputTokens).toBeGreaterThanOrEqual(enough);
            expect(granted.outputTokens).toBeLessThanOrEqual(outputTokens);
            // All that is wanted, or one token more would not fit.
            if (granted.outputTokens < outputTokens)
              expect(fits(cost(granted.outputTokens + 1), takenOf)).toBe(false);
            break;
          case 'wait':
            expect(fits(cost(enough), takenOf)).toBe(false);
            expect(fits(cost(enough), spentOf)).toBe(true);
            break;
          case 'used_up':
            expect(fits(cost(enough), spentOf)).toBe(false);
            expect(budgets).toContain(granted.budget);
        }
      },
    ),
  );
});

test('at worst a call pays for writing its prompt into the cache, and without a known price the dearest of all', () => {
  const tokens = { inputTokens: 1_000_000, outputTokens: 1000 };
  expect(worstCost(worstOf('claude-sonnet-4-6', '2026-11-23', tokens))).toBe(6_000_000_000n + 15_000_000n);
  expect(worstCost(worstOf('claude-of-tomorrow', '2026-11-23', tokens))).toBe(
    BigInt(DEAREST.write1h) * 1_000_000n + BigInt(DEAREST.output) * 1000n,
  );
});

test.each([
  [79n, null],
  [80n, 80],
  [99n, 80],
  [100n, 100],
  [130n, 100],
] as const)('a budget of 100 of which %s are spent is told of at %s', (day, level) => {
  const used: Spent = { ...NOTHING, channel: { day, month: 0n } };
  expect(levelOf({ scope: 'channel', period: 'day', most: 100n }, used)).toBe(level);
});

test('searches of the web are set aside by the piece, at what a thousand of them cost', () => {
  const tokens = { inputTokens: 1000, outputTokens: 1000 };
  const cost = (webSearches: number) =>
    worstCost(worstOf('claude-sonnet-4-6', '2026-11-23', { ...tokens, webSearches }));
  expect(cost(5) - cost(0)).toBe(5n * 10_000_000n);
});
