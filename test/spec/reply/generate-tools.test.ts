import { describe, expect, it } from 'vitest';
import type { ToolBlock, TurnBlock } from '../../../src/conversation/blocks.ts';
import type { ModelEvent, ModelRequest } from '../../../src/reply/ports.ts';
import { generate } from '../../../src/reply/write/generate.ts';
import type { LoggedBlock } from '../../../src/reply/write/logbook.ts';
import { contentOf } from '../../../src/reply/write/logbook.ts';
import { loopOf } from '../../../src/reply/write/loop.ts';
import { createVirtualClock } from '../../support/virtual-clock.ts';
import { broken, counted, REQUEST, scripted, started, stopped, text } from './model.ts';

const WITH_TOOLS: ModelRequest = {
  ...REQUEST,
  tools: { web: null, client: [{ name: 'find', description: 'Finds.', inputSchema: { type: 'object' } }] },
};
const thought: TurnBlock = { type: 'thinking', thinking: '', signature: 's' };
const use = (id: string): ToolBlock => ({ type: 'tool_use', id, name: 'find', input: {} });
const result = (id: string): TurnBlock => ({ type: 'tool_result', tool_use_id: id, content: [] });
const block = (of: TurnBlock): ModelEvent => ({ type: 'block', block: of });
/** A stretch of text as the model port tells it where there are tools. */
const said = (words: string): ModelEvent[] => [
  { type: 'text_start' },
  text(words),
  block({ type: 'text', text: words }),
];
const round = (...events: ModelEvent[]) => [started, ...events, counted(5), stopped('tool_use')];
const last = (...events: ModelEvent[]) => [started, ...events, counted(5), stopped()];

/** Writes an answer whose blocks are logged as `write.ts` logs them. */
function start(calls: readonly (readonly ModelEvent[])[], before: readonly LoggedBlock[] = [], log = '') {
  const model = scripted(...calls);
  const logged: LoggedBlock[] = [...before];
  let all = log;
  let number = before.at(-1)?.call ?? 0;
  const carried: string[][] = [];
  const notes: string[] = [];
  const add = (of: TurnBlock, call: number) =>
    logged.push({ seq: logged.length, upto: all.length, call, block: of });
  const clock = createVirtualClock({ random: 0 });
  const ending = generate({
    model,
    request: WITH_TOOLS,
    received: log,
    clock,
    signal: new AbortController().signal,
    content: () => contentOf(logged, all),
    loop: () => loopOf(logged, all),
    carryOut: async (uses) => {
      carried.push(uses.map(({ id }) => String(id)));
      const results = uses.map(({ id }) => result(String(id)));
      for (const one of results) add(one, number);
      return results;
    },
    calls: {
      async begin({ maxTokens }) {
        number += 1;
        return { kind: 'begun', call: number, maxTokens };
      },
      started: () => {},
      ended: async () => {},
    },
    onCut: (call) => {
      const open = all.slice(logged.at(-1)?.upto ?? 0);
      if (open !== '') add({ type: 'text', text: open }, call ?? number);
    },
    onEnough: () => notes.push('enough'),
    onText: (delta) => {
      all += delta;
    },
    onBlock: add,
    onThinking: () => {},
    onRetry: () => {},
  });
  return {
    model,
    carried,
    notes,
    answer: () => all,
    async end() {
      for (let minute = 0; minute < 10; minute++) await clock.advance(60_000);
      return ending;
    },
  };
}

const turnsAfterQuestion = ({ turns }: ModelRequest) =>
  turns.slice(1).map(({ role, blocks }) => `${role}: ${blocks.map(({ type }) => type).join(' ')}`);

describe('a round that calls something', () => {
  it('goes on with its own blocks, thoughts included, and the results right behind them', async () => {
    const run = start([
      round(block(thought), ...said('I look.'), block(use('a')), block(use('b'))),
      last(...said('Found.')),
    ]);
    expect(await run.end()).toMatchObject({ kind: 'ended', reason: 'end' });
    expect(run.carried).toEqual([['a', 'b']]);
    expect(run.model.requests[1]?.paused).toBe(false);
    expect(run.model.requests[1]?.turns.slice(1)).toEqual([
      { role: 'assistant', blocks: [thought, { type: 'text', text: 'I look.' }, use('a'), use('b')] },
      { role: 'user', blocks: [result('a'), result('b')] },
    ]);
  });

  it('is carried out and not asked for again when its stream broke behind the calls', async () => {
    const run = start([
      [started, ...said('I look.'), block(use('a')), text('And th'), broken('connection_lost')],
      last(...said('Found.')),
    ]);
    expect(await run.end()).toMatchObject({ kind: 'ended' });
    expect(run.carried).toEqual([['a']]);
    expect(run.model.requests).toHaveLength(2);
    expect(turnsAfterQuestion(run.model.requests[1] ?? REQUEST)[1]).toBe('user: tool_result');
  });

  it('that another owner left goes on with its calls first, and then with all that it thought', async () => {
    const before: LoggedBlock[] = [thought, use('a')].map((of, seq) => ({
      seq,
      upto: 0,
      call: 1,
      block: of,
    }));
    const run = start([last(...said('Found.'))], before);
    expect(await run.end()).toMatchObject({ kind: 'ended' });
    expect(run.carried).toEqual([['a']]);
    expect(turnsAfterQuestion(run.model.requests[0] ?? REQUEST)).toEqual([
      'assistant: thinking tool_use',
      'user: tool_result',
    ]);
  });

  it('is sent as a turn that is over where the provider refuses its thoughts', async () => {
    const refused = broken('rejected', {
      code: 'MODEL_REQUEST_REJECTED',
      retryable: false,
      message: 'messages.1.content.0: Invalid `signature` in `thinking` block.',
    });
    const run = start([round(block(thought), block(use('a'))), [refused], last(...said('Found.'))]);
    expect(await run.end()).toMatchObject({ kind: 'ended' });
    expect(run.carried).toEqual([['a']]);
    expect(turnsAfterQuestion(run.model.requests[2] ?? REQUEST)).toEqual([
      'assistant: tool_use',
      'user: tool_result',
      'user: text',
    ]);
  });

  it('that its most tokens cut is not carried out before somebody presses Continue', async () => {
    const run = start([[started, ...said('I look.'), block(use('a')), counted(5), stopped('max_tokens')]]);
    expect(await run.end()).toMatchObject({ kind: 'ended', reason: 'max_tokens' });
    expect(run.carried).toEqual([]);
  });

  it('words that were cut behind a result meet those that follow, and nothing is called again', async () => {
    const run = start([
      round(...said('I look.'), block(use('a'))),
      [started, { type: 'text_start' }, text('The ticket is '), broken('connection_lost')],
      last(...said('The ticket is open.')),
    ]);
    expect(await run.end()).toMatchObject({ kind: 'ended' });
    expect(run.answer()).toBe('I look.The ticket is open.');
    expect(run.carried).toEqual([['a']]);
    expect(turnsAfterQuestion(run.model.requests[2] ?? REQUEST)).toEqual([
      'assistant: text tool_use',
      'user: tool_result',
      'assistant: text',
      'user: text',
    ]);
  });

  it('for ever ends after eight rounds: then nothing may be called, and that is told', async () => {
    const rounds = Array.from({ length: 8 }, (_, n) => round(block(use(`${n}`))));
    const run = start([...rounds, last(...said('That is all.'))]);
    expect(await run.end()).toMatchObject({ kind: 'ended', reason: 'end' });
    expect(run.model.requests.map(({ mayCall }) => mayCall)).toEqual([...Array(8).fill(true), false]);
    expect(run.notes).toEqual(['enough']);
    expect(JSON.stringify(run.model.requests.at(-1)?.turns.at(-1))).toContain('finish the answer');
  });
});

it('a continuation of which only a blank was stored leaves no second one', async () => {
  const words = 'The quick brown fox jumps';
  const before: LoggedBlock[] = [
    { seq: 0, upto: words.length, call: 1, block: { type: 'text', text: words } },
  ];
  const run = start([last(...said('brown fox jumps over the dog.'))], before, `${words} `);
  expect(await run.end()).toMatchObject({ kind: 'ended', reason: 'end' });
  expect(run.answer()).toBe('The quick brown fox jumps over the dog.');
});
