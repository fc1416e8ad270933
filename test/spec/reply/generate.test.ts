import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Clock } from '../../../src/clock.ts';
import type { FailureKind, Model, ModelEvent } from '../../../src/reply/ports.ts';
import type { Begun, CallEnd, CallStart } from '../../../src/reply/write/calls.ts';
import { type Ending, type GenerateOptions, generate } from '../../../src/reply/write/generate.ts';
import { estimateTokens } from '../../../src/tokens.ts';
import { createVirtualClock, type VirtualClock } from '../../support/virtual-clock.ts';
import { broken, counted, REQUEST, scripted, started, stopped, text, thinking } from './model.ts';

/** Starts `generate` and notes all that it tells. */
function start(
  model: Model,
  {
    begin,
    clock = createVirtualClock({ random: 0 }),
    ...more
  }: Omit<Partial<GenerateOptions>, 'clock'> & {
    clock?: VirtualClock;
    begin?: (wanted: number) => Begun;
  } = {},
) {
  const begun = clock.monotonic();
  const records: CallEnd[] = [];
  const starts: CallStart[] = [];
  const retries: string[] = [];
  const carried: boolean[] = [];
  const stop = new AbortController();
  let answer = '';
  let calls = 0;
  const ending: Promise<Ending> = generate({
    model,
    request: REQUEST,
    received: '',
    clock,
    signal: stop.signal,
    calls: {
      async begin({ maxTokens }, _signal, how) {
        carried.push(how?.carries === true);
        const begun = begin?.(maxTokens) ?? { kind: 'begun', call: calls + 1, maxTokens };
        if (begun.kind === 'begun') calls += 1;
        return begun;
      },
      started: (record) => starts.push(record),
      ended: async (record) => void records.push(record),
    },
    onText: (delta) => {
      answer += delta;
    },
    onThinking: () => {},
    onRetry: (retry) =>
      retries.push(retry === null ? 'on' : `${retry.attempt} of ${retry.of} after ${retry.waitMs}`),
    ...more,
  });
  return {
    clock,
    stop,
    records,
    starts,
    retries,
    carried,
    answer: () => answer,
    calls: () => calls,
    elapsed: () => clock.monotonic() - begun,
    ending,
    /** The ending, with as much time as it takes. */
    async end() {
      for (let minute = 0; minute < 10; minute++) await clock.advance(60_000);
      return ending;
    },
  };
}

it('an answer in one call arrives as it is, with its exact usage', async () => {
  const run = start(scripted([started, text('Hello '), text('world.'), counted(5), stopped()]));
  expect(await run.end()).toEqual({ kind: 'ended', reason: 'end', requestId: 'req_1' });
  expect(run.answer()).toBe('Hello world.');
  expect(run.records).toMatchObject([
    { call: 1, counts: 'told', requestId: 'req_1', told: { inputTokens: 100, outputTokens: 5 } },
  ]);
  expect(run.retries).toEqual([]);
  // What a crash would leave: the input is known as soon as the provider has read it.
  expect(run.starts).toMatchObject([{ call: 1, requestId: 'req_1', usage: { inputTokens: 100 } }]);
});

it('a call after a failed one, or after one without a word, carries what no other owner would know; a first one and one that goes on carry nothing', async () => {
  const failing = start(
    scripted(
      [broken('unavailable', { code: 'MODEL_OVERLOADED', status: 529 })],
      [started, text('Hi.'), counted(1), stopped()],
    ),
  );
  await failing.end();
  expect(failing.carried).toEqual([false, true]);
  const silent = start(
    scripted([started, counted(0), stopped()], [started, text('Hi.'), counted(1), stopped()]),
  );
  await silent.end();
  expect(silent.carried).toEqual([false, true]);
  const cut = start(
    scripted(
      [started, text('One two '), counted(2), stopped('max_tokens')],
      [started, text('One two three.'), counted(3), stopped()],
    ),
    { begin: (wanted) => ({ kind: 'begun', call: 1, maxTokens: wanted - 1 }) },
  );
  await cut.end();
  expect(cut.carried.slice(0, 2)).toEqual([false, false]);
});

describe.each<FailureKind>(['error_event', 'connection_lost', 'ended_early', 'stalled', 'malformed'])(
  'a stream broken by %s',
  (kind) => {
    it('is gone on with after the text that is there, which is shown to the model and bought once', async () => {
      const model = scripted(
        [started, text('One two three '), broken(kind)],
        [started, text('two three four.'), counted(4), stopped()],
      );
      const run = start(model);
      expect(await run.end()).toMatchObject({ kind: 'ended', reason: 'end' });
      expect(run.answer()).toBe('One two three four.');
      expect(model.requests[1]?.turns.map(({ role }) => role)).toEqual(['user', 'assistant', 'user']);
      expect(model.requests[1]?.turns[1]?.blocks).toEqual([{ type: 'text', text: 'One two three' }]);
      expect(model.requests[1]?.maxTokens).toBe(1024 - estimateTokens('One two three ', REQUEST.model));
      expect(run.records).toMatchObject([
        { call: 1, counts: 'cut', told: { inputTokens: 100 }, text: 'One two three ' },
        { call: 2, counts: 'told', told: { outputTokens: 4 } },
      ]);
    });
  },
);

it('a call that was answered by an error costs nothing, and is tried five times with growing pauses', async () => {
  const run = start(scripted([broken('unavailable', { code: 'MODEL_OVERLOADED', status: 529 })]));
  expect(await run.end()).toMatchObject({ kind: 'failed', failure: { code: 'MODEL_OVERLOADED' } });
  expect(run.retries).toEqual([
    '2 of 5 after 1000',
    'on',
    '3 of 5 after 2000',
    'on',
    '4 of 5 after 4000',
    'on',
    '5 of 5 after 8000',
    'on',
  ]);
  expect(run.records).toHaveLength(5);
  for (const record of run.records) expect(record).toMatchObject({ counts: 'unbilled', told: null });
});

it.each([
  ['of which nothing was heard may be billed', broken('unavailable'), 'cut'],
  ['that somebody stopped before anything was heard may be billed', broken('aborted'), 'cut'],
  ['that stalled before anything was heard may be billed', broken('stalled'), 'cut'],
  ['that never left is not billed', broken('unavailable', { unsent: true }), 'unbilled'],
  ['that was refused is not billed', broken('rejected', { retryable: false }), 'unbilled'],
  ['that something else answered is not billed', broken('malformed', { status: 200 }), 'unbilled'],
] as const)('a call %s', async (_what, failure, counts) => {
  const run = start(scripted([failure]));
  await run.end();
  expect(run.records[0]).toMatchObject({ told: null, counts, text: '', silentMs: 0 });
});

it('the time without text after the start of an answer is told, in which the model may have been thinking', async () => {
  const model: Model = {
    ...scripted([]),
    async *stream(_request, signal) {
      yield started;
      await run.clock.sleep(7000, signal);
      yield text('At last. ');
      await run.clock.sleep(2000, signal);
      yield broken('aborted', { code: 'MODEL_ABORTED', retryable: false });
    },
  };
  const run = start(model);
  await run.end();
  expect(run.records).toMatchObject([{ counts: 'cut', silentMs: 7000, text: 'At last. ' }]);
});

/** A model that pauses: a number is so many milliseconds without a word. */
function pausing(clock: Clock, ...calls: (readonly (ModelEvent | number)[])[]): Model {
  let asked = 0;
  return {
    ...scripted(),
    async *stream() {
      for (const event of calls[Math.min(asked++, calls.length - 1)] ?? [])
        if (typeof event === 'number') await clock.sleep(event);
        else yield event;
    },
  };
}

describe('in a pause of the model', () => {
  it('the end of a sentence is shown, and half a word is not', async () => {
    const clock = createVirtualClock({ random: 0 });
    const model = pausing(clock, [
      started,
      text('Let me see.'),
      1000,
      text(' It is th'),
      1000,
      text('ree.'),
      299,
      text('5 or so'),
      stopped(),
    ]);
    const run = start(model, { clock });
    await clock.advance(299);
    expect(run.answer()).toBe('Let me ');
    await clock.advance(1);
    expect(run.answer()).toBe('Let me see.');
    await clock.advance(1690);
    expect(run.answer()).toBe('Let me see. It is ');
    await clock.advance(308);
    expect(run.answer()).toBe('Let me see. It is ');
    await clock.advance(10);
    expect(await run.ending).toMatchObject({ kind: 'ended' });
    expect(run.answer()).toBe('Let me see. It is three.5 or so');
    expect(clock.timers()).toBe(0);
  });

  it('a cut neither glues two words nor splits one, however the model goes on', async () => {
    const word = fc
      .array(fc.constantFrom(...'abcdefghijklmnopqrstuvwxyzäß'), { minLength: 5, maxLength: 8 })
      .map((letters) => letters.join(''));
    const sentences = fc
      .tuple(
        fc.uniqueArray(word, { minLength: 12, maxLength: 40 }),
        fc.array(fc.constantFrom('.', '!', '?', '…')),
      )
      .map(([words, marks]) => {
        let begins = true;
        return words.map((one, at) => {
          const first = begins ? one.slice(0, 1).toUpperCase() + one.slice(1) : one;
          begins = at % 3 === 2;
          return begins ? `${first}${marks[at] ?? '.'}` : first;
        });
      });
    await fc.assert(
      fc.asyncProperty(
        sentences,
        fc.nat(),
        fc.nat({ max: 12 }),
        fc.constantFrom(' ', '\n', '\n\n'),
        fc.constantFrom('', ' ', '\n'),
        async (words, at, back, blank, lead) => {
          const whole = words.join(' ');
          // Anywhere, also inside a word; the model says nothing for a while, and the stream breaks.
          const cut = whole.slice(0, 1 + (at % (whole.length - 1)));
          const clock = createVirtualClock({ random: 0 });
          const requests: string[] = [];
          const run = start(
            {
              ...scripted(),
              async *stream() {
                yield started;
                if (requests.length === 0) {
                  requests.push('');
                  yield text(cut);
                  await clock.sleep(1000);
                  yield broken('stalled');
                  return;
                }
                // What was shown is what the model is told; it repeats some of the last words, or none.
                const known = run
                  .answer()
                  .split(/\s+/)
                  .filter((one) => one !== '');
                const from = known.length - Math.min(back, known.length);
                yield text(lead + words.slice(from).join(blank));
                yield stopped();
              },
            },
            { clock },
          );
          await clock.advance(60_000);
          await run.ending;
          // Two words are too few to be found again.
          fc.pre(back !== 1);
          expect(
            run
              .answer()
              .split(/\s+/)
              .filter((one) => one !== ''),
          ).toEqual(words);
        },
      ),
      { numRuns: 150 },
    );
  });
});

it('the pause that the provider asks for is kept, and one of minutes is told instead', async () => {
  const wait = (retryAfterMs: number) => broken('unavailable', { code: 'MODEL_BUSY', retryAfterMs });
  const short = start(scripted([wait(30_000)], [started, text('x'), stopped()]));
  await short.clock.advance(29_999);
  expect(short.calls()).toBe(1);
  await short.clock.advance(1);
  expect(short.calls()).toBe(2);

  const long = start(scripted([wait(600_000)]));
  expect(await long.ending).toMatchObject({ kind: 'failed', failure: { code: 'MODEL_BUSY' } });
  expect(long.elapsed()).toBe(0);
});

it('a request that was refused is not made again', async () => {
  const model = scripted([broken('rejected', { code: 'MODEL_KEY_REJECTED', retryable: false })]);
  const run = start(model);
  expect(await run.ending).toMatchObject({ kind: 'failed', failure: { code: 'MODEL_KEY_REJECTED' } });
  expect(model.requests).toHaveLength(1);
});

describe('an empty answer', () => {
  it('is asked for once more, in words', async () => {
    const model = scripted([started, counted(3), stopped()], [started, text('Here.'), counted(2), stopped()]);
    const run = start(model);
    expect(await run.end()).toMatchObject({ kind: 'ended' });
    expect(run.answer()).toBe('Here.');
    expect(model.requests[1]?.turns.at(-1)).toEqual({
      role: 'user',
      blocks: [{ type: 'text', text: 'Please answer my last message in words.' }],
    });
    expect(run.records).toHaveLength(2);
  });

  it('twice is told as empty, also when it was blanks', async () => {
    const run = start(scripted([started, text(' \n'), counted(3), stopped()]));
    expect(await run.end()).toEqual({ kind: 'empty', code: 'MODEL_EMPTY' });
  });

  it('to a request to go on is asked for once more, because the answer is not over', async () => {
    const model = scripted(
      [started, text('One two three '), broken('connection_lost')],
      [started, counted(0), stopped()],
      [started, text('two three four.'), counted(4), stopped()],
    );
    const run = start(model);
    expect(await run.end()).toMatchObject({ kind: 'ended', reason: 'end' });
    expect(run.answer()).toBe('One two three four.');
  });

  it('twice to a request to go on ends the answer with what is there', async () => {
    const run = start(
      scripted(
        [started, text('One two three '), broken('connection_lost')],
        [started, counted(0), stopped()],
      ),
    );
    expect(await run.end()).toMatchObject({ kind: 'ended', reason: 'end' });
    expect(run.answer()).toBe('One two three ');
    expect(run.calls()).toBe(3);
  });

  it('whose tokens all went into thinking is asked for at the lowest effort, and then told as that', async () => {
    const used = [started, thinking, counted(5120), stopped('max_tokens')];
    const model = scripted(used);
    const run = start(model, { request: { ...REQUEST, effort: 'max' } });
    expect(await run.end()).toEqual({ kind: 'empty', code: 'MODEL_ONLY_THINKING' });
    expect(model.requests.map(({ effort }) => effort)).toEqual(['max', 'low']);

    const helped = scripted(used, [started, text('Here.'), counted(2), stopped()]);
    const second = start(helped, { request: { ...REQUEST, effort: 'max' } });
    expect(await second.end()).toMatchObject({ kind: 'ended', reason: 'end' });
    expect(second.answer()).toBe('Here.');
  });

  it('whose tokens all went into thinking at the lowest effort is not bought twice', async () => {
    const model = scripted([started, thinking, counted(5120), stopped('max_tokens')]);
    const run = start(model, { request: { ...REQUEST, effort: 'low' } });
    expect(await run.end()).toEqual({ kind: 'empty', code: 'MODEL_ONLY_THINKING' });
    expect(model.requests).toHaveLength(1);
  });

  it.each([
    ['a first answer', []],
    ['a continuation', [[started, text('One two three '), broken('connection_lost')]]],
  ])('is never asked for in the same words: %s', async (_label, before) => {
    const model = scripted(...before, [started, counted(0), stopped()]);
    await start(model).end();
    const sent = model.requests.map(({ turns, effort }) => JSON.stringify({ turns, effort }));
    expect(new Set(sent).size).toBe(sent.length);
    expect(sent).toHaveLength(before.length + 2);
  });

  it('that only repeats the last words says that the answer was complete', async () => {
    const run = start(
      scripted(
        [started, text('One two three.'), broken('connection_lost')],
        [started, text('One two three.'), counted(4), stopped()],
      ),
    );
    expect(await run.end()).toMatchObject({ kind: 'ended', reason: 'end' });
    expect(run.answer()).toBe('One two three.');
    expect(run.calls()).toBe(2);
  });

  it('that is a refusal is not asked for again', async () => {
    const run = start(scripted([started, counted(3), stopped('refusal')]));
    expect(await run.end()).toMatchObject({ kind: 'ended', reason: 'refusal' });
    expect(run.calls()).toBe(1);
  });
});

describe('a stop', () => {
  it('in the stream ends the call, and what was received is billed', async () => {
    const model: Model = {
      mostTokens: async () => ({ inputTokens: 0, outputTokens: 0, windowTokens: null }),
      async *stream(_request, signal) {
        yield started;
        yield text('Some words. ');
        await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
        yield broken('aborted', { code: 'MODEL_ABORTED', retryable: false });
      },
    };
    const run = start(model);
    await run.clock.settle();
    run.stop.abort();
    expect(await run.ending).toEqual({ kind: 'aborted' });
    expect(run.answer()).toBe('Some words. ');
    expect(run.records).toMatchObject([{ counts: 'cut', told: { inputTokens: 100 }, text: 'Some words. ' }]);
  });

  it('in a pause between two calls ends it at once', async () => {
    const run = start(scripted([broken('unavailable')]));
    await run.clock.settle();
    run.stop.abort();
    expect(await run.ending).toEqual({ kind: 'aborted' });
    expect(run.calls()).toBe(1);
    expect(run.clock.timers()).toBe(0);
  });

  it('before the first call means that there is none', async () => {
    const stopped = new AbortController();
    stopped.abort();
    const run = start(scripted([started]), { signal: stopped.signal });
    expect(await run.ending).toEqual({ kind: 'aborted' });
    expect(run.calls()).toBe(0);
  });
});

it('an answer that was nearly as long as it may be is taken for one that reached its limit', async () => {
  const run = start(scripted([started]), { received: 'word '.repeat(900) });
  expect(await run.ending).toMatchObject({ kind: 'ended', reason: 'max_tokens' });
  expect(run.calls()).toBe(0);
});

it('a continuation that breaks off while it repeats leaves no double words', async () => {
  const run = start(
    scripted(
      [started, text('The quick brown fox jumps over'), broken('connection_lost')],
      [started, text('quick brown'), broken('connection_lost')],
      [started, text('fox jumps over the dog'), counted(9), stopped()],
    ),
  );
  await run.end();
  expect(run.answer()).toBe('The quick brown fox jumps over the dog');
});

it('a character that the database cannot hold is not taken over', async () => {
  const run = start(scripted([started, text('nul\0l'), text('\0'), counted(2), stopped()]));
  await run.end();
  expect(run.answer()).toBe('null');
});

it('failures before a call that moved on are forgotten', async () => {
  const words = (call: number) => `${'word '.repeat(250)}end of call ${call}. `;
  const calls = Array.from({ length: 7 }, (_, call) => [started, text(words(call)), broken('ended_early')]);
  const model = scripted(...calls, [started, text('The last words.'), counted(9), stopped()]);
  const run = start(model, { request: { ...REQUEST, maxTokens: 100_000 } });
  expect(await run.end()).toMatchObject({ kind: 'ended', reason: 'end' });
  expect(run.calls()).toBe(8);
  expect(run.retries.filter((told) => told !== 'on')).toEqual(Array(7).fill('2 of 5 after 1000'));
});

it('a cut call without a word is told with the time in which it must have been thinking', async () => {
  let cut = () => {};
  const model: Model = {
    mostTokens: async () => ({ inputTokens: 0, outputTokens: 9216, windowTokens: null }),
    async *stream(_request, signal) {
      yield started;
      yield thinking;
      await new Promise<void>((resolve) => {
        cut = resolve;
        signal.addEventListener('abort', () => resolve(), { once: true });
      });
      yield broken('aborted', { code: 'MODEL_ABORTED', retryable: false });
    },
  };
  const run = start(model);
  await run.clock.advance(60_000);
  run.stop.abort();
  cut();
  await run.ending;
  expect(run.records[0]).toMatchObject({
    counts: 'cut',
    told: { inputTokens: 100 },
    text: '',
    silentMs: 60_000,
  });
});

it('a stop without counts is entered as estimated, by what was received', async () => {
  const run = start(scripted([started, text('some words'), stopped()]));
  await run.end();
  expect(run.records).toMatchObject([{ counts: 'cut', told: { inputTokens: 100 }, text: 'some words' }]);
});

it.each<[string, ModelEvent[]]>([
  ['max_tokens', [started, text('cut'), counted(1), stopped('max_tokens')]],
  ['context_full', [started, text('cut'), counted(1), stopped('context_full')]],
  ['other', [started, text('odd'), counted(1), stopped('other')]],
])('an answer that ended by %s is not asked for again', async (reason, events) => {
  const run = start(scripted(events));
  expect(await run.end()).toMatchObject({ kind: 'ended', reason });
  expect(run.calls()).toBe(1);
});

describe('a call that a budget has no room for', () => {
  it('is not made, and says which budget', async () => {
    const model = scripted([started, text('Never.'), stopped()]);
    const run = start(model, { begin: () => ({ kind: 'unaffordable', code: 'BUDGET_PERSON_DAY' }) });
    expect(await run.end()).toEqual({ kind: 'unaffordable', code: 'BUDGET_PERSON_DAY' });
    expect(model.requests).toEqual([]);
  });

  it('may write less: the answer goes on when there is room, and its seam does not show', async () => {
    const model = scripted(
      [started, text('One two three '), counted(300), stopped('max_tokens')],
      [started, text('two three four.'), counted(4), stopped()],
    );
    const rooms = [300, 1000];
    const run = start(model, {
      begin: (wanted) => ({ kind: 'begun', call: 1, maxTokens: Math.min(wanted, rooms.shift() ?? 0) }),
    });
    expect(await run.end()).toMatchObject({ kind: 'ended', reason: 'end' });
    expect(run.answer()).toBe('One two three four.');
    expect(model.requests.map(({ maxTokens }) => maxTokens)).toEqual([300, 1000]);
  });

  it('ends an answer that was cut for it with what is there', async () => {
    const model = scripted([started, text('One two three'), counted(300), stopped('max_tokens')]);
    const grants: Begun[] = [
      { kind: 'begun', call: 1, maxTokens: 300 },
      { kind: 'unaffordable', code: 'BUDGET_CHANNEL_MONTH' },
    ];
    const run = start(model, { begin: () => grants.shift() ?? { kind: 'aborted' } });
    expect(await run.end()).toEqual({ kind: 'unaffordable', code: 'BUDGET_CHANNEL_MONTH' });
    expect(run.answer()).toBe('One two three');
  });

  it('that used all it may for thinking is over, and is not paid for again and again', async () => {
    const model = scripted([started, counted(300), stopped('max_tokens')]);
    const run = start(model, { begin: () => ({ kind: 'begun', call: 1, maxTokens: 300 }) });
    expect(await run.end()).toMatchObject({ kind: 'empty' });
    expect(model.requests).toHaveLength(2);
  });

  it('ends at once when somebody stops the reply while it waits for room', async () => {
    const run = start(scripted([started, stopped()]), { begin: () => ({ kind: 'aborted' }) });
    expect(await run.end()).toEqual({ kind: 'aborted' });
  });
});
