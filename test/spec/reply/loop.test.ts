import fc from 'fast-check';
import { expect, it } from 'vitest';
import { acceptable, type TurnBlock, turnsOfAnswer } from '../../../src/conversation/blocks.ts';
import { behindCall, gapBetween } from '../../../src/reply/show/sources.ts';
import type { LoggedBlock } from '../../../src/reply/write/logbook.ts';
import { loopOf } from '../../../src/reply/write/loop.ts';

const thought: TurnBlock = { type: 'thinking', thinking: '', signature: 's' };
const use = (id: string): TurnBlock => ({ type: 'tool_use', id, name: 'find', input: {} });
const result = (id: string): TurnBlock => ({ type: 'tool_result', tool_use_id: id, content: [] });
const text = (words: string): TurnBlock => ({ type: 'text', text: words });

/** Blocks as they are logged: `[call, block]`, a text with its words in the log. */
function logged(...rows: readonly (readonly [number, TurnBlock | null])[]): {
  rows: LoggedBlock[];
  log: string;
} {
  let log = '';
  const found = rows.map(([call, block], seq) => {
    log += block === null ? '\n\n' : block.type === 'text' ? block.text : '';
    return { seq, upto: log.length, call, block };
  });
  return { rows: found, log };
}

it('calls without a result come first, with all of their round as it came', () => {
  const { rows, log } = logged(
    [1, thought],
    [1, text('I look.')],
    [1, use('a')],
    [1, use('b')],
    [1, result('a')],
  );
  const loop = loopOf(rows, log);
  expect(loop.before).toEqual([]);
  expect(loop.since.map(({ type }) => type)).toEqual([
    'thinking',
    'text',
    'tool_use',
    'tool_use',
    'tool_result',
  ]);
  expect(loop.uses.map((block) => block['id'])).toEqual(['b']);
});

it('behind results the loop goes on, and what was only thought there is asked for again', () => {
  const rounds = [
    [1, thought],
    [1, use('a')],
    [1, result('a')],
  ] as const;
  const whole = logged(...rounds);
  const again = logged(...rounds, [2, thought]);
  expect(loopOf(again.rows, again.log)).toEqual(loopOf(whole.rows, whole.log));
  expect(loopOf(whole.rows, whole.log)).toMatchObject({ since: [thought, use('a'), result('a')], uses: [] });
});

it('words that were cut behind a result end the loop, and nothing of it is lost', () => {
  const { rows, log } = logged(
    [1, thought],
    [1, text('I look.')],
    [1, use('a')],
    [1, result('a')],
    [2, null],
  );
  const loop = loopOf(rows, `${log}Ticket 7 is`);
  expect(loop).toEqual({
    before: [text('I look.'), use('a'), result('a'), text('Ticket 7 is')],
    since: [],
    uses: [],
  });
});

it('a loop begins behind the last cut, because there the model was asked to go on', () => {
  const { rows, log } = logged(
    [1, thought],
    [1, text('One ')],
    [2, thought],
    [2, text('two.')],
    [2, use('a')],
  );
  const loop = loopOf(rows, log);
  expect(loop.before).toEqual([text('One ')]);
  expect(loop.since.map(({ type }) => type)).toEqual(['thinking', 'text', 'tool_use']);
});

it('however an answer was cut, what goes on is acceptable to the API once its calls have results', () => {
  const round = fc.tuple(fc.boolean(), fc.boolean(), fc.integer({ min: 0, max: 3 }));
  fc.assert(
    fc.property(
      fc.array(round, { maxLength: 5 }),
      fc.nat(30),
      fc.string({ maxLength: 5 }),
      (rounds, cut, tail) => {
        let calls = 0;
        const rows = rounds.flatMap(([thinks, speaks, uses], at): (readonly [number, TurnBlock])[] => {
          const ids = Array.from({ length: uses }, () => `toolu_${++calls}`);
          return [
            ...(thinks ? [[at, thought] as const] : []),
            ...(speaks ? [[at, text(`words ${at}.`)] as const] : []),
            ...ids.map((id) => [at, use(id)] as const),
            ...ids.map((id) => [at, result(id)] as const),
          ];
        });
        const { rows: all, log } = logged(...rows.slice(0, cut));
        const { before, since, uses } = loopOf(all, log + tail);
        expect(acceptable(before)).toEqual(before);
        const after = [...since, ...uses.map((block) => result(String(block['id'])))];
        const turns = turnsOfAnswer(after);
        turns.forEach(({ role, blocks }, at) => {
          const made = blocks.flatMap((block) => (block.type === 'tool_use' ? [block['id']] : []));
          const next = turns[at + 1]?.blocks.map((block) =>
            'tool_use_id' in block ? block['tool_use_id'] : null,
          );
          if (role === 'assistant') expect(made.every((id) => next?.includes(id))).toBe(true);
        });
      },
    ),
  );
});

it.each([
  ['I look.', 'Ticket 7', '\n\n'],
  ['I look:', 'Ticket 7', '\n\n'],
  ['"I look."', 'Ticket 7', '\n\n'],
  ['The tower is 330 m. [1][2]', 'It', '\n\n'],
  ['the height is', '330 m', ' '],
  ['I look. ', 'Ticket 7', ''],
  ['I look.', '\n\nTicket 7', ''],
  ['330 m', ', as', ''],
  ['', 'Ticket 7', ''],
])('between %j and %j stands %j', (before, next, gap) => {
  expect(gapBetween(before, next)).toBe(gap);
});

it.each([
  ['- ', ' Anchor cedar', 'Anchor cedar'],
  ['- ', 'Anchor cedar', 'Anchor cedar'],
  ['- ', '\n- Anchor', '\n- Anchor'],
  ['-', ' Anchor', ' Anchor'],
  ['A list:\n', '  - inner', '  - inner'],
])('behind a call %j goes on with %j as %j', (before, next, shown) => {
  expect(behindCall(before, next)).toBe(shown);
});
