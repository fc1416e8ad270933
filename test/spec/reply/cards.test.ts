import fc from 'fast-check';
import { expect, it } from 'vitest';
import { checkMessageBlocks, checkView } from '../../../playground/slack/blockLimits.ts';
import { windowOf } from '../../../src/controls/whole.ts';
import { parseCallPress } from '../../../src/reply/cards/actions.ts';
import { argumentRows, line, seen, wholeArguments, wholeResult } from '../../../src/reply/cards/arguments.ts';
import { type CardFacts, cardOf, shareCardOf } from '../../../src/reply/cards/look.ts';
import { lookOfCard } from '../../../src/slack/send/cards.ts';

const CALL: CardFacts = {
  id: '11111111-1111-4111-8111-111111111111',
  server: 'tracker',
  tool: 'create',
  title: 'Create a ticket',
  input: '{"title":"Fire"}',
  reads: false,
  account: 'workspace',
  person: 'U1',
  state: 'proposed',
  decidedBy: null,
  result: null,
  sharing: null,
  createdAt: new Date('2026-11-29T10:00:00Z'),
  channel: 'C1',
  direct: false,
  granted: false,
};

const HOSTILE = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 4000 }),
  fc.constantFrom(
    '<!channel>',
    '<@U2>',
    '<https://evil.example|harmless>',
    '*bold* _it_ ~no~ `code`',
    '&lt;!here&gt;',
    'a\nto: nobody',
    '\u202egnp.exe',
    '```',
  ),
);
const STATES = [
  'proposed',
  'approved',
  'denied',
  'expired',
  'refused',
  'running',
  'done',
  'failed',
  'unknown',
];

const anyCall = fc.record({
  title: HOSTILE,
  tool: HOSTILE,
  input: fc.oneof(
    HOSTILE,
    fc.json(),
    fc.dictionary(HOSTILE, HOSTILE).map((all) => JSON.stringify(all)),
  ),
  account: fc.constantFrom('none', 'workspace', 'person'),
  state: fc.constantFrom(...STATES),
  sharing: fc.constantFrom(null, 'withheld', 'released', 'kept'),
  decidedBy: fc.constantFrom(null, 'U2'),
  result: fc.oneof(
    fc.constant(null),
    HOSTILE,
    HOSTILE.map((text) => JSON.stringify([{ type: 'text', text }])),
  ),
  granted: fc.boolean(),
  reads: fc.boolean(),
});

it('whatever the model and the server wrote, Slack takes the card and it names nobody but who it is about', () => {
  fc.assert(
    fc.property(anyCall, fc.boolean(), (more, calls) => {
      for (const card of [cardOf({ ...CALL, ...more }, calls), shareCardOf({ ...CALL, ...more })])
        for (const plain of [false, true]) {
          const { text, blocks } = lookOfCard(plain ? { ...card, plain } : card);
          expect(() => checkMessageBlocks(blocks)).not.toThrow();
          expect(text.replaceAll(/<@U1> /g, '')).not.toMatch(/[<>]/);
          const json = JSON.stringify(blocks);
          expect(json).not.toMatch(/"type":"(?:link|usergroup|broadcast|emoji|channel)"/);
          const grey = blocks.filter(({ type }) => type === 'context') as unknown as {
            elements: { type: string; text: string }[];
          }[];
          const markup = grey
            .flatMap(({ elements }) => elements)
            .flatMap(({ type, text: words }) => (type === 'mrkdwn' ? [words] : []));
          for (const one of markup) expect(one).toMatch(/^<(?:@U[12]|#C1|!date\^\d+\^[^<>]*)>$/);
        }
    }),
    { numRuns: 300 },
  );
});

it('the card of a proposal asks, names its asker once and has the buttons; decided it is one grey line', () => {
  const { blocks, text } = lookOfCard(cardOf(CALL, true));
  expect(text).toBe('<@U1> Claude wants to use Create a ticket of tracker');
  expect(blocks.map(({ type }) => type)).toEqual(['rich_text', 'rich_text', 'context', 'actions']);
  for (const state of STATES.slice(1)) {
    const card = cardOf({ ...CALL, state, decidedBy: 'U2' }, true);
    expect(lookOfCard(card).blocks.map(({ type }) => type)).toEqual(['context']);
    expect(card.mention).toBeNull();
  }
  const granted = cardOf({ ...CALL, state: 'done', decidedBy: 'U1', granted: true }, true);
  expect(granted.buttons.map(({ action }) => action)).toEqual(['reply_call_ask_again']);
});

it('an argument is one line, however many it has, and nothing in it is unseen', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary', maxLength: 500 }),
      fc.integer({ min: 1, max: 400 }),
      (text, most) => {
        const shown = line(text, most);
        expect(shown.length).toBeLessThanOrEqual(most);
        expect(shown).not.toMatch(/[\n\p{Cc}\u202a-\u202e\u2066-\u2069\u200b-\u200f]/u);
      },
    ),
  );
  expect(line('a\nto: nobody', 50)).toBe('a ⏎ to: nobody');
  expect(seen('a\u202eb')).toBe('a\ufffdb');
});

it('all of the arguments are in the window, in the order in which they were written', () => {
  const input = JSON.stringify({ b: 'x'.repeat(7000), a: { deep: [1, 2] }, c: null });
  const { rows, shortened } = argumentRows(input);
  expect(shortened).toBe(true);
  expect(rows.map(({ name }) => name)).toEqual(['b', 'a', 'c']);
  expect(rows[1]?.value).toBe('{"deep":[1,2]}');
  const whole = wholeArguments(input);
  expect(whole).toContain('x'.repeat(7000));
  const view = windowOf('Create', whole);
  expect(() => checkView({ ...view })).not.toThrow();
  const shown = view.blocks.flatMap((block) => ('text' in block ? [block.text.text] : [])).join('');
  expect(shown).toContain('x'.repeat(2800));
  const many = JSON.stringify(Object.fromEntries(Array.from({ length: 40 }, (_, at) => [`k${at}`, at])));
  expect(argumentRows(many).rows.at(-1)?.value).toBe('… and 28 more');
  expect(argumentRows('{}')).toEqual({
    rows: [{ name: '', value: 'It has no arguments.' }],
    shortened: false,
  });
  expect(argumentRows('not JSON').rows).toEqual([{ name: '', value: 'not JSON' }]);
});

it('a result is shown as text, and a picture in it by a word', () => {
  const result = JSON.stringify([
    { type: 'text', text: 'one' },
    { type: 'image', source: {} },
    { type: 'text', text: 'two' },
  ]);
  expect(wholeResult(result)).toBe('one\n\n[a picture]\n\ntwo');
  expect(wholeResult(null)).toBe('(nothing)');
  const framed = ['<tool_result_data server="a" tool="b">', 'mine', '</tool_result_data>'];
  expect(wholeResult(JSON.stringify(framed.map((text) => ({ type: 'text', text }))))).toBe('mine');
});

it('only our own buttons with the id of a call are presses on a card', () => {
  expect(parseCallPress('reply_call_approve', CALL.id)).toEqual({
    control: 'call',
    choice: 'approve',
    call: CALL.id,
  });
  fc.assert(
    fc.property(fc.string(), fc.string({ minLength: 1 }), (action, more) => {
      expect(parseCallPress(action, CALL.id)).toBeNull();
      expect(parseCallPress('reply_call_deny', `${CALL.id}${more}`)).toBeNull();
    }),
  );
});
