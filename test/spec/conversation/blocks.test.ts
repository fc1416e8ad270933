import fc from 'fast-check';
import { expect, it } from 'vitest';
import { readPairs } from '../../../playground/model/tools.ts';
import {
  acceptable,
  type TurnBlock,
  textOf,
  turnsOfAnswer,
  withTools,
} from '../../../src/conversation/blocks.ts';

const id = fc.constantFrom('a', 'b', 'c');
const block: fc.Arbitrary<TurnBlock> = fc.oneof(
  fc.record({ type: fc.constant('text' as const), text: fc.constantFrom('words ', ' ', '\n', 'more') }),
  fc.record({
    type: fc.constant('server_tool_use' as const),
    id,
    name: fc.constant('web_search'),
    input: fc.object(),
  }),
  fc.record({
    type: fc.constant('web_search_tool_result' as const),
    tool_use_id: id,
    content: fc.constant([]),
  }),
  fc.record({
    type: fc.constant('web_fetch_tool_result' as const),
    tool_use_id: id,
    content: fc.constant([]),
  }),
  fc.record({ type: fc.constant('thinking' as const), thinking: fc.string(), signature: fc.string() }),
);
const answer = fc.uniqueArray(block, {
  maxLength: 12,
  selector: (one) =>
    one.type === 'text' || one.type === 'file'
      ? Math.random()
      : `${one.type} ${String(one['id'] ?? one['tool_use_id'])}`,
});

it('an answer that ended anywhere is one that the API takes in a later turn, and keeps its words', () => {
  fc.assert(
    fc.property(answer, fc.nat(12), (blocks, cut) => {
      const kept = acceptable(blocks.slice(0, cut));
      const question = { role: 'user', content: [{ type: 'text', text: 'Hm?' }] };
      const turns = turnsOfAnswer(kept).map(({ role, blocks: content }) => ({ role, content }));
      expect(() => readPairs([question, ...turns, question])).not.toThrow();
      expect(kept.every((one) => one.type !== 'text' || one.text.trim() !== '')).toBe(true);
      expect(textOf(kept).replace(/\s/g, '')).toBe(textOf(blocks.slice(0, cut)).replace(/\s/g, ''));
    }),
  );
});

it('what is whole stays as it was, in order', () => {
  const whole: readonly TurnBlock[] = [
    { type: 'text', text: 'I look that up.' },
    { type: 'server_tool_use', id: 'a', name: 'web_search', input: { query: 'x' } },
    { type: 'web_search_tool_result', tool_use_id: 'a', content: [] },
    { type: 'text', text: 'Found.' },
  ];
  expect(acceptable(whole)).toEqual(whole);
});

it('without tools only the words are left, and no citation that points at what is gone', () => {
  const blocks: readonly TurnBlock[] = [
    { type: 'server_tool_use', id: 'a', name: 'web_search', input: {} },
    { type: 'web_search_tool_result', tool_use_id: 'a', content: [] },
    { type: 'text', text: 'Found.', citations: [{ type: 'web_search_result_location' }] },
  ];
  expect(withTools(blocks, { web: false, client: false })).toEqual([{ type: 'text', text: 'Found.' }]);
  expect(withTools(blocks, { web: true, client: false })).toEqual(blocks);
});

it('what our own tools gave is said by the user, behind the calls', () => {
  const blocks: readonly TurnBlock[] = [
    { type: 'text', text: 'One moment.' },
    { type: 'tool_use', id: 'a', name: 'x', input: {} },
    { type: 'tool_use', id: 'b', name: 'x', input: {} },
    { type: 'tool_result', tool_use_id: 'a', content: 'A' },
    { type: 'tool_result', tool_use_id: 'b', content: 'B' },
    { type: 'text', text: 'Done.' },
  ];
  expect(turnsOfAnswer(blocks).map(({ role, blocks: of }) => [role, of.length])).toEqual([
    ['assistant', 3],
    ['user', 2],
    ['assistant', 1],
  ]);
});
