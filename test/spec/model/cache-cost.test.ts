import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createPromptCache, type PromptUsage, promptTokens } from '../../../playground/model/cache.ts';
import { countTokens } from '../../../playground/model/tokens.ts';
import { readRequest } from '../../../playground/model/validate.ts';
import { buildTranscript, type Said } from '../../../src/conversation/transcript.ts';
import { priceOf } from '../../../src/ledger/prices.ts';
import { factsOf } from '../../../src/model/catalogue.ts';
import { buildRequest } from '../../../src/model/request.ts';
import type { Keep } from '../../../src/reply/ports.ts';
import { systemPrompt } from '../../../src/reply/write/instructions.ts';
import { keepOf } from '../../../src/reply/write/keep.ts';

/**
 * What threads cost by the cache rules of the stand-in (`playground/model/cache.ts`, after the provider's caching guide),
 * beside the least that anybody could pay who knew every later pause.
 */
const MODEL = 'claude-sonnet-4-6';
const PRICE = priceOf(MODEL, '2026-11-28', 0);
const QUESTIONS = 15;
const ANSWER = 'An answer of the usual length, which says what is to be said and no more. '.repeat(16);
const REMARK = 'Somebody says something to somebody else about this, in a sentence or two.';

interface Call {
  /** Seconds since the thread began. */
  readonly at: number;
  readonly usage: PromptUsage;
  readonly promptTokens: number;
  /** Tokens of the prompt up to the first message that the call before did not have. */
  readonly oneFurther: number;
}

/** The calls of a thread in which `remarks` are made between two questions and `pauses` (minutes) lie between them. */
function callsOf(
  remarks: number,
  pauses: readonly number[],
  keepOf: (said: readonly (Said & { slackTs: string })[], ts: string) => Keep,
): Call[] {
  const cache = createPromptCache();
  const thread: (Said & { slackTs: string })[] = [];
  const calls: Call[] = [];
  let id = 0;
  let at = 0;
  const say = (role: 'user' | 'assistant', text: string, seconds: number, blocks: Said['blocks'] = null) => {
    const slackTs = (1_700_000_000 + seconds).toFixed(6);
    id += 1;
    thread.push({ id, role, speakerName: 'Ana', text, blocks, slackTs });
    return slackTs;
  };
  for (let asked = 0; asked < QUESTIONS; asked += 1) {
    const minutes = pauses[asked % pauses.length] ?? 1;
    if (asked > 0) {
      const before = at;
      at += minutes * 60;
      for (let said = 1; said <= remarks; said += 1)
        say('user', `${REMARK} (${id})`, before + (said * (at - before)) / (remarks + 1));
    }
    const ts = say('user', `What about point ${asked} of the list, and why?`, at);
    const { turns, made } = buildTranscript(thread, { named: true });
    const keep = keepOf(thread, ts);
    const request = { model: MODEL, maxTokens: 1024, system: systemPrompt(''), turns, user: 'x', keep };
    const built = buildRequest(request, factsOf(MODEL));
    if (!built.ok) throw new Error(built.problem);
    const { prompt } = readRequest(JSON.stringify(built.params), false);
    const look = cache.look(MODEL, prompt.blocks, at * 1000);
    look.keep();
    const before = calls.at(-1)?.promptTokens ?? 0;
    let oneFurther = 0;
    for (const { tokens } of prompt.blocks) {
      if (oneFurther > before) break;
      oneFurther += tokens;
    }
    calls.push({ at, usage: look.usage, promptTokens: promptTokens(prompt.blocks), oneFurther });
    // Stored, as after each call.
    for (const { id, blocks } of made) {
      const index = thread.findIndex((message) => message.id === id);
      const message = thread[index];
      if (message !== undefined) thread[index] = { ...message, blocks };
    }
    say('assistant', ANSWER, at, [{ type: 'text', text: `${ANSWER}${asked}` }]);
  }
  return calls;
}

const ours = (said: readonly (Said & { slackTs: string })[], ts: string): Keep =>
  keepOf(said, ts, true, systemPrompt('').length);

function costOf(calls: readonly Call[]): number {
  if (PRICE === null) throw new Error('no price');
  const { input, cacheRead, write5m, write1h, output } = PRICE;
  return calls.reduce(
    (sum, { usage }) =>
      sum +
      usage.input * input +
      usage.read * cacheRead +
      usage.write5m * write5m +
      usage.write1h * write1h +
      countTokens(ANSWER) * output,
    0,
  );
}

/**
 * The least possible cost of the same prompts: at each call what is new is sent plainly, or kept for five minutes, for an
 * hour, or up to its first message for an hour and for five minutes beyond, whichever turns out best in the end. Every entry that lives is renewed by every call, which is more than the
 * provider does.
 */
function leastCost(calls: readonly Call[]): number {
  if (PRICE === null) throw new Error('no price');
  const { input, cacheRead, write5m, write1h, output } = PRICE;
  let states = new Map<string, { short: number; long: number; cost: number }>([
    ['', { short: 0, long: 0, cost: 0 }],
  ]);
  calls.forEach(({ at, promptTokens, oneFurther }, index) => {
    const pause = at - (calls[index - 1]?.at ?? at);
    const next = new Map<string, { short: number; long: number; cost: number }>();
    for (const { short, long, cost } of states.values()) {
      const kept = { short: pause < 300 ? short : 0, long: pause < 3600 ? long : 0 };
      const hit = Math.max(kept.short, kept.long);
      const fresh = promptTokens - hit;
      const base = cost + hit * cacheRead + countTokens(ANSWER) * output;
      for (const one of [
        { ...kept, cost: base + fresh * input },
        { ...kept, short: promptTokens, cost: base + fresh * write5m },
        { ...kept, long: promptTokens, cost: base + fresh * write1h },
        ...(oneFurther > hit
          ? [
              {
                short: promptTokens,
                long: oneFurther,
                cost: base + (oneFurther - hit) * write1h + (promptTokens - oneFurther) * write5m,
              },
            ]
          : []),
      ]) {
        const key = `${one.short} ${one.long}`;
        if ((next.get(key)?.cost ?? Number.POSITIVE_INFINITY) > one.cost) next.set(key, one);
      }
    }
    states = next;
  });
  return Math.min(...[...states.values()].map(({ cost }) => cost));
}

const REMARKS = [0, 18, 30];
const PAUSES: readonly (readonly [string, readonly number[]])[] = [
  ['1 minute', [1]],
  ['10 minutes', [10]],
  ['40 minutes', [40]],
  ['1, 10 and 40 minutes in turn', [1, 10, 40]],
  ['mostly 40 minutes, now and then 1', [40, 40, 1]],
  ['four times 1 minute, then 40', [1, 1, 1, 1, 40]],
  ['1 minute, and 40 once, right before the end', [...Array.from({ length: 13 }, () => 1), 40]],
  ['40 minutes once, then 1', [40, ...Array.from({ length: 13 }, () => 1)]],
  ['3 hours', [180]],
];
const ratioOf = (remarks: number, pauses: readonly number[]) => {
  const calls = callsOf(remarks, pauses, ours);
  return costOf(calls) / leastCost(calls);
};

test.each(PAUSES.flatMap(([name, pauses]) => REMARKS.map((remarks) => [remarks, name, pauses] as const)))(
  'with %i remarks between two questions and pauses of %s a thread costs at most 1.15 of the least possible',
  (remarks, _name, pauses) => {
    const ratio = ratioOf(remarks, pauses);
    expect(ratio).toBeGreaterThan(0.999);
    expect(ratio).toBeLessThanOrEqual(1.15);
  },
);

test('whatever pauses of 1, 10 and 40 minutes follow each other, a thread costs at most 1.25 of the least possible', () => {
  const pauses = fc.array(fc.constantFrom(1, 10, 40), { minLength: QUESTIONS - 1, maxLength: QUESTIONS - 1 });
  fc.assert(
    fc.property(fc.constantFrom(...REMARKS), pauses, (remarks, some) => {
      expect(ratioOf(remarks, some)).toBeLessThanOrEqual(1.25);
    }),
    { numRuns: 60 },
  );
});

test('without a mark on the end of the call before, many remarks make the whole thread be written again', () => {
  const marked = callsOf(18, [1], ours);
  const unmarked = callsOf(18, [1], (said, ts) => ({ ...ours(said, ts), sentBefore: 0, keptBefore: 0 }));
  expect(costOf(unmarked)).toBeGreaterThan(2 * costOf(marked));
});
