import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { costOf, formatUsd } from '../../../src/ledger/cost.ts';
import { type Price, priceOf } from '../../../src/ledger/prices.ts';
import { NO_USAGE, type Usage } from '../../../src/ledger/usage.ts';

const DAY = '2026-11-22';
function priceAt(model: string, day = DAY, tokens = 1000): Price {
  const price = priceOf(model, day, tokens);
  if (price === null) throw new Error(`no price for ${model}`);
  return price;
}

it('each kind of token has its own rate: the worked example of the reference costs 28,125 micro-dollars', () => {
  const usage = {
    ...NO_USAGE,
    inputTokens: 2000,
    cacheWrite5mTokens: 1500,
    cacheReadTokens: 20_000,
    outputTokens: 700,
  };
  expect(costOf(usage, priceAt('claude-sonnet-4-6'))).toBe(28_125_000n);
  expect(costOf({ ...NO_USAGE, cacheWrite1hTokens: 1_000_000 }, priceAt('claude-sonnet-4-6'))).toBe(
    6_000_000_000n,
  );
  expect(costOf({ ...NO_USAGE, webSearches: 1000 }, priceAt('claude-opus-5-5'))).toBe(10_000_000_000n);
  // Thinking is part of the output and not paid twice.
  expect(costOf({ ...usage, thinkingTokens: 600 }, priceAt('claude-sonnet-4-6'))).toBe(28_125_000n);
});

it('the cost of two calls is the sum of their costs, to the nano-dollar', () => {
  const count = fc.nat({ max: 2_000_000 });
  const usage: fc.Arbitrary<Usage> = fc.record({
    inputTokens: count,
    cacheWrite5mTokens: count,
    cacheWrite1hTokens: count,
    cacheReadTokens: count,
    outputTokens: count,
    thinkingTokens: count,
    webSearches: fc.nat({ max: 50 }),
  });
  const sum = (a: Usage, b: Usage): Usage => ({
    inputTokens: a.inputTokens + b.inputTokens,
    cacheWrite5mTokens: a.cacheWrite5mTokens + b.cacheWrite5mTokens,
    cacheWrite1hTokens: a.cacheWrite1hTokens + b.cacheWrite1hTokens,
    cacheReadTokens: a.cacheReadTokens + b.cacheReadTokens,
    outputTokens: a.outputTokens + b.outputTokens,
    thinkingTokens: a.thinkingTokens + b.thinkingTokens,
    webSearches: a.webSearches + b.webSearches,
  });
  const model = fc.constantFrom(
    'claude-sonnet-4-6',
    'claude-haiku-5-5',
    'claude-opus-5-5',
    'claude-fable-5-2',
  );
  fc.assert(
    fc.property(model, usage, usage, (name, a, b) => {
      const price = priceAt(name);
      expect(costOf(sum(a, b), price)).toBe(costOf(a, price) + costOf(b, price));
      expect(costOf(a, price)).toBeGreaterThanOrEqual(0n);
    }),
  );
});

describe('the price of a model', () => {
  it('is that of the day: Sonnet 5.5 reads its cache at half the price since 2026-10-07', () => {
    expect(priceAt('claude-sonnet-5-5', '2026-10-06').cacheRead).toBe(200);
    expect(priceAt('claude-sonnet-5-5', '2026-10-07').cacheRead).toBe(100);
    // A clock that is wrong must not make a call free.
    expect(priceAt('claude-sonnet-5-5', '2020-01-01').cacheRead).toBe(200);
  });

  it('rises with the whole prompt where the model has a step', () => {
    expect(priceAt('claude-haiku-5-5', DAY, 100_000)).toMatchObject({ input: 100, output: 500 });
    expect(priceAt('claude-haiku-5-5', DAY, 100_001)).toMatchObject({
      input: 500,
      output: 2500,
      cacheRead: 50,
    });
    expect(priceAt('claude-sonnet-4-6', DAY, 900_000)).toEqual(priceAt('claude-sonnet-4-6', DAY, 10));
  });

  it('holds for its dated id', () => {
    expect(priceAt('claude-haiku-4-5-20251001')).toEqual(priceAt('claude-haiku-4-5'));
  });

  it.each(['gpt-9', 'claude-sonnet-4-6-fast', '', 'claude-sonnet-5-5-2026', 'constructor'])(
    'is unknown for %j rather than guessed',
    (model) => {
      expect(priceOf(model, DAY, 1)).toBeNull();
    },
  );
});

describe('money for people', () => {
  it.each([
    [0n, '$0'],
    [1n, '$0.000001'],
    [28_125_000n, '$0.0282'],
    [375_000n, '$0.000375'],
    [9_999_999n, '$0.01'],
    [10_000_000n, '$0.01'],
    [1_500_000_000n, '$1.50'],
    [9_999_999_999n, '$10.00'],
    [12_345_678_901n, '$12.35'],
    [1_000_000_000_000n, '$1000.00'],
  ])('%s nano-dollars read as %s', (cost, text) => {
    expect(formatUsd(cost)).toBe(text);
  });

  it('is never shown as less than it is, nor as much more', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 1n, max: 10n ** 13n }), (cost) => {
        const text = formatUsd(cost);
        expect(text).toMatch(/^\$\d+\.\d{2,6}$/);
        const shown = Number(text.slice(1)) * 1e9;
        expect(shown).toBeGreaterThanOrEqual(Number(cost) - 1);
        expect(shown - Number(cost)).toBeLessThanOrEqual(Math.max(1001, Number(cost) * 0.0101));
      }),
    );
  });
});
