import { type Fields, fieldsOf, listOf } from '../parse/fields.ts';
import { plain, type Reading } from './content.ts';
import { richTextMarkdown } from './rich-text.ts';

/** Most of a table that is shown; Slack's own limits are 20 columns and 100 rows, a `data_table` has more rows. */
const MOST_COLUMNS = 50;
const MOST_ROWS = 1_000;

/** A `table` or `data_table` block; its first row becomes the header, which Markdown requires. */
export function tableMarkdown(table: Fields, reading: Reading): string {
  const rows = listOf(table['rows'])
    .slice(0, MOST_ROWS)
    .map((row) =>
      listOf(row)
        .slice(0, MOST_COLUMNS)
        .map((cell) => cellText(cell, reading)),
    );
  const columns = Math.max(0, ...rows.map((row) => row.length));
  if (columns === 0) return '';
  const line = (cells: readonly string[]) =>
    `| ${Array.from({ length: columns }, (_, index) => cells[index] ?? '').join(' | ')} |`;
  const [header, ...body] = rows.map(line);
  return [header, line(Array.from({ length: columns }, () => '---')), ...body].join('\n');
}

/** One cell on one line: `rich_text`, `raw_text` or `raw_number`. */
function cellText(cell: unknown, reading: Reading): string {
  const fields = fieldsOf(cell);
  if (fields === null) return '';
  const raw = fields['text'] ?? fields['value'] ?? fields['number'];
  const text =
    fields['type'] === 'rich_text'
      ? richTextMarkdown(fields, reading)
      : typeof raw === 'number'
        ? String(raw)
        : plain(raw);
  return text.replace(/\s+/g, ' ').trim().replaceAll('|', '\\|');
}
