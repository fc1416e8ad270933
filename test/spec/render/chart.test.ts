import { describe, expect, it } from 'vitest';
import { chartData, chartLines, readChart } from '../../../src/render/chart.ts';
import { createRenderer } from '../../../src/render/renderer.ts';

const sales = {
  type: 'bar',
  title: 'Sales',
  x: 'Month',
  y: 'EUR',
  labels: ['Jan', 'Feb'],
  series: { North: [1, 2], South: [3, 4] },
};
const read = (data: unknown) => readChart(JSON.stringify(data));
const fenced = (json: string) => `\`\`\`chart\n${json}\n\`\`\``;

function render(text: string, each: (shown: string) => void = () => {}) {
  const renderer = createRenderer();
  for (const char of text) {
    renderer.push(char);
    each(
      renderer
        .segments()
        .map(({ markdown }) => markdown)
        .join('\n'),
    );
  }
  renderer.finish();
  const markdown = renderer
    .segments()
    .map((segment) => segment.markdown)
    .join('\n');
  return { markdown, charts: renderer.charts() };
}

it('a chart is read, and is the same as a table', () => {
  const data = read(sales);
  expect(data?.chart).toEqual({
    kind: 'bar',
    title: 'Sales',
    x: 'Month',
    y: 'EUR',
    labels: ['Jan', 'Feb'],
    series: [
      { name: 'North', values: [1, 2] },
      { name: 'South', values: [3, 4] },
    ],
  });
  if (data?.chart == null) throw new Error('no chart');
  expect(chartLines(data)).toEqual([
    '**Sales (EUR)**',
    '',
    '| Month | North | South |',
    '| --- | ---: | ---: |',
    '| Jan | 1 | 3 |',
    '| Feb | 2 | 4 |',
  ]);
  expect(chartData(data.chart)).toEqual(data);
});

it.each([
  [
    'series as a list',
    {
      series: [
        { name: 'North', values: [1, 2] },
        { name: 'South', data: [3, 4] },
      ],
    },
  ],
  ['values as numbers of points', { series: { North: [{ value: 1 }, { value: 2 }], South: [3, 4] } }],
])('%s are the same chart', (_name, change) => {
  expect(read({ ...sales, ...change })?.chart).toEqual(read(sales)?.chart);
});

it.each([
  ['values alone', { type: 'pie', title: 'P', y: 'Share', labels: ['a', 'b'], values: [1, 2] }],
  [
    'points',
    {
      type: 'pie',
      title: 'P',
      y: 'Share',
      data: [
        { label: 'a', value: 1 },
        { label: 'b', value: 2 },
      ],
    },
  ],
  [
    'segments',
    {
      type: 'pie',
      title: 'P',
      y: 'Share',
      segments: [
        { label: 'a', value: 1 },
        { label: 'b', value: 2 },
      ],
    },
  ],
])('a pie takes %s', (_name, data) => {
  expect(read(data)?.chart?.labels).toEqual(['a', 'b']);
  expect(read(data)?.chart?.series[0]).toEqual({ name: '', values: [1, 2] });
  expect(read(data)?.chart?.title).toBe(data.y === undefined ? 'P' : 'P (Share)');
});

describe('data that Slack draws no chart of are a table', () => {
  const many = (count: number) => Array.from({ length: count }, (_, at) => `l${at}`);
  it.each([
    ['a kind that there is not', { type: 'scatter' }],
    ['no kind', { type: undefined }],
    ['no title', { title: '' }],
    ['a title of 51 characters', { title: 'x'.repeat(51) }],
    ['a label of 21 characters', { labels: ['Jan', 'x'.repeat(21)] }],
    ['a label without words', { labels: ['Jan', ''] }],
    ['a label twice', { labels: ['Jan', 'Jan'] }],
    ['21 labels', { labels: many(21), series: { a: many(21).map((_, at) => at) } }],
    ['seven series', { series: Object.fromEntries(many(7).map((name) => [name, [1, 2]])) }],
    ['a value that is missing', { series: { North: [1], South: [3, 4] } }],
    ['a value that is none', { series: { North: [1, null], South: [3, 4] } }],
    ['a value in words', { series: { North: [1, 'two'], South: [3, 4] } }],
    ['a pie of two series', { type: 'pie' }],
    ['a pie with a slice of nothing', { type: 'pie', series: { North: [1, 0] } }],
    ['a pie of seven', { type: 'pie', labels: many(7), series: { a: [1, 2, 3, 4, 5, 6, 7] } }],
  ])('%s', (_name, change) => {
    const data = read({ ...sales, ...change });
    expect(data?.chart).toBeNull();
    expect(data?.rows.length).toBeGreaterThan(1);
    const { markdown, charts } = render(`Here:\n${fenced(JSON.stringify({ ...sales, ...change }))}\nAfter.`);
    expect(charts).toEqual([]);
    expect(markdown).toMatch(/\| --- \|/);
    expect(markdown).not.toContain('{"');
    expect(markdown.endsWith('\n\nAfter.')).toBe(true);
  });
});

it.each([
  ['JSON that breaks off', '{"type":"bar","labels":["a"'],
  ['no JSON', 'bar: 1, 2, 3'],
  ['JSON without data', '{"title":"Nothing"}'],
  ['a list', '[1,2]'],
  ['labels without values', '{"labels":["a","b"]}'],
  [
    'more data than any table has',
    JSON.stringify({ labels: Array(200).fill('a'), values: Array(200).fill(1) }),
  ],
  [
    'a hundred series',
    JSON.stringify({
      labels: ['a'],
      series: Object.fromEntries(Array.from({ length: 100 }, (_, n) => [n, [1]])),
    }),
  ],
])('%s is the code that it is', (_name, json) => {
  const { markdown, charts } = render(`Here:\n\n${fenced(json)}\n\nAfter.`);
  expect(charts).toEqual([]);
  expect(markdown).toBe(`Here:\n\n${fenced(json)}\n\nAfter.`);
});

it('nothing is seen of the JSON while it is written, and the table comes at once', () => {
  const seen = new Set<string>();
  const text = `Here it is:\n\n${fenced(JSON.stringify(sales))}\n\nAfter.`;
  const { charts } = render(text, (shown) => seen.add(shown));
  expect([...seen].filter((shown) => /[{`]/.test(shown))).toEqual([]);
  expect([...seen].filter((shown) => shown.includes('Jan') && !shown.includes('| Feb | 2 | 4 |'))).toEqual(
    [],
  );
  expect(charts).toHaveLength(1);
});

it('an answer that ends inside a chart shows what there is', () => {
  const whole = fenced(JSON.stringify(sales)).slice(0, -4);
  expect(render(whole).charts).toHaveLength(1);
  expect(render(whole.slice(0, -10)).markdown).toContain('"Jan"');
});

it('a chart in a document, in a list or in another fence is code', () => {
  for (const text of [
    `\`\`\`\`md\n${fenced(JSON.stringify(sales))}\n\`\`\`\``,
    `- item\n\n  ${fenced(JSON.stringify(sales)).replaceAll('\n', '\n  ')}`,
    `> ${fenced(JSON.stringify(sales)).replaceAll('\n', '\n> ')}`,
  ]) {
    const { markdown, charts } = render(text);
    expect(charts).toEqual([]);
    expect(markdown).toContain('{"type"');
  }
});

it('JSON that never ends is shown after all', () => {
  const { markdown } = render(`\`\`\`chart\n{"labels":[\n${'"word",\n'.repeat(1_200)}`);
  expect(markdown).toContain('"word",');
});
