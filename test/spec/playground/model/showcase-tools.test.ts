import { expect, test } from 'vitest';
import { showcaseScript } from '../../../../playground/model/showcase.ts';
import type { ScriptedAnswer } from '../../../../playground/model/types.ts';
import { createDesk } from '../../../../playground/tools/desk.ts';

/** The tools of the help desk, as they come in a request. */
const tools = createDesk().tools.map(({ definition: { name, description, inputSchema } }) => ({
  name: `tickets__${name}`,
  description,
  input_schema: inputSchema,
}));

function answer(
  asked: string,
  more: readonly object[] = [],
  offered: readonly object[] = tools,
): ScriptedAnswer {
  const turns = [{ role: 'user', text: `[Ana (U1)]: ${asked}` } as const];
  return showcaseScript({
    number: 7,
    model: 'claude-sonnet-4-6',
    maxTokens: 1024,
    system: '',
    turns,
    body: { tools: offered, messages: [{ role: 'user', content: asked }, ...more] },
  });
}

const callsIn = ({ parts = [] }: ScriptedAnswer) =>
  parts.flatMap((part) => ('call' in part ? [[part.call.name, part.call.input]] : []));

test.each([
  ['create a ticket about the broken lift', 'create_ticket', { title: 'the broken lift' }],
  ['please open a ticket: the “lift” is broken!', 'create_ticket', { title: 'the “lift” is broken' }],
  ['find tickets printer', 'find_ticket', { query: 'printer' }],
  ['find ticket 7', 'find_ticket', { query: '7' }],
  ['set the status of T-101 to closed', 'set_status', { id: 'T-101', status: 'closed' }],
  ['delete ticket T-102', 'delete_ticket', { id: 'T-102' }],
  ['make me a slow report of 5 seconds', 'slow_report', { seconds: 5 }],
  ['who am I?', 'who_am_i', {}],
])('“%s” calls the tool that it names, with arguments out of the words', (asked, tool, input) => {
  const said = answer(asked);
  expect(callsIn(said)).toEqual([[`tickets__${tool}`, input]]);
  expect(said.stopReason).toBe('tool_use');
});

test('two wishes are two calls, each with an id of its own', () => {
  const { parts = [] } = answer('create a ticket about noise and then find tickets noise');
  const ids = parts.flatMap((part) => ('call' in part ? [part.call.id] : []));
  expect(new Set(ids).size).toBe(2);
});

test('nothing is called that is not offered, and other questions are answered as ever', () => {
  expect(callsIn(answer('create a ticket about the lift', [], []))).toEqual([]);
  expect(callsIn(answer('show me a table'))).toEqual([]);
  expect(answer('show me a table').text).toContain('| Form |');
});

const after = (content: unknown, failed: boolean) =>
  answer('create a ticket about the lift', [
    {
      role: 'assistant',
      content: [{ type: 'tool_use', id: 'toolu_1', name: 'tickets__create_ticket', input: {} }],
    },
    {
      role: 'user',
      content: [
        { type: 'tool_result', tool_use_id: 'toolu_1', content, ...(failed ? { is_error: true } : {}) },
      ],
    },
  ]).text;

test('it answers from what came back, also where that is a no', () => {
  const frame = (text: string) => [
    { type: 'text', text: '<tool_result_data server="tickets" tool="create_ticket">' },
    { type: 'text', text },
    { type: 'text', text: '</tool_result_data>' },
  ];
  const done = after(frame('Created T-4711: <!channel> the *lift*'), false);
  expect(done).toContain('Created T-4711: ');
  expect(done).toContain('create ticket');
  expect(done).not.toMatch(/<!channel>|tool_result_data/);
  expect(after('A person was asked and said no: this was not done.', true)).toMatch(
    /did not do it[\s\S]*said no: this was not done/,
  );
});
