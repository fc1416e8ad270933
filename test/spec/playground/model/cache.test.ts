import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createPromptCache, type PromptBlock, promptTokens } from '../../../../playground/model/cache.ts';

const MODEL = 'claude-sonnet-4-6';
const MINUTE = 60_000;

const block = (identity: string, tokens: number, cache: PromptBlock['cache'] = null): PromptBlock => ({
  identity,
  tokens,
  cache,
});

/** Looks and begins the answer at once, as a lone call does. */
function ask(cache: ReturnType<typeof createPromptCache>, prompt: PromptBlock[], now = 0, model = MODEL) {
  const look = cache.look(model, prompt, now);
  look.keep();
  return look.usage;
}

test('a growing thread writes each turn once and reads the rest', () => {
  const cache = createPromptCache();
  const first = [block('system', 900), block('q1', 200, '5m')];
  expect(ask(cache, first)).toEqual({ input: 0, read: 0, write5m: 1100, write1h: 0 });
  const second = [block('system', 900), block('q1', 200), block('a1', 50), block('q2', 20, '5m')];
  expect(ask(cache, second)).toEqual({ input: 0, read: 1100, write5m: 70, write1h: 0 });
});

test('a prefix below the minimum of the model is not cached, silently', () => {
  const cache = createPromptCache();
  const short = [block('system', 1000), block('q', 23, '5m')];
  for (const _ of [1, 2]) expect(ask(cache, short)).toEqual({ input: 1023, read: 0, write5m: 0, write1h: 0 });
  const enough = [block('system', 1000), block('q', 24, '5m')];
  expect(ask(cache, enough).write5m).toBe(1024);
  expect(ask(cache, enough).read).toBe(1024);
});

test('five minutes after the last read the entry is gone; each read renews it', () => {
  const cache = createPromptCache();
  const prompt = [block('system', 2000, '5m')];
  ask(cache, prompt, 0);
  expect(ask(cache, prompt, 4 * MINUTE).read).toBe(2000);
  expect(ask(cache, prompt, 8 * MINUTE).read).toBe(2000);
  expect(ask(cache, prompt, 13 * MINUTE)).toMatchObject({ read: 0, write5m: 2000 });
});

test('an entry of an hour lives for an hour and is counted apart', () => {
  const cache = createPromptCache();
  const prompt = [block('system', 2000, '1h'), block('q', 100, '5m')];
  expect(ask(cache, prompt)).toEqual({ input: 0, read: 0, write5m: 100, write1h: 2000 });
  expect(ask(cache, prompt, 59 * MINUTE)).toEqual({ input: 0, read: 2000, write5m: 100, write1h: 0 });
});

test('a changed block, another model and a breakpoint too far away all miss', () => {
  const cache = createPromptCache();
  ask(cache, [block('system', 2000, '5m')]);
  expect(ask(cache, [block('System', 2000, '5m')]).read).toBe(0);
  expect(ask(cache, [block('system', 2000, '5m')], 0, 'claude-sonnet-5').read).toBe(0);
  const grown = (blocks: number) => [
    block('system', 2000),
    ...Array.from({ length: blocks - 1 }, (_, index) => block(`m${index}`, 1)),
    block('last', 1, '5m'),
  ];
  expect(cache.look(MODEL, grown(20), 0).usage.read).toBe(0);
  expect(cache.look(MODEL, grown(19), 0).usage.read).toBe(2000);
});

test('of two calls at once the second can not read what the first has not begun to answer', () => {
  const cache = createPromptCache();
  const prompt = [block('system', 2000, '5m')];
  const first = cache.look(MODEL, prompt, 0);
  expect(cache.look(MODEL, prompt, 0).usage.read).toBe(0);
  first.keep();
  expect(cache.look(MODEL, prompt, 0).usage.read).toBe(2000);
});

test('whatever was asked before, the counts add up to the prompt', () => {
  const some = fc.array(
    fc.record({
      identity: fc.constantFrom('a', 'b'),
      tokens: fc.integer({ min: 1, max: 900 }),
      cache: fc.constantFrom(null, '5m' as const),
    }),
    { minLength: 1, maxLength: 8 },
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(some, fc.nat(3)), { maxLength: 6 }), (asks) => {
      const cache = createPromptCache();
      let now = 0;
      for (const [prompt, minutes] of asks) {
        now += minutes * MINUTE;
        // A block is its text: the same identity always has the same length.
        const sound = prompt.map((part) => ({ ...part, identity: `${part.identity}${part.tokens}` }));
        const usage = ask(cache, sound, now);
        expect(usage.input + usage.read + usage.write5m + usage.write1h).toBe(promptTokens(sound));
        expect(Math.min(usage.input, usage.read, usage.write5m, usage.write1h)).toBeGreaterThanOrEqual(0);
      }
    }),
    { numRuns: 200 },
  );
});
