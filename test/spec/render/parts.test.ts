import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hasForms, partsOf } from '../../../src/render/parts.ts';
import { plainText } from '../../../src/render/plain.ts';
import { createRenderer } from '../../../src/render/renderer.ts';
import { stretchesOf, wordsOf } from '../../../src/render/words-of.ts';
import { runs } from '../../support/runs.ts';
import { answer } from './generate.ts';
import { nasty } from './nasty.ts';

function segments(text: string) {
  const renderer = createRenderer();
  renderer.push(text);
  renderer.finish();
  return renderer.segments().map(({ markdown }) => ({ markdown, charts: renderer.charts() }));
}
const kinds = (text: string) =>
  segments(text).flatMap(({ markdown, charts }) => partsOf(markdown, charts).map(({ kind }) => kind));
const table = '| Name | Count |\n| --- | ---: |\n| a | 1 |\n| b | 2 |';
const chart = '```chart\n{"type":"pie","title":"Share","labels":["a","b"],"series":{"x":[1,2]}}\n```';
const bare = (text: string) => text.replace(/\s+/g, '');

describe('a finished segment in parts', () => {
  it('is the same Markdown, and nothing is left out or said twice', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          answer,
          nasty.map(({ source }) => source),
        ),
        (text) => {
          for (const { markdown, charts } of segments(text)) {
            const parts = partsOf(markdown, charts);
            expect(bare(parts.map((part) => part.markdown).join('\n'))).toBe(bare(markdown));
            expect(hasForms(markdown, charts)).toBe(parts.some(({ kind }) => kind !== 'markdown'));
          }
        },
      ),
      runs(150, 20_000),
    );
  });

  it('has in the cells of a table the words that its Markdown shows', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          answer,
          nasty.map(({ source }) => source),
        ),
        (text) => {
          for (const { markdown, charts } of segments(text))
            for (const part of partsOf(markdown, charts))
              if (part.kind === 'table') {
                const cells = [part.head, ...part.rows].flat();
                const words = cells.map((cell) => cell.map((stretch) => stretch.text).join(''));
                const escaped = plainText(part.markdown, 100_000).replace(/&(lt|gt|amp);/g, (_, name) =>
                  name === 'lt' ? '<' : name === 'gt' ? '>' : '&',
                );
                expect(bare(words.join(','))).toBe(bare(escaped.replaceAll('\n', ',')));
              }
        },
      ),
      runs(150, 20_000),
    );
  });

  it('has a table, a chart and a list of sources as such, in their places', () => {
    const text = `## First\n\n${table}\n\nBetween.\n\n${chart}\n\nAfter.\n\n**Sources:**\n\n1. [One](https://a.example)\n2. https://b.example/x`;
    expect(kinds(text)).toEqual(['markdown', 'table', 'markdown', 'chart', 'markdown', 'sources']);
  });

  it('stays Markdown where there are two tables, or one in a list or a quote', () => {
    expect(kinds(`${table}\n\nand\n\n${table.replace('Name', 'Other')}`)).toEqual(['markdown']);
    expect(kinds(`- item\n\n  ${table.replaceAll('\n', '\n  ')}`)).toEqual(['markdown']);
    expect(kinds(`> ${table.replaceAll('\n', '\n> ')}\n\n${table.replace('Name', 'Other')}`)).toEqual([
      'markdown',
    ]);
    expect(kinds(`${table}\n\nfor\n\n${chart}`)).toEqual(['table', 'markdown', 'chart']);
  });

  it('draws two charts and leaves all as tables where there are three', () => {
    const other = (title: string) => chart.replace('Share', title);
    expect(kinds(`${chart}\n\n${other('B')}`)).toEqual(['chart', 'chart']);
    expect(kinds(`${chart}\n\n${other('B')}\n\n${other('C')}`)).toEqual(['markdown']);
  });

  it('makes no chart of a table that only looks like one, and no table of code', () => {
    expect(kinds('**Share**\n\n|  | x |\n| --- | ---: |\n| a | 1 |\n| b | 2 |')).toEqual([
      'markdown',
      'table',
    ]);
    expect(kinds(`\`\`\`\n${table}\n\`\`\``)).toEqual(['markdown']);
  });

  it.each([
    ['Quellen', '## Quellen\n\n- [Eins](https://a.example)\n- [Zwei](https://b.example)', true],
    ['出典', '**出典：**\n- [一](https://a.example)\n- [二](https://b.example)', true],
    ['another heading', '## Options\n\n- [One](https://a.example)\n- [Two](https://b.example)', false],
    ['an item without a link', '## Sources\n\n- [One](https://a.example)\n- my memory', false],
    ['one source', '## Sources\n\n- [One](https://a.example)', false],
    [
      'words behind it',
      '## Sources\n\n- [One](https://a.example)\n- [Two](https://b.example)\n\nBye.',
      false,
    ],
  ])('knows a list of sources by its heading and its links: %s', (_name, text, is) => {
    expect(kinds(`Answer.\n\n${text}`).includes('sources')).toBe(is);
  });
});

it('marks, links, escapes and entities of a line become words with a look', () => {
  expect(
    stretchesOf(
      'a **b *c*** ~~d~~ `e\\f` [g **h**](https://x.example/?a=1&b=2) <https://y.example/> &lt;i> 5\\*3',
    ),
  ).toEqual([
    { text: 'a ' },
    { text: 'b ', bold: true },
    { text: 'c', bold: true, italic: true },
    { text: ' ' },
    { text: 'd', struck: true },
    { text: ' ' },
    { text: 'e\\f', code: true },
    { text: ' ' },
    { text: 'g ', url: 'https://x.example/?a=1&b=2' },
    { text: 'h', url: 'https://x.example/?a=1&b=2', bold: true },
    { text: ' ' },
    { text: 'https://y.example/', url: 'https://y.example/' },
    { text: ' <i> 5*3' },
  ]);
  expect(wordsOf('**Note**')).toBe('Note');
});
