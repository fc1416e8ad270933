import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lastPiece, nextPiece } from '../../../src/render/append.ts';
import type { RenderLimits } from '../../../src/render/limits.ts';
import { createRenderer } from '../../../src/render/renderer.ts';
import { runs } from '../../support/runs.ts';
import { answer, deltasOf, hostile } from './generate.ts';
import { joinedText, parse, visibleText } from './visible.ts';

const small: RenderLimits = {
  characters: 900,
  bytes: 1200,
  json: 1300,
  tableRows: 6,
  tableColumns: 5,
  tableCharacters: 450,
  tables: 3,
};
const cuts = fc.array(fc.nat({ max: 1_000_000 }), { maxLength: 30 });

interface Streamed {
  /** Pieces of each segment, the closing one last. */
  readonly pieces: readonly (readonly string[])[];
  readonly final: readonly string[];
  /** Segments whose final form does not begin with what was appended. */
  readonly broken: readonly number[];
}

/** Feeds one native stream per segment, looking after each delta. */
function stream(deltas: readonly string[], limits: Partial<RenderLimits>): Streamed {
  const renderer = createRenderer({ ...limits, steady: true });
  const pieces: string[][] = [];
  const broken = new Set<number>();
  const close = (index: number, markdown: string) => {
    const sent = (pieces[index] ?? []).join('');
    const last = lastPiece(sent, markdown);
    if (last === null) broken.add(index);
    else pieces[index] = [...(pieces[index] ?? []), last];
  };
  let closed = 0;
  const look = () => {
    const segments = renderer.segments();
    for (const { index, markdown, sealed } of segments) {
      if (!sealed || index < closed) continue;
      close(index, markdown);
      closed = index + 1;
    }
    const sent = (pieces[closed] ?? []).join('');
    const piece = nextPiece(sent, renderer.settled());
    if (piece === null) broken.add(closed);
    else if (piece !== '') pieces[closed] = [...(pieces[closed] ?? []), piece];
  };
  for (const delta of deltas) {
    renderer.push(delta);
    look();
  }
  renderer.finish();
  const final = renderer.segments().map(({ markdown }) => markdown);
  final.slice(closed).forEach((markdown, offset) => {
    close(closed + offset, markdown);
  });
  return { pieces, final, broken: [...broken] };
}

describe('what is appended to a stream', () => {
  it.each([
    ['segments of the usual size', {}],
    ['very small segments', small],
  ])('is, together with its closing, the final text for any cut into deltas: %s', (_name, limits) => {
    fc.assert(
      fc.property(fc.oneof(answer, hostile), cuts, (text, places) => {
        const { pieces, final, broken } = stream(deltasOf(text, places), limits);
        expect(broken).toEqual([]);
        expect(pieces.map((list) => list.join('').trimEnd())).toEqual(final);
      }),
      runs(60, 2000),
    );
  });

  it('comes in pieces that begin with a word and never split a mark', () => {
    fc.assert(
      fc.property(answer, cuts, (text, places) => {
        for (const list of stream(deltasOf(text, places), {}).pieces)
          for (const piece of list.slice(1)) expect(piece).not.toMatch(/^\s/);
      }),
      runs(25, 1500),
    );
  });

  it('says the same as the answer', () => {
    fc.assert(
      fc.property(answer, (text) => {
        const { final } = stream([text], small);
        expect(joinedText(final)).toBe(visibleText(text));
        for (const markdown of final) {
          expect(markdown.length).toBeLessThanOrEqual(small.characters);
          expect(Buffer.byteLength(markdown)).toBeLessThanOrEqual(small.bytes);
        }
      }),
      runs(25, 1500),
    );
  });
});

function appended(text: string): string {
  const renderer = createRenderer({ steady: true });
  renderer.push(text);
  return nextPiece('', renderer.settled()) ?? '';
}

describe('while a line is being written', () => {
  it.each([
    ['all but the last word of prose', 'Some plain wor', 'Some plain '],
    ['nothing of emphasis that is open', 'It is **very impor', 'It '],
    ['emphasis that is closed', 'It is **very** impor', 'It is **very** '],
    ['nothing of a link that is open', 'Do see [the docs](https://exam', 'Do '],
    [
      'a link that is complete',
      'See [the docs](https://example.com) for',
      'See [the docs](https://example.com) ',
    ],
    ['nothing of code that is open', 'Do call `do_it(', 'Do '],
    ['whole lines of a code block', '```ts\nconst a = 1;\nconst b', '```ts\nconst a = '],
    [
      'rows of a table that another row follows',
      '| a |\n|---|\n| one |\n| two |\n| th',
      '| a |\n| --- |\n| one |\n',
    ],
    ['no header of a table without its dashes', 'Look:\n\n| a | b |\n|---|---|\n| o', 'Look:\n\n'],
    [
      'no mark of an item or a heading without a word',
      'Look:\n\n## A\n\n- one\n  - two',
      'Look:\n\n## A\n\n- one\n  ',
    ],
    ['nothing of what may become a table', 'Look at\n| a | b |', 'Look '],
    ['items of a list', '- one\n- two thr', '- one\n- two '],
  ])('it is %s', (_what, text, expected) => {
    expect(appended(text)).toBe(expected);
  });

  it('long prose is never more than a word behind', () => {
    const text = 'lorem ipsum dolor sit amet '.repeat(60);
    expect(appended(text).length).toBeGreaterThan(text.length - 12);
  });

  it('a text without blanks is not held back', () => {
    expect(appended('\u6f22\u5b57'.repeat(100)).length).toBe(199);
  });

  it('an underlined heading is a line above a rule', () => {
    const renderer = createRenderer({ steady: true });
    renderer.push('Title\n=====\n\ntext');
    renderer.finish();
    expect(parse(renderer.segments()[0]?.markdown ?? '').children?.map(({ type }) => type)).toEqual([
      'paragraph',
      'thematicBreak',
      'paragraph',
    ]);
  });
});
