/** What a person reads of a message, as plain text: blocks if there are any, else the text. Buttons are left out. */
import { isJson, type Json, listOf, objectOf, textOf } from './json.ts';

/** Names for the ids in tokens; an unknown id is shown as it is. */
export interface Names {
  user(id: string): string;
  channel(id: string): string;
}

/** Tokens become names and labels, then the three escapes are undone once. Marks such as `*` stay. */
function readMrkdwn(text: string, names: Names): string {
  return text
    .replace(
      /<([@#!]?)([^<>|]*)(?:\|([^<>]*))?>/g,
      (_, kind: string, id: string, label: string | undefined) => {
        if (kind === '@') return `@${names.user(id)}`;
        if (kind === '#') return `#${label || names.channel(id)}`;
        if (kind === '!') return label ?? `@${id}`;
        return label || id;
      },
    )
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
}

function textObject(value: unknown, names: Names): string {
  const object = objectOf(value);
  const text = textOf(object.text) ?? '';
  return object.type === 'mrkdwn' ? readMrkdwn(text, names) : text;
}

function richElement(element: Json, names: Names): string {
  switch (element.type) {
    case 'text':
      return textOf(element.text) ?? '';
    case 'link':
      return textOf(element.text) ?? textOf(element.url) ?? '';
    case 'user':
      return `@${names.user(textOf(element.user_id) ?? '')}`;
    case 'channel':
      return `#${names.channel(textOf(element.channel_id) ?? '')}`;
    case 'broadcast':
      return `@${textOf(element.range) ?? ''}`;
    case 'emoji':
      return `:${textOf(element.name) ?? ''}:`;
    case 'rich_text_list':
      return listOf(element.elements)
        .map((item, index) => {
          const mark = element.style === 'ordered' ? `${index + 1}.` : '•';
          const indent = '  '.repeat(typeof element.indent === 'number' ? element.indent : 0);
          return `${indent}${mark} ${richElement(objectOf(item), names)}`;
        })
        .join('\n');
    default:
      return listOf(element.elements)
        .map((item) => richElement(objectOf(item), names))
        .join('');
  }
}

function cell(value: unknown, names: Names): string {
  const content = objectOf(value);
  return content.type === 'rich_text' ? richText(content, names) : String(content.text ?? '');
}

function richText(block: Json, names: Names): string {
  return listOf(block.elements)
    .map((element) => richElement(objectOf(element), names))
    .join('\n');
}

/** Title and axes, then the values by label: as a table says it. */
function chartText(block: Json): string {
  const chart = objectOf(block.chart);
  const axis = objectOf(chart.axis_config);
  const parts = chart.type === 'pie' ? [{ data: chart.segments }] : listOf(chart.series).map(objectOf);
  const rows = parts.map((part) => listOf(objectOf(part).data).map(objectOf));
  const head = [axis.x_label, ...parts.map((part) => objectOf(part).name)].map((text) => textOf(text) ?? '');
  const y = textOf(axis.y_label) ?? '';
  const title = `${textOf(block.title) ?? ''}${parts.length > 1 && y !== '' ? ` (${y})` : ''}`;
  const values = (rows[0] ?? []).map(({ label }, at) =>
    [textOf(label) ?? '', ...rows.map((data) => String(data[at]?.value ?? ''))].join(' | '),
  );
  return [title, head.join(' | '), ...values].join('\n');
}

function blockText(block: Json, names: Names): string {
  switch (block.type) {
    case 'markdown':
      return textOf(block.text) ?? '';
    case 'rich_text':
      return richText(block, names);
    case 'header':
    case 'section':
      return [block.text, ...listOf(block.fields)]
        .filter((part) => part !== undefined)
        .map((part) => textObject(part, names))
        .join('\n');
    case 'context':
      return listOf(block.elements)
        .map((element) => textObject(element, names))
        .filter((text) => text !== '')
        .join(' ');
    case 'data_visualization':
      return chartText(block);
    case 'container':
      return [
        isJson(block.rich_text_title)
          ? richText(block.rich_text_title, names)
          : textObject(block.title, names),
        textObject(block.subtitle, names),
        ...listOf(block.child_blocks).map((child) => blockText(objectOf(child), names)),
      ]
        .filter((text) => text !== '')
        .join('\n');
    // The caption of a data table is a name for those who can't see it.
    case 'data_table':
    case 'table':
      return listOf(block.rows)
        .map((row) =>
          listOf(row)
            .map((content) => cell(content, names))
            .join(' | '),
        )
        .join('\n');
    case 'image':
      return textOf(block.alt_text) ?? '';
    case 'alert':
    case 'task_card':
    case 'plan':
      return [textObject(block.text, names), textOf(block.title) ?? '']
        .filter((text) => text !== '')
        .join('\n');
    default:
      return '';
  }
}

/** The lines of a message that people see, blocks joined by newlines. */
export function visibleText(
  message: { readonly text: string; readonly blocks: readonly unknown[] },
  names: Names,
): string {
  const blocks = message.blocks.filter(isJson);
  if (blocks.length === 0) return readMrkdwn(message.text, names);
  return blocks
    .map((block) => blockText(block, names))
    .filter((text) => text !== '')
    .join('\n');
}
