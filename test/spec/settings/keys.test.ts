import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { KEY_NAMES, KEYS } from '../../../src/settings/keys.ts';
import { normalise, unsuited } from '../../../src/settings/values.ts';
import { defaults, storedOf } from './make.ts';

describe.each(KEY_NAMES)('%s', (name) => {
  test('what is stored is read back as the same value', () => {
    fc.assert(
      fc.property(storedOf(name), (stored) => {
        expect(normalise(name, stored)).toEqual({ value: stored });
      }),
    );
  });

  test('any text is a value or a problem in a sentence, and a value is stored in one form only', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (raw) => {
        const once = normalise(name, raw);
        if ('problem' in once) expect(once.problem).toMatch(/^[A-Z].*\.$/);
        else expect(normalise(name, once.value)).toEqual(once);
      }),
    );
  });

  test('has words for people, and a default that can be stored', () => {
    const key = KEYS[name];
    for (const words of [key.label, key.line, key.values]) expect(words.length).toBeGreaterThan(2);
    expect(key.line).toMatch(/\.$/);
    expect(key.scopes.length).toBeGreaterThan(0);
    expect((key.fallback as (d: typeof defaults) => unknown)(defaults)).toBeDefined();
  });
});

const sonnet = { name: 'Claude Sonnet 4.6', outputCap: 128_000, efforts: ['low', 'medium', 'high', 'max'] };
const older = { name: 'Claude Haiku 4.5', outputCap: 64_000, efforts: [] };

test.each([
  ['max_tokens', '64000', older, null],
  ['max_tokens', '64001', older, 'Claude Haiku 4.5 writes at most 64,000 tokens.'],
  ['effort', 'auto', older, null],
  ['effort', 'high', older, 'Claude Haiku 4.5 has no effort levels; use auto.'],
  ['effort', 'max', sonnet, null],
  ['effort', 'xhigh', sonnet, 'Claude Sonnet 4.6 has no effort xhigh; use auto, low, medium, high or max.'],
  ['footer', 'on', older, null],
] as const)('%s %s suits its model or says why not', (name, stored, model, problem) => {
  expect(unsuited(name, stored, model)).toBe(problem);
});

test.each([
  ['model', 'two words', 'Use a model id such as claude-sonnet-4-6.'],
  ['max_tokens', '0', 'Use a whole number from 1 to 128,000.'],
  ['max_tokens', '1,024', '1024'],
  ['ping_after', '2 min', '120 s'],
  ['ping_after', '2 days', 'Use a time of up to a day such as 60, 90 s or 2 min, or off.'],
  ['budget_month', '5 USD', '$5.00'],
  ['budget_month', '€5', 'Use an amount of US dollars such as $50 or 12.50, or none.'],
  ['retention', '30', '30 days'],
  ['retention', '1 d', '1 day'],
  ['retention', '12 weeks', '84 days'],
  ['retention', '6 Months', '180 days'],
  ['retention', '10 years', '3,650 days'],
  ['retention', 'For ever', 'forever'],
  ['retention', '0', 'Use days from 1 to 3,650 such as 30, 12 weeks or 1 year, or forever.'],
  ['retention', '3651', 'Use days from 1 to 3,650 such as 30, 12 weeks or 1 year, or forever.'],
  // Kept for no time, or without a limit? Nobody can know.
  ['retention', 'none', 'Use days from 1 to 3,650 such as 30, 12 weeks or 1 year, or forever.'],
  ['follow_ups', 'One-on-one', 'one_on_one'],
  ['instructions', ' Be brief. ', 'Be brief.'],
  ['instructions', 'x'.repeat(10_001), 'Use at most 10,000 characters; these are 10,001.'],
] as const)('%s takes what people write (%s)', (name, raw, expected) => {
  const made = normalise(name, raw);
  expect('problem' in made ? made.problem : made.value).toBe(expected);
});
