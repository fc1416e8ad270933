import { chartLines } from '../../render/chart.ts';
import { type Fields, fieldsOf, listOf } from '../parse/fields.ts';
import { plain } from './content.ts';

/**
 * A `data_visualization` block as its title and a table: what it shows to people. Source of the keys: Slack's page of the
 * block (docs.slack.dev, reference/block-kit/blocks/data-visualization-block).
 */
export function chartMarkdown(block: Fields): string {
  const chart = fieldsOf(block['chart']) ?? {};
  const axis = fieldsOf(chart['axis_config']) ?? {};
  const pie = listOf(chart['segments']);
  const series = pie.length > 0 ? [{ data: pie }] : listOf(chart['series']).map(fieldsOf);
  const columns = series.map((one) => listOf(one?.['data']).map(fieldsOf));
  const most = Math.max(0, ...columns.map(({ length }) => length));
  const rows = Array.from({ length: most }, (_, at) => [
    line(columns.find((column) => column[at])?.[at]?.['label']),
    ...columns.map((column) => line(column[at]?.['value'])),
  ]);
  const title = line(block['title']);
  if (rows.length === 0) return title;
  const head = [line(axis['x_label']), ...series.map((one) => line(one?.['name'] ?? axis['y_label']))];
  return chartLines({ title, head, rows, chart: null }).join('\n');
}

function line(value: unknown): string {
  return (typeof value === 'number' ? String(value) : plain(value)).replace(/\s+/g, ' ').trim();
}
