import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkMessageBlocks } from '../../../../playground/slack/blockLimits.ts';
import { visibleText } from '../../../../playground/slack/visible.ts';
import { createRenderer } from '../../../../src/render/renderer.ts';
import { lookOfSegment } from '../../../../src/slack/send/look.ts';
import { runs } from '../../../support/runs.ts';
import { answer } from '../../render/generate.ts';
import { nasty } from '../../render/nasty.ts';

const names = { user: (id: string) => id, channel: (id: string) => id };
// Whole control sequences only: nothing less is one.
const control =
  /<(?:!(?:channel|here|everyone|group)(?:[|^][^<>\n]*)?|!(?:subteam|date)\^[^<>\n]*|@[UWBST][A-Z0-9]+(?:\|[^<>\n]*)?|#[CDG][A-Z0-9]+(?:\|[^<>\n]*)?)>/;

function looks(
  text: string,
  refused: ReadonlySet<'table' | 'data_table' | 'data_visualization'> = new Set(),
) {
  const renderer = createRenderer();
  renderer.push(text);
  renderer.finish();
  const charts = renderer.charts();
  return renderer.segments().map(({ markdown }) => {
    const content = { markdown, notice: null, buttons: [] };
    return {
      grown: lookOfSegment(content),
      over: lookOfSegment({ ...content, over: true, charts }, refused),
    };
  });
}
const only = (text: string) => {
  const [look] = looks(text);
  if (look === undefined) throw new Error('no segment');
  return look.over;
};
const types = (blocks: readonly { type: string }[]) => blocks.map(({ type }) => type);
/** Letters and digits, without addresses: those of links are not shown. */
const letters = (blocks: readonly unknown[]) =>
  visibleText({ text: '', blocks }, names)
    .replace(/(?<=\]\()\S*(?=\))/g, '')
    .replace(/^\s*(?:```|~~~).*$/gm, '')
    .replace(/&(?:lt|amp|copy);/g, '')
    .replace(/[^\p{L}\p{N}]/gu, '');

const row = (cells: readonly (string | number)[]) => `| ${cells.join(' | ')} |`;
const table = (rows: readonly (readonly (string | number)[])[]) =>
  [row(['Name', 'Count', 'Share']), '| --- | ---: | :-: |', ...rows.map(row)].join('\n');
const few = table([
  ['**a**', 1, '10 %'],
  ['[b](https://x.example)', '', '`c`'],
]);
const many = table(Array.from({ length: 12 }, (_, at) => [`row ${at}`, `${1 + at},000`, `${at}%`]));

describe('whatever is written', () => {
  it('is taken by Slack as far as its limits are known, and pings nobody', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          answer,
          nasty.map(({ source }) => source),
        ),
        (text) => {
          for (const { over } of looks(text)) {
            expect(() => checkMessageBlocks(over.blocks)).not.toThrow();
            for (const block of over.blocks)
              if (block.type !== 'markdown') expect(JSON.stringify(block)).not.toMatch(control);
          }
        },
      ),
      runs(150, 10_000),
    );
  });

  it('shows the same letters in its forms as it did while it grew', () => {
    fc.assert(
      fc.property(nasty, ({ source }) => {
        for (const { grown, over } of looks(source)) expect(letters(over.blocks)).toBe(letters(grown.blocks));
      }),
      runs(100, 10_000),
    );
  });
});

it('a short table is a table with its columns as they were, and an empty cell is a blank', () => {
  const { blocks, forms } = only(`Before.\n\n${few}\n\nAfter.`);
  expect(types(blocks)).toEqual(['markdown', 'table', 'markdown']);
  expect(forms).toEqual(['table']);
  expect(blocks[1]).toMatchObject({
    column_settings: [{ align: 'left' }, { align: 'right' }, { align: 'center' }],
    rows: [
      [{ type: 'raw_text', text: 'Name' }, { text: 'Count' }, { text: 'Share' }],
      [
        { type: 'rich_text', elements: [{ elements: [{ type: 'text', text: 'a', style: { bold: true } }] }] },
        { type: 'raw_text', text: '1' },
        { type: 'raw_text', text: '10 %' },
      ],
      [
        {
          type: 'rich_text',
          elements: [{ elements: [{ type: 'link', text: 'b', url: 'https://x.example' }] }],
        },
        { type: 'raw_text', text: ' ' },
        { type: 'rich_text', elements: [{ elements: [{ text: 'c', style: { code: true } }] }] },
      ],
    ],
  });
});

it('a long table can be sorted, its numbers as numbers, and none of its rows is on another page', () => {
  const { blocks, forms } = only(many);
  expect(forms).toEqual(['data_table']);
  expect(blocks[0]).toMatchObject({ type: 'data_table', caption: '12 rows', page_size: 100 });
  const [head, first] = (blocks[0] as unknown as { rows: unknown[][] }).rows;
  expect(head?.[1]).toEqual({ type: 'raw_text', text: 'Count' });
  expect(first).toEqual([
    { type: 'raw_text', text: 'row 0' },
    { type: 'raw_number', text: '1,000', value: 1000 },
    { type: 'raw_number', text: '0%', value: 0 },
  ]);
});

it('a column with one cell that is no number is a column of words', () => {
  const { blocks } = only(many.replace('5,000', '1.234,5'));
  expect(JSON.stringify(blocks[0])).not.toContain('"value":1000');
});

it('a chart is drawn in place of its title and its table', () => {
  const json = {
    type: 'line',
    title: 'Sales',
    x: 'Month',
    y: 'EUR',
    labels: ['Jan', '<!here>'],
    series: { A: [1, 2] },
  };
  const { blocks, forms } = only(`Look:\n\n\`\`\`chart\n${JSON.stringify(json)}\n\`\`\`\n\nWell.`);
  expect(types(blocks)).toEqual(['markdown', 'data_visualization', 'markdown']);
  expect(forms).toEqual(['data_visualization']);
  expect(blocks[1]).toMatchObject({
    title: 'Sales',
    chart: {
      type: 'line',
      series: [{ name: 'A', data: [{ label: 'Jan', value: 1 }, { value: 2 }] }],
      axis_config: { categories: ['Jan', '<\u2060!here>'], x_label: 'Month', y_label: 'EUR' },
    },
  });
});

it('sources go into a box that folds away, with their numbers', () => {
  const { blocks } = only('Answer.\n\nSources:\n\n3. [One](https://a.example)\n4. <https://b.example>');
  expect(blocks[1]).toMatchObject({
    type: 'container',
    title: { type: 'plain_text', text: 'Sources' },
    is_collapsible: true,
    child_blocks: [{ type: 'rich_text', elements: [{ style: 'ordered', offset: 2 }] }],
  });
});

it('a form that a workspace refuses stays the Markdown that it was, and the others have theirs', () => {
  const chart = '```chart\n{"type":"pie","title":"P","labels":["a"],"series":{"x":[1]}}\n```';
  const [look] = looks(`${few}\n\n${chart}\n\nEnd.`, new Set(['table', 'data_table']));
  expect(types(look?.over.blocks ?? [])).toEqual(['markdown', 'data_visualization', 'markdown']);
  const [none] = looks(`${few}\n\n${chart}\n\nEnd.`, new Set(['table', 'data_table', 'data_visualization']));
  expect(none?.over.blocks).toHaveLength(1);
  expect(none?.over.forms).toEqual([]);
});

it('what grows is Markdown, and what is plain is plain', () => {
  expect(types(looks(few)[0]?.grown.blocks ?? [])).toEqual(['markdown']);
  const plain = lookOfSegment({ markdown: few, notice: null, buttons: [], over: true, as: 'plain' });
  expect(types(plain.blocks)).toEqual(['section']);
  const text = lookOfSegment({
    markdown: `${few}\n\n5 < 6`,
    notice: 'Done.',
    buttons: [],
    over: true,
    as: 'text',
  });
  expect(text.blocks).toEqual([]);
  expect(text.text).toMatch(/^Name, Count, Share[\s\S]*&lt;[\s\S]*Done\.$/);
});
