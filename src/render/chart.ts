/**
 * Charts: what a model (or we) may say of one, as data, as Markdown, and what Slack can draw of it.
 *
 * Source of the limits: Slack's page of the data visualization block (docs.slack.dev, reference/block-kit/blocks), and
 * what others check (docs/slack-markdown.md). Some of them allow twelve series; six are right for all.
 */

const KINDS = ['bar', 'line', 'area', 'pie'] as const;

/** A chart that Slack can draw. */
export interface Chart {
  readonly kind: (typeof KINDS)[number];
  /** 1 to 50 characters. */
  readonly title: string;
  /** What the labels are, and what the values are; '' if it is not said. */
  readonly x: string;
  readonly y: string;
  /** 1 to 20 different ones of at most 20 characters. */
  readonly labels: readonly string[];
  /**
   * 1 to 6 with different names, each with one finite value for each label. A pie has one without a name, of values above
   * zero: what its values and labels are stands in its title, because Slack shows it nowhere else.
   */
  readonly series: readonly { readonly name: string; readonly values: readonly number[] }[];
}

/** What was found in a chart's JSON. */
export interface ChartData {
  readonly title: string;
  /** The same as a table: names above, the labels in front of each row. */
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** Null: these data can't be drawn and are a table. */
  readonly chart: Chart | null;
}

/** Most of each in Slack's block. */
const MOST = { title: 50, label: 20, axis: 50, labels: 20, series: 6 };
/** No table has more; data beyond it are no chart of anybody's. */
const MOST_ROWS = 99;
const MOST_COLUMNS = 19;

type Cell = string | number | null;
interface Series {
  readonly name: string;
  readonly values: readonly Cell[];
}

/**
 * Reads the JSON of a chart: `{"type","title","x","y","labels":[…],"series":{name:[…]}}`. Series may be a list of
 * `{name, values}` too, and one series alone may be `values`, or `[{label, value}]` under `data` or `segments`. Null:
 * it is no JSON, or there are no data in it. Never throws.
 */
export function readChart(json: string): ChartData | null {
  const source = fieldsOf(parsed(json));
  if (source === null) return null;
  const points = [source['data'], source['segments']].find(Array.isArray)?.map(fieldsOf);
  const labels = (points?.map((point) => point?.['label']) ?? listOf(source['labels'])).map(words);
  const series = points
    ? [{ name: '', values: points.map((point) => cellOf(point?.['value'])) }]
    : seriesOf(source);
  const count = Math.max(labels.length, ...series.map(({ values }) => values.length));
  if (series.length === 0 || labels.length === 0 || count > MOST_ROWS || series.length > MOST_COLUMNS)
    return null;
  if (!series.some(({ values }) => values.some((value) => value !== null))) return null;
  const axes = { title: words(source['title']), x: words(source['x']), y: words(source['y']) };
  const chart = drawable({ kind: source['type'], ...axes, labels, series: named(series, axes) });
  if (chart !== null) return chartData(chart);
  return {
    ...tableOf({ ...axes, series: named(series, axes) }),
    rows: Array.from({ length: count }, (_, at) => [
      labels[at] ?? '',
      ...series.map(({ values }) => String(values[at] ?? '')),
    ]),
    chart: null,
  };
}

/** A series alone may be without a name: it is what the values are, or what the chart is about. */
function named(series: readonly Series[], { title, y }: Pick<Chart, 'title' | 'y'>): readonly Series[] {
  const [one] = series;
  if (one === undefined || series.length > 1 || one.name !== '') return series;
  return [{ ...one, name: y || title.slice(0, MOST.label).trim() }];
}

/** What stands above the rows. What several values are is said in the title; of one series its name says it. */
function tableOf({
  title,
  x,
  y,
  series,
}: Pick<Chart, 'title' | 'x' | 'y'> & { series: readonly Pick<Series, 'name'>[] }): Pick<
  ChartData,
  'title' | 'head'
> {
  return {
    title: y === '' || series.length === 1 ? title : title === '' ? y : `${title} (${y})`,
    head: [x, ...series.map(({ name }) => name)],
  };
}

/** A chart as Markdown: its title in bold, and its data as a table. One entry for each line. */
export function chartLines({ title, head, rows }: ChartData): string[] {
  const row = (cells: readonly string[]) => `| ${cells.map(escaped).join(' | ')} |`;
  return [
    ...(title === '' ? [] : [`**${escaped(title)}**`, '']),
    row(head),
    `| --- |${' ---: |'.repeat(head.length - 1)}`,
    ...rows.map(row),
  ];
}

/** The table that `chartLines` makes of a chart. */
export function chartData(chart: Chart): ChartData {
  const { labels, series } = chart;
  return {
    ...tableOf(chart),
    rows: labels.map((label, at) => [label, ...series.map(({ values }) => String(values[at] ?? ''))]),
    chart,
  };
}

function drawable(
  given: Omit<Chart, 'kind' | 'series'> & { kind: unknown; series: readonly Series[] },
): Chart | null {
  const { labels } = given;
  const kind = KINDS.find((one) => one === given.kind);
  const { title, x, y, series } = kind === 'pie' ? pieOf(given) : given;
  const short = (text: string, most: number) => text !== '' && text.length <= most;
  const names = series.map(({ name }) => name);
  const fits =
    short(title, MOST.title) &&
    Math.max(x.length, y.length) <= MOST.axis &&
    labels.length <= MOST.labels &&
    labels.every((label) => short(label, MOST.label)) &&
    new Set(labels).size === labels.length &&
    series.length <= (kind === 'pie' ? 1 : MOST.series) &&
    (kind === 'pie' || names.every((name) => short(name, MOST.label))) &&
    new Set(names).size === names.length &&
    // A pie of more slices is refused, and one with a slice of nothing too.
    (kind !== 'pie' || labels.length <= MOST.series);
  if (kind === undefined || !fits) return null;
  const drawn = series.map(({ name, values }) => ({
    name,
    values: values.filter((value) => typeof value === 'number'),
  }));
  const complete = series.every(
    ({ values }, at) =>
      values.length === labels.length &&
      drawn[at]?.values.length === labels.length &&
      (kind !== 'pie' || values.every((value) => Number(value) > 0)),
  );
  return complete ? { kind, title, x, y, labels, series: drawn } : null;
}

function pieOf(given: Omit<Chart, 'kind' | 'series'> & { series: readonly Series[] }) {
  const { title, x, series } = given;
  const about = [...series.map(({ name }) => name), x].filter(
    (word) => word !== '' && !title.startsWith(word),
  );
  return {
    title: about.length === 0 ? title : `${title} (${about.join(', ')})`,
    x: '',
    y: '',
    series: series.map((one) => ({ ...one, name: '' })),
  };
}

function seriesOf(source: Readonly<Record<string, unknown>>): Series[] {
  const { series, values } = source;
  if (Array.isArray(values)) return [{ name: '', values: values.map(cellOf) }];
  if (Array.isArray(series))
    return series.flatMap((one) => {
      const fields = fieldsOf(one);
      const own = [fields?.['values'], fields?.['data']].find(Array.isArray);
      return own === undefined ? [] : [{ name: words(fields?.['name']), values: own.map(cellOf) }];
    });
  return Object.entries(fieldsOf(series) ?? {}).flatMap(([name, own]) =>
    Array.isArray(own) ? [{ name: words(name), values: own.map(cellOf) }] : [],
  );
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return null;
  }
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> | null {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isObject ? (value as Readonly<Record<string, unknown>>) : null;
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** One line of text; '' for what is none. */
function words(value: unknown): string {
  const text = typeof value === 'string' || typeof value === 'number' ? String(value) : '';
  return text.replace(/[\s\p{Cc}\p{Cf}]+/gu, ' ').trim();
}

function cellOf(value: unknown): Cell {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (fieldsOf(value)) return cellOf(fieldsOf(value)?.['value']);
  return typeof value === 'string' && value.trim() !== '' ? words(value) : null;
}

const escaped = (text: string) => text.replace(/[\\`*_~[\]<&|$]/g, '\\$&');
