/**
 * The rules of blocks that hold data: tables, charts, containers. Sources: docs.slack.dev, reference/block-kit/blocks
 * (table, data table, data visualization, container); `@slack/types` 3.2 for the shapes; where the pages say nothing,
 * the validators of others (docs/slack-markdown.md): equal rows, no rich text in a header, two charts in a message.
 */
import { anything, type Complain, count, length, limits, type Rule, textObject } from './elementLimits.ts';
import { isJson, type Json, listOf } from './json.ts';

const CELLS = new Set(['raw_text', 'raw_number', 'rich_text']);

function cellRule(cell: unknown, pointer: string, complain: Complain, known = CELLS): void {
  if (!isJson(cell) || !known.has(String(cell.type))) {
    complain(`unsupported type: ${isJson(cell) ? String(cell.type) : typeof cell}`, pointer);
  } else if (cell.type === 'rich_text') {
    if (!Array.isArray(cell.elements)) complain('missing required field: elements', pointer);
  } else {
    length(cell.text, 'text', limits.tableText, pointer, complain, 1);
    if (cell.type === 'raw_number' && !Number.isFinite(cell.value))
      complain('must be a number', `${pointer}/value`);
  }
}

function rows(block: Json, most: number, pointer: string, complain: Complain): void {
  count(block.rows, 'rows', 1, most, pointer, complain);
  for (const [index, cells] of listOf(block.rows).entries()) {
    const place = `${pointer}/rows/${index}`;
    if (!Array.isArray(cells)) complain('must be an array', place);
    else if (cells.length > limits.tableColumns)
      complain(`no more than ${limits.tableColumns} items allowed`, place);
    for (const [at, cell] of listOf(cells).entries()) cellRule(cell, `${place}/${at}`, complain);
  }
}

export const table: Rule = (block, pointer, complain) => {
  rows(block, limits.tableRows, pointer, complain);
  if (block.column_settings === undefined) return;
  count(block.column_settings, 'column_settings', 0, limits.tableColumns, pointer, complain);
  for (const [index, column] of listOf(block.column_settings).entries())
    if (
      isJson(column) &&
      !['left', 'center', 'right', undefined].includes(column.align as string | undefined)
    )
      complain('invalid align', `${pointer}/column_settings/${index}/align`);
};

export const dataTable: Rule = (block, pointer, complain) => {
  length(block.caption, 'caption', limits.sectionText, pointer, complain, 1);
  rows(block, limits.tableRows + 1, pointer, complain);
  const [head, ...body] = listOf(block.rows).map(listOf);
  if (body.length === 0) complain('must have at least 2 items', `${pointer}/rows`);
  if (body.some((row) => row.length !== head?.length)) complain('rows differ in length', `${pointer}/rows`);
  for (const [index, cell] of (head ?? []).entries())
    cellRule(cell, `${pointer}/rows/0/${index}`, complain, new Set(['raw_text', 'raw_number']));
  const { page_size: page } = block;
  if (page !== undefined && !(Number.isInteger(page) && Number(page) >= 1 && Number(page) <= 100))
    complain('must be from 1 to 100', `${pointer}/page_size`);
};

const chartLimits = { title: 50, label: 20, axis: 50, parts: 6, categories: 20 };

function point(value: unknown, pointer: string, complain: Complain, least: number): void {
  if (!isJson(value)) {
    complain('must be an object', pointer);
    return;
  }
  length(value.label, 'label', chartLimits.label, pointer, complain, 1);
  if (!Number.isFinite(value.value)) complain('must be a number', `${pointer}/value`);
  else if (Number(value.value) <= least) complain('must be greater than 0', `${pointer}/value`);
}

function series(chart: Json, pointer: string, complain: Complain): void {
  const axis = isJson(chart.axis_config) ? chart.axis_config : {};
  count(axis.categories, 'categories', 1, chartLimits.categories, `${pointer}/axis_config`, complain);
  length(axis.x_label, 'x_label', chartLimits.axis, `${pointer}/axis_config`, complain);
  length(axis.y_label, 'y_label', chartLimits.axis, `${pointer}/axis_config`, complain);
  count(chart.series, 'series', 1, chartLimits.parts, pointer, complain);
  const names = new Set<unknown>();
  for (const [index, one] of listOf(chart.series).entries()) {
    const place = `${pointer}/series/${index}`;
    if (!isJson(one)) {
      complain('must be an object', place);
      continue;
    }
    length(one.name, 'name', chartLimits.label, place, complain, 1);
    if (names.has(one.name)) complain('`name` already exists', `${place}/name`);
    names.add(one.name);
    const data = listOf(one.data);
    for (const [at, value] of data.entries())
      point(value, `${place}/data/${at}`, complain, Number.NEGATIVE_INFINITY);
    const labels = data.map((value) => (isJson(value) ? value.label : null));
    if (JSON.stringify(labels) !== JSON.stringify(axis.categories))
      complain('labels must match the categories', `${place}/data`);
  }
}

export const dataVisualization: Rule = (block, pointer, complain) => {
  length(block.title, 'title', chartLimits.title, pointer, complain, 1);
  const place = `${pointer}/chart`;
  const { chart } = block;
  if (!isJson(chart)) complain('missing required field: chart', pointer);
  else if (chart.type === 'pie') {
    count(chart.segments, 'segments', 1, chartLimits.parts, place, complain);
    for (const [at, value] of listOf(chart.segments).entries())
      point(value, `${place}/segments/${at}`, complain, 0);
  } else if (['bar', 'line', 'area'].includes(String(chart.type))) series(chart, place, complain);
  else complain(`unsupported type: ${String(chart.type)}`, `${place}/type`);
};

/** What `@slack/types` lets stand in a container. */
const CHILDREN: Readonly<Record<string, Rule>> = {
  actions: anything,
  context: anything,
  divider: anything,
  file: anything,
  header: anything,
  image: anything,
  input: anything,
  rich_text: (block, pointer, complain) => {
    if (!Array.isArray(block.elements)) complain('missing required field: elements', pointer);
  },
  section: anything,
  table,
  video: anything,
};

export const container: Rule = (block, pointer, complain) => {
  if (block.rich_text_title === undefined)
    textObject(block.title, limits.headerText, `${pointer}/title`, complain, true);
  if (block.subtitle !== undefined)
    textObject(block.subtitle, limits.headerText, `${pointer}/subtitle`, complain);
  count(block.child_blocks, 'child_blocks', 1, 10, pointer, complain);
  for (const [index, child] of listOf(block.child_blocks).entries()) {
    const place = `${pointer}/child_blocks/${index}`;
    const rule = isJson(child) ? CHILDREN[String(child.type)] : undefined;
    if (!isJson(child) || !rule)
      complain(`unsupported type: ${isJson(child) ? String(child.type) : typeof child}`, `${place}/type`);
    else rule(child, place, complain);
  }
  if (block.default_collapsed === true && block.is_collapsible !== true)
    complain('requires `is_collapsible`', `${pointer}/default_collapsed`);
};

/** What a message may have of these together: one table of either kind, in containers too, and two charts. */
export function dataProblems(blocks: readonly unknown[], complain: Complain): void {
  const all = blocks.filter(isJson).flatMap((block) => [block, ...listOf(block.child_blocks).filter(isJson)]);
  const tables = all.filter(({ type }) => type === 'table' || type === 'data_table');
  if (tables.length > 1) complain('only_one_table_allowed', '/blocks');
  if (all.filter(({ type }) => type === 'data_visualization').length > 2)
    complain('no more than 2 charts allowed', '/blocks');
}
