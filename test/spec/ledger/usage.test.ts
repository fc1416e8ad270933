import fc from 'fast-check';
import { expect, test } from 'vitest';
import { NO_USAGE, promptTokensOf, type Usage, usageOfCut } from '../../../src/ledger/usage.ts';
import { estimateTokens } from '../../../src/tokens.ts';

const cut = {
  model: 'claude-opus-5-5',
  told: null,
  promptTokens: 500,
  text: '',
  silentMs: 0,
  mostThinking: 0,
};
const told: Usage = { ...NO_USAGE, inputTokens: 20, cacheReadTokens: 900, outputTokens: 1 };

test('a call of which nothing was heard is entered with its prompt by estimate, and never as nothing', () => {
  expect(usageOfCut(cut)).toEqual({ ...NO_USAGE, inputTokens: 500 });
  // It can't have thought: the first thing that a provider tells is that it has begun.
  expect(usageOfCut({ ...cut, silentMs: 60_000, mostThinking: 4096 }).outputTokens).toBe(0);
});

test('a stopped call has the prompt as the provider counted it, and its output by the words that came', () => {
  const text = '委员会于星期二开会，讨论一周前分发的提案。';
  const usage = usageOfCut({ ...cut, told, text });
  expect(usage).toEqual({ ...told, outputTokens: estimateTokens(text, cut.model) });
  // Every character of Chinese is about a token, and newer models make more of them.
  expect(usage.outputTokens).toBeGreaterThan([...text].length);
});

test('what was thought unseen is counted by its time, up to what the call allowed', () => {
  const thought = (silentMs: number, mostThinking: number) =>
    usageOfCut({ ...cut, told, silentMs, mostThinking }).thinkingTokens;
  expect(thought(20_000, 4096)).toBe(2000);
  expect(thought(90_000, 4096)).toBe(4096);
  // A model that does not think may be slow.
  expect(thought(90_000, 0)).toBe(0);
});

test('an estimate is never less than what the provider told, and never less for more', () => {
  const count = fc.nat({ max: 100_000 });
  const usage: fc.Arbitrary<Usage> = fc.record({
    inputTokens: count,
    cacheWrite5mTokens: count,
    cacheWrite1hTokens: count,
    cacheReadTokens: count,
    outputTokens: count,
    thinkingTokens: count,
    webSearches: count,
  });
  const silence = fc.integer({ min: -1000, max: 1_000_000 });
  fc.assert(
    fc.property(
      usage,
      fc.string({ unit: 'grapheme' }),
      silence,
      count,
      (told, text, silentMs, mostThinking) => {
        const known = { ...cut, told, text, silentMs, mostThinking };
        const found = usageOfCut(known);
        expect(found.outputTokens).toBeGreaterThanOrEqual(told.outputTokens);
        expect(found.thinkingTokens).toBeGreaterThanOrEqual(told.thinkingTokens);
        expect(promptTokensOf(found)).toBe(promptTokensOf(told));
        expect(usageOfCut({ ...known, text: `${text} and more` }).outputTokens).toBeGreaterThanOrEqual(
          found.outputTokens,
        );
      },
    ),
  );
});

test('a cut call that looked things up has its searches, what they gave, and the prompt read again after each', () => {
  const found = { searches: 2, steps: 3, tokens: 8000 };
  const usage = usageOfCut({ ...cut, told, found });
  expect(usage).toMatchObject({ webSearches: 2, inputTokens: 20 + 8000, cacheReadTokens: 900 + 3 * 920 });
  expect(usageOfCut({ ...cut, told, found: { searches: 0, steps: 0, tokens: 0 } })).toEqual(
    usageOfCut({ ...cut, told }),
  );
});
