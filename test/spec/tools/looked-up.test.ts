import { expect, it } from 'vitest';
import type { TurnBlock } from '../../../src/conversation/blocks.ts';
import { blocksTokens } from '../../../src/conversation/window.ts';
import { lookedUpIn } from '../../../src/tools/steps.ts';

const CALL: TurnBlock = { type: 'tool_use', id: 'toolu_1', name: 'tracker_find', input: { id: 7 } };
const result = (content: readonly object[]): TurnBlock => ({
  type: 'tool_result',
  tool_use_id: 'toolu_1',
  content,
});

it('an export names what was called, with what, and what it gave', () => {
  const given = [
    { type: 'text', text: '<tool_result_data>' },
    { type: 'text', text: 'open' },
  ];
  expect(lookedUpIn([CALL, result(given)])).toEqual([
    { tool: 'tracker_find', input: { id: 7 }, gave: '<tool_result_data>\nopen' },
  ]);
  expect(lookedUpIn([CALL])).toEqual([{ tool: 'tracker_find', input: { id: 7 }, gave: '' }]);
});

it('what a tool gave counts as the words that it is, and a picture by its most and not by its letters', () => {
  const words = blocksTokens([result([{ type: 'text', text: 'Привет '.repeat(1000) }])]);
  expect(words).toBeGreaterThan(4000);
  const picture = {
    type: 'image',
    source: { type: 'base64', media_type: 'image/png', data: 'A'.repeat(60_000) },
  };
  expect(blocksTokens([result([picture])])).toBeLessThan(6000);
});
