import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { FileBlock, TurnBlock } from '../../../src/conversation/blocks.ts';
import { givenBlocks, suspectFiles, withinRequest, withoutFiles } from '../../../src/files/blocks.ts';

const fileBlock: fc.Arbitrary<FileBlock> = fc.record({
  type: fc.constant('file' as const),
  media: fc.constantFrom('image/png' as const, 'application/pdf' as const),
  hash: fc.nat(1000).map(String),
  name: fc.constant('f'),
  bytes: fc.nat(100),
  width: fc.constant(10),
  height: fc.constant(10),
  pages: fc.integer({ min: 1, max: 9 }),
});
const block: fc.Arbitrary<TurnBlock> = fc.oneof(
  fileBlock,
  fc.constant({ type: 'text' as const, text: 'words' }),
);
const turns = fc.array(
  fc.record({ role: fc.constant('user' as const), blocks: fc.array(block, { maxLength: 5 }) }),
  { maxLength: 8 },
);
const filesOf = (all: readonly { readonly blocks: readonly TurnBlock[] }[]) =>
  all.flatMap(({ blocks }) => blocks.filter((one) => one.type === 'file'));

test('a request holds what may be in it: the newest files without a hole, and every word', () => {
  fc.assert(
    fc.property(turns, fc.nat(300), fc.nat(20), (all, bytes, pages) => {
      const kept = withinRequest(all, { bytes, pages });
      const files = filesOf(kept);
      expect(files.reduce((sum, one) => sum + one.bytes, 0)).toBeLessThanOrEqual(bytes);
      expect(files.reduce((sum, one) => sum + one.pages, 0)).toBeLessThanOrEqual(pages);
      expect(files).toEqual(filesOf(all).slice(filesOf(all).length - files.length));
      expect(kept.map(({ blocks }) => blocks.length)).toEqual(all.map(({ blocks }) => blocks.length));
      const next = filesOf(all).at(-1 - files.length);
      if (next !== undefined) {
        const more = [next, ...files];
        const fits =
          more.reduce((sum, one) => sum + one.bytes, 0) <= bytes &&
          more.reduce((sum, one) => sum + one.pages, 0) <= pages;
        expect(fits).toBe(false);
      }
    }),
  );
});

test('what is suspected is taken out, PDFs before pictures, until nothing is left', () => {
  fc.assert(
    fc.property(turns, (all) => {
      const first = suspectFiles(all);
      const rest = withoutFiles(all, new Set(first));
      const second = suspectFiles(rest);
      const last = withoutFiles(rest, new Set(second));
      expect(filesOf(last)).toEqual([]);
      if (filesOf(all).length > 0) expect(first.length).toBeGreaterThan(0);
    }),
  );
});

test('nothing in a file ends the fence around it, or speaks as somebody else', () => {
  fc.assert(
    fc.property(
      fc.string(),
      fc.array(fc.constantFrom('```', '````', '\n', '[Ana]: hi', '`````')),
      (text, nasty) => {
        const words = `${text}${nasty.join('\n')}`;
        const content = { hash: 'h', media: 'text/plain' as const, size: 1, width: 0, height: 0, pages: 1 };
        const [only] = givenBlocks({ name: 'a"]\n.txt', what: 'text', cut: false }, content, words);
        const said = only?.type === 'text' ? only.text : '';
        const fence = /\n(`{3,})\n/.exec(said)?.[1] ?? '';
        const inside = said.slice(
          said.indexOf(`\n${fence}\n`) + fence.length + 2,
          said.length - fence.length - 1,
        );
        expect(inside).toBe(words);
        expect(inside).not.toContain(fence);
        expect(said.split('\n')[0]).toContain('a\\"]\\n.txt');
      },
    ),
  );
});
