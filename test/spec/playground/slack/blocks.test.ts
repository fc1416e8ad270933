import { describe, expect, it } from 'vitest';
import { checkMessageBlocks, checkView } from '../../../../playground/slack/blockLimits.ts';
import { isJson, listOf } from '../../../../playground/slack/json.ts';
import { Refusal } from '../../../../playground/slack/refusal.ts';

const plain = (length: number) => ({ type: 'plain_text', text: 'x'.repeat(length) });
const mrkdwn = (length: number) => ({ type: 'mrkdwn', text: 'x'.repeat(length) });
const section = (length: number) => ({ type: 'section', text: mrkdwn(length) });
const button = (more: object = {}) => ({ type: 'button', action_id: 'a', text: plain(4), ...more });
const actions = (...elements: object[]) => ({ type: 'actions', elements });
const buttons = (count: number) =>
  actions(...Array.from({ length: count }, (_, n) => button({ action_id: `a${n}` })));
const markdown = (length: number) => ({ type: 'markdown', text: 'x'.repeat(length) });
const table = (rows: number, columns: number, length = 1) => ({
  type: 'table',
  rows: Array.from({ length: rows }, () =>
    Array.from({ length: columns }, () => ({ type: 'raw_text', text: 'x'.repeat(length) })),
  ),
});

function verdict(blocks: readonly unknown[]): string {
  try {
    checkMessageBlocks(blocks);
    return 'ok';
  } catch (error) {
    if (error instanceof Refusal) return error.code;
    throw error;
  }
}

const dataTable = (rows: number, columns: number, more: object = {}) => ({
  ...table(rows, columns),
  type: 'data_table',
  caption: 'x',
  ...more,
});
const labels = (count: number, length = 3) =>
  Array.from({ length: count }, (_, n) => `${n}`.padEnd(length, 'x'));
const points = (names: readonly string[], value: unknown = 1) => names.map((label) => ({ label, value }));
const chart = (chart: object, title = 'x') => ({ type: 'data_visualization', title, chart });
const pie = (count: number, length = 3, value: unknown = 1) =>
  chart({ type: 'pie', segments: points(labels(count, length), value) });
const bars = (series: number, categories: number, more: object = {}) =>
  chart({
    type: 'bar',
    series: labels(series).map((name) => ({ name, data: points(labels(categories)) })),
    axis_config: { categories: labels(categories) },
    ...more,
  });
const container = (children: readonly object[], more: object = {}) => ({
  type: 'container',
  title: plain(1),
  child_blocks: children,
  ...more,
});

describe('blocks at their limit and one beyond', () => {
  it.each([
    ['blocks', Array(50).fill({ type: 'divider' }), Array(51).fill({ type: 'divider' })],
    ['characters of a section', [section(3_000)], [section(3_001)]],
    [
      'characters of a field',
      [{ type: 'section', fields: [mrkdwn(2_000)] }],
      [{ type: 'section', fields: [mrkdwn(2_001)] }],
    ],
    [
      'fields',
      [{ type: 'section', fields: Array(10).fill(mrkdwn(1)) }],
      [{ type: 'section', fields: Array(11).fill(mrkdwn(1)) }],
    ],
    [
      'characters of a header',
      [{ type: 'header', text: plain(150) }],
      [{ type: 'header', text: plain(151) }],
    ],
    [
      'elements of a context',
      [{ type: 'context', elements: Array(10).fill(mrkdwn(1)) }],
      [{ type: 'context', elements: Array(11).fill(mrkdwn(1)) }],
    ],
    ['rows of a data table', [dataTable(101, 2)], [dataTable(102, 2)]],
    ['rows of a data table below its header', [dataTable(2, 2)], [dataTable(1, 2)]],
    ['rows on a page', [dataTable(2, 2, { page_size: 100 })], [dataTable(2, 2, { page_size: 101 })]],
    ['tables in a message', [table(2, 2)], [table(2, 2), table(2, 2)]],
    ['tables of either kind', [dataTable(2, 2)], [table(2, 2), dataTable(2, 2)]],
    ['tables in containers', [container([table(2, 2)])], [container([table(2, 2)]), table(2, 2)]],
    ['slices of a pie', [pie(6)], [pie(7)]],
    ['characters of a slice', [pie(2, 20)], [pie(2, 21)]],
    ['the size of a slice', [pie(2, 3, 0.1)], [pie(2, 3, 0)]],
    [
      'characters of a chart’s title',
      [{ ...pie(1), title: 'x'.repeat(50) }],
      [{ ...pie(1), title: 'x'.repeat(51) }],
    ],
    ['series of a chart', [bars(6, 2)], [bars(7, 2)]],
    ['categories of a chart', [bars(1, 20)], [bars(1, 21)]],
    ['charts in a message', [pie(1), pie(1)], [pie(1), pie(1), pie(1)]],
    [
      'blocks in a container',
      [container(Array(10).fill(section(1)))],
      [container(Array(11).fill(section(1)))],
    ],
    ['kinds of blocks in a container', [container([section(1)])], [container([markdown(1)])]],
    ['buttons in a row', [buttons(25)], [buttons(26)]],
    ['characters of a label', [actions(button({ text: plain(75) }))], [actions(button({ text: plain(76) }))]],
    [
      'characters of a value',
      [actions(button({ value: 'v'.repeat(2_000) }))],
      [actions(button({ value: 'v'.repeat(2_001) }))],
    ],
    [
      'characters of an action id',
      [actions(button({ action_id: 'i'.repeat(255) }))],
      [actions(button({ action_id: 'i'.repeat(256) }))],
    ],
    [
      'characters of a block id',
      [{ ...section(1), block_id: 'i'.repeat(255) }],
      [{ ...section(1), block_id: 'i'.repeat(256) }],
    ],
    [
      'characters of an accessibility label',
      [actions(button({ accessibility_label: 'l'.repeat(75) }))],
      [actions(button({ accessibility_label: 'l'.repeat(76) }))],
    ],
    ['rows of a table', [table(100, 1)], [table(101, 1)]],
    ['columns of a table', [table(1, 20)], [table(1, 21)]],
    ['characters in tables', [table(10, 10, 100)], [table(10, 10, 100), table(1, 1)]],
  ])('takes so many %s and refuses one more as invalid_blocks', (_, most, more) => {
    expect(verdict(most)).toBe('ok');
    expect(verdict(more)).toBe('invalid_blocks');
  });

  it('sums Markdown over the payload and refuses more than 12,000 as msg_blocks_too_long', () => {
    expect(verdict([markdown(6_000), section(3_000), markdown(6_000)])).toBe('ok');
    expect(verdict([markdown(6_000), markdown(6_001)])).toBe('msg_blocks_too_long');
  });

  it.each([
    ['an unknown type', { type: 'nope' }],
    [
      'an input, which belongs in views',
      { type: 'input', label: plain(1), element: { type: 'plain_text_input' } },
    ],
    ['an empty section', section(0)],
    ['a section without text or fields', { type: 'section' }],
    ['an actions row without elements', actions()],
    ['a button with mrkdwn', actions(button({ text: mrkdwn(3) }))],
    ['a button of unknown style', actions(button({ style: 'loud' }))],
    ['two elements with one action id', actions(button(), button())],
    ['a block that is text', 'section'],
  ])('refuses %s and says where', (_, block) => {
    try {
      checkMessageBlocks([section(1), block]);
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(Refusal);
      const details =
        error instanceof Refusal && isJson(error.extra.response_metadata)
          ? error.extra.response_metadata
          : {};
      expect(listOf(details.messages)[0]).toMatch(/^\[ERROR\] .+ \[json-pointer:\/blocks\/1/);
    }
  });

  it('refuses two blocks with one id', () => {
    expect(
      verdict([
        { ...section(1), block_id: 'b' },
        { ...section(1), block_id: 'b' },
      ]),
    ).toBe('invalid_blocks');
  });
});

describe('views', () => {
  const input = { type: 'input', label: plain(3), element: { type: 'plain_text_input', action_id: 'a' } };
  const modal = { type: 'modal', title: plain(24), submit: plain(24), blocks: [input] };

  it.each([
    ['a whole modal', {}, undefined],
    ['a title of 25 characters', { title: plain(25) }, 'invalid_arguments'],
    ['an input without a submit button', { submit: undefined }, 'invalid_arguments'],
    ['private metadata of 3,001 characters', { private_metadata: 'x'.repeat(3_001) }, 'invalid_arguments'],
    ['101 blocks', { blocks: Array(101).fill({ type: 'divider' }) }, 'invalid_arguments'],
    ['a markdown block', { blocks: [markdown(3)] }, 'invalid_arguments'],
    ['neither modal nor home', { type: 'page' }, 'invalid_arguments'],
  ])('judges %s', (_, change, code) => {
    const check = () => checkView({ ...modal, ...change });
    if (code === undefined) expect(check).not.toThrow();
    else expect(check).toThrow(code);
  });
});

it.each([
  ['a data table without a caption', dataTable(2, 2, { caption: undefined })],
  [
    'a data table with rows of different lengths',
    dataTable(2, 2, { rows: [...table(1, 2).rows, ...table(1, 3).rows] }),
  ],
  [
    'rich text in the header of a data table',
    dataTable(2, 1, { rows: [[{ type: 'rich_text', elements: [] }], ...table(1, 1).rows] }),
  ],
  ['an empty cell', { type: 'table', rows: [[{ type: 'raw_text', text: '' }]] }],
  ['a number that is none', { type: 'table', rows: [[{ type: 'raw_number', text: '1', value: 'one' }]] }],
  ['a chart of another kind', chart({ type: 'scatter', series: [] })],
  ['labels that are no categories', bars(1, 2, { axis_config: { categories: ['a', 'b'] } })],
  ['a container that is folded and can not be', container([section(1)], { default_collapsed: true })],
])('%s is refused', (_name, block) => {
  expect(verdict([block])).toBe('invalid_blocks');
});
