import { type Fields, fieldsOf, listOf } from '../parse/fields.ts';
import { plain, type Reading } from './content.ts';
import { mrkdwnMarkdown } from './mrkdwn.ts';
import { richTextMarkdown } from './rich-text.ts';

/** Most columns of a table that are shown. */
const MOST_COLUMNS = 50;

/** The readable blocks of a message as Markdown, apart by blank lines; '' if none says anything. */
export function blocksMarkdown(blocks: readonly unknown[], reading: Reading): string {
  return blocks
    .map((block) => {
      const fields = fieldsOf(block);
      return fields === null ? '' : blockMarkdown(fields, reading);
    })
    .filter((text) => text.trim() !== '')
    .join('\n\n');
}

function blockMarkdown(block: Fields, reading: Reading): string {
  switch (block['type']) {
    case 'rich_text':
      return richTextMarkdown(block, reading);
    case 'table':
      return tableMarkdown(block, reading);
    case 'markdown':
      return plain(block['text']);
    case 'header':
      return textObject(block['text'], reading);
    case 'section':
      return [block['text'], ...listOf(block['fields'])]
        .map((part) => textObject(part, reading))
        .filter((text) => text !== '')
        .join('\n');
    case 'context':
      return listOf(block['elements'])
        .map((part) => textObject(part, reading))
        .filter((text) => text !== '')
        .join(' ');
    default:
      return '';
  }
}

/** A text composition object: mrkdwn is converted, plain_text is taken as it is. */
function textObject(value: unknown, reading: Reading): string {
  const fields = fieldsOf(value);
  if (fields?.['type'] === 'mrkdwn') return mrkdwnMarkdown(plain(fields['text']), reading);
  return fields?.['type'] === 'plain_text' ? plain(fields['text']) : '';
}

/** A `table` block; its first row becomes the header, which Markdown requires. */
function tableMarkdown(table: Fields, reading: Reading): string {
  const rows = listOf(table['rows']).map((row) =>
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
