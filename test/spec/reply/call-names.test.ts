import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { TurnBlock } from '../../../src/conversation/blocks.ts';
import { createNaming, usesIn } from '../../../src/reply/tools/names.ts';

const use = (id: unknown): TurnBlock => ({ type: 'tool_use', id, name: 'find', input: {} });
const anyId = fc.oneof(
  fc.constantFrom('toolu_1', 'toolu_1_2', 'toolu_skein', '', 'functions.find:0', '\0', 'x'.repeat(5000)),
  fc.string(),
  fc.anything(),
);

test('each call has an id of its own that the API takes back, and one that is fine stays as it came', () => {
  fc.assert(
    fc.property(fc.array(anyId), fc.array(fc.constantFrom('toolu_1', 'toolu_2', 'call_0')), (came, given) => {
      const name = createNaming(given);
      const named = usesIn(came.map((id) => name(use(id))));
      expect(named).toHaveLength(came.length);
      for (const id of named) expect(id).toMatch(/^[a-zA-Z0-9_-]{1,128}$/);
      expect(new Set([...named, ...given]).size).toBe(named.length + new Set(given).size);
      const first = came[0];
      if (
        typeof first === 'string' &&
        /^[a-zA-Z0-9_-]{1,128}$/.test(first) &&
        !new Set<string>(given).has(first)
      )
        expect(named[0]).toBe(first);
    }),
  );
});

test('what is no call of a tool of ours stays the same block', () => {
  const name = createNaming(['srvtoolu_1']);
  const blocks: TurnBlock[] = [
    { type: 'text', text: 'Hello.' },
    { type: 'server_tool_use', id: 'srvtoolu_1', name: 'web_search', input: {} },
    { type: 'tool_result', tool_use_id: 'toolu_1', content: [] },
  ];
  for (const block of blocks) expect(name(block)).toBe(block);
});
