import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createBlockReader } from '../../../src/model/blocks.ts';

/** The blocks that the reader makes of these events. */
function blocksOf(events: readonly unknown[]) {
  const reader = createBlockReader();
  return events.flatMap((event) => {
    const step = reader.take(event);
    return step?.type === 'block' ? [step.block] : [];
  });
}

it('a call has its whole input, however its JSON was cut', () => {
  fc.assert(
    fc.property(fc.object(), fc.array(fc.nat(400), { maxLength: 8 }), (input, cuts) => {
      const json = JSON.stringify(input);
      const at = [...new Set([0, ...cuts.map((cut) => cut % (json.length + 1)), json.length])].sort(
        (a, b) => a - b,
      );
      const pieces = ['', ...at.slice(1).map((end, index) => json.slice(at[index], end))];
      const [block] = blocksOf([
        {
          type: 'content_block_start',
          index: 0,
          content_block: { type: 'tool_use', id: 'a', name: 'x', input: {} },
        },
        ...pieces.map((partial_json) => ({
          type: 'content_block_delta',
          index: 0,
          delta: { type: 'input_json_delta', partial_json },
        })),
        { type: 'content_block_stop', index: 0 },
      ]);
      expect(JSON.stringify(block)).toBe(`{"type":"tool_use","id":"a","name":"x","input":${json}}`);
    }),
  );
});

it('a text has its citations, whether they come before or after its words', () => {
  const citation = { type: 'web_search_result_location', url: 'https://a.com', encrypted_index: 'E' };
  const start = { type: 'content_block_start', content_block: { type: 'text', text: '', citations: [] } };
  const words = { type: 'content_block_delta', delta: { type: 'text_delta', text: 'So.' } };
  const cite = { type: 'content_block_delta', delta: { type: 'citations_delta', citation } };
  const stop = { type: 'content_block_stop' };
  const block = { type: 'text', text: 'So.', citations: [citation] };
  expect(blocksOf([start, words, cite, stop])).toEqual([block]);
  expect(blocksOf([start, cite, words, stop])).toEqual([block]);
});

it('a thought keeps its signature, and one that was cut is not told', () => {
  const start = {
    type: 'content_block_start',
    content_block: { type: 'thinking', thinking: '', signature: '' },
  };
  const sign = { type: 'content_block_delta', delta: { type: 'signature_delta', signature: 'sig' } };
  expect(blocksOf([start, sign, { type: 'content_block_stop' }])).toEqual([
    { type: 'thinking', thinking: '', signature: 'sig' },
  ]);
  expect(blocksOf([start, sign])).toEqual([]);
});

it('whatever comes, nothing is thrown and no block of an unknown kind is told', () => {
  fc.assert(
    fc.property(fc.array(fc.anything()), (events) => {
      for (const block of blocksOf(events)) expect(block).toHaveProperty('type');
    }),
  );
  const unknown = { type: 'content_block_start', content_block: { type: 'hologram' } };
  expect(blocksOf([unknown, { type: 'content_block_stop' }])).toEqual([]);
});
