import type { types } from '@slack/bolt';
import type { Chart } from '../../render/chart.ts';
import { neutraliseCode } from '../../render/neutralise.ts';
import type { FormPart, Part, SourcesForm, TableForm } from '../../render/parts.ts';
import type { Stretch } from '../../render/words-of.ts';
import * as words from '../../words/reply.ts';

/** Kinds of blocks that a workspace may not have yet, or may refuse. */
export type Form = 'table' | 'data_table' | 'data_visualization' | 'container';

/** A table of so many rows is one to sort and to search. */
const LONG = 10;
/** Most of a `data_table`: the header and 100 rows; a page may have 100. All are on one page: nothing seen is hidden. */
const PAGE = 100;
/** Most characters in the cells of all tables of a message. */
const MOST_CELLS = 10_000;
/** A column with longer cells breaks its lines. */
const WIDE = 40;

/**
 * The form of a part in Slack's own blocks; null for Markdown. Sources of shapes and limits: `@slack/types` (`TableBlock`,
 * `DataTableBlock`, `ContainerBlock`) and docs/slack-markdown.md. Text in them is not read as Markdown, and whole
 * control sequences are made inert all the same.
 */
export function formOf(part: FormPart | Pick<Part & { kind: 'markdown' }, 'kind'>): Form | null {
  switch (part.kind) {
    case 'markdown':
      return null;
    case 'chart':
      return 'data_visualization';
    case 'sources':
      return 'container';
    case 'table':
      if (cellCharacters(part) > MOST_CELLS) return null;
      return part.rows.length >= LONG && part.rows.length <= PAGE && isPlainHead(part)
        ? 'data_table'
        : 'table';
  }
}

/** A part that has a form, as the block of it. */
export function formBlock(part: FormPart): types.AnyBlock {
  switch (part.kind) {
    case 'chart':
      return chartBlock(part.chart);
    case 'sources':
      return sourcesBlock(part);
    case 'table':
      return formOf(part) === 'data_table' ? dataTableBlock(part) : tableBlock(part);
  }
}

/** Not in `@slack/types` 3.2: the shape is that of Slack's page of the data visualization block. */
function chartBlock({ kind, title, x, y, labels, series }: Chart): types.AnyBlock {
  const point = (values: readonly number[]) => (label: string, at: number) => ({
    label: neutraliseCode(label),
    value: values[at] ?? 0,
  });
  const chart =
    kind === 'pie'
      ? { type: kind, segments: labels.map(point(series[0]?.values ?? [])) }
      : {
          type: kind,
          series: series.map(({ name, values }) => ({
            name: neutraliseCode(name),
            data: labels.map(point(values)),
          })),
          axis_config: {
            categories: labels.map(neutraliseCode),
            ...(x === '' ? {} : { x_label: neutraliseCode(x) }),
            ...(y === '' ? {} : { y_label: neutraliseCode(y) }),
          },
        };
  const block: types.Block & { title: string; chart: typeof chart } = {
    type: 'data_visualization',
    title: neutraliseCode(title),
    chart,
  };
  return block;
}

function tableBlock({ columns, head, rows }: TableForm): types.TableBlock {
  const all = [head, ...rows];
  return {
    type: 'table',
    column_settings: columns.map((align, at) => ({
      align,
      is_wrapped: all.some((row) => lengthOf(row[at] ?? []) > WIDE),
    })),
    rows: all.map((row) => row.map(cell)),
  };
}

function dataTableBlock({ columns, head, rows }: TableForm): types.DataTableBlock {
  const numeric = columns.map((_, at) => rows.every((row) => isNumber(row[at] ?? [])));
  return {
    type: 'data_table',
    caption: words.tableCaption(rows.length),
    page_size: PAGE,
    rows: [
      head.map((name) => rawCell(name)),
      ...rows.map((row) =>
        row.map((stretches, at) => (numeric[at] ? numberCell(stretches) : cell(stretches))),
      ),
    ],
  };
}

/** A list of sources that folds away. `from` null: bullets. */
function sourcesBlock({ title, from, items }: Omit<SourcesForm, 'kind'>): types.ContainerBlock {
  const list: types.RichTextList = {
    type: 'rich_text_list',
    style: from === null ? 'bullet' : 'ordered',
    ...(from === null || from <= 1 ? {} : { offset: from - 1 }),
    elements: items.map(section),
  };
  return {
    type: 'container',
    title: { type: 'plain_text', text: title },
    width: 'full',
    is_collapsible: true,
    child_blocks: [{ type: 'rich_text', elements: [list] }],
  };
}

const lengthOf = (stretches: readonly Stretch[]) => stretches.reduce((sum, { text }) => sum + text.length, 0);

const cellCharacters = ({ head, rows }: TableForm) =>
  [head, ...rows].flat().reduce((sum, each) => sum + Math.max(1, lengthOf(each)), 0);

/** Header cells of a `data_table` may not be rich text. */
const isPlainHead = ({ head }: TableForm) => head.every((name) => name.every(({ url }) => url === undefined));

const textOf = (stretches: readonly Stretch[]) => stretches.map(({ text }) => text).join('');

/** At least one character: Slack refuses an empty cell. */
const rawCell = (stretches: readonly Stretch[]): types.RawTextElement => ({
  type: 'raw_text',
  text: neutraliseCode(textOf(stretches)) || ' ',
});

function cell(stretches: readonly Stretch[]): types.RawTextElement | types.RichTextBlock {
  const isPlain = stretches.every(({ text: _, ...look }) => Object.keys(look).length === 0);
  return isPlain ? rawCell(stretches) : { type: 'rich_text', elements: [section(stretches)] };
}

function section(stretches: readonly Stretch[]): types.RichTextSection {
  return { type: 'rich_text_section', elements: stretches.map(element) };
}

function element({ text, url, bold, italic, struck, code }: Stretch): types.RichTextElement {
  const style = {
    ...(bold ? { bold } : {}),
    ...(italic ? { italic } : {}),
    ...(struck ? { strike: struck } : {}),
    ...(code ? { code } : {}),
  };
  const styled = Object.keys(style).length > 0 ? { style } : {};
  const shown = neutraliseCode(text);
  return url === undefined
    ? { type: 'text', text: shown, ...styled }
    : { type: 'link', url, text: shown, ...styled };
}

/** A plain number, with thousands apart by commas, or a share in per cent: what nobody can read as something else. */
const NUMBER = /^[-+\u2212]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?\s?%?$/;

const isNumber = (stretches: readonly Stretch[]) => NUMBER.test(textOf(stretches).trim());

function numberCell(stretches: readonly Stretch[]): types.RawNumberElement {
  const text = textOf(stretches).trim();
  return { type: 'raw_number', text, value: Number(text.replace('\u2212', '-').replace(/[,%\s]/g, '')) };
}
