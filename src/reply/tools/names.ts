import type { TurnBlock } from '../../conversation/blocks.ts';

/**
 * An id that the API takes back: letters, digits, `_` and `-` ("tool_use.id: String should match pattern
 * '^[a-zA-Z0-9_-]+$'", maximhq/bifrost#5097), here of a length that an index takes.
 */
const TAKEN_BACK = /^[a-zA-Z0-9_-]{1,128}$/;

/** The ids of calls in blocks. */
export function usesIn(blocks: Iterable<TurnBlock | null>): string[] {
  return [...blocks].flatMap((block) => (block?.type === 'tool_use' ? [String(block['id'])] : []));
}

/**
 * Has each call that the model makes an id of its own, by which its row, its result and its place in the transcript are found.
 * The provider's ids are unique, but what stands between us and it may give others: the same in each answer, or such as the
 * API does not take back ("`tool_use` ids must be unique", trycua/cua#524). One that was given before, in this thread or in
 * another version of this answer, would be taken for that call and get its decision and its result; so it is another id
 * here. Nobody but us reads it again. Total.
 */
export function createNaming(given: Iterable<string>): (block: TurnBlock) => TurnBlock {
  const known = new Set(given);
  return (block) => {
    if (block.type !== 'tool_use') return block;
    const came = block['id'];
    const fits = typeof came === 'string' && TAKEN_BACK.test(came);
    const stem = fits ? came.slice(0, 100) : 'toolu_skein';
    let id = fits ? came : stem;
    for (let count = 2; known.has(id); count += 1) id = `${stem}_${count}`;
    known.add(id);
    return id === came ? block : { ...block, id };
  };
}
