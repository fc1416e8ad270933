import { countOf, type Fields, fieldsOf, listOf } from '../parse/fields.ts';
import { plain, type Reading } from './content.ts';
import { inlineMarkdown, inlinePlain } from './inline.ts';
import { fenced, quoted } from './markup.ts';

/** Deepest list level that is indented; Slack's composer allows 8. */
const DEEPEST = 8;

/** A `rich_text` block as Markdown. */
export function richTextMarkdown(block: Fields, reading: Reading): string {
  const parts: { readonly list: boolean; readonly text: string }[] = [];
  let numbering: Level[] = [];
  for (const element of listOf(block['elements'])) {
    const fields = fieldsOf(element);
    if (fields === null) continue;
    if (fields['type'] === 'rich_text_list') {
      parts.push({ list: true, text: listMarkdown(fields, numbering, reading) });
      continue;
    }
    const text = elementMarkdown(fields, reading);
    if (text.trim() === '') continue;
    numbering = [];
    parts.push({ list: false, text });
  }
  return parts
    .filter((part) => part.text !== '')
    .map((part, index, all) => {
      if (index === 0) return part.text;
      // A list follows its introduction directly; anything after a list needs a blank line to be outside it.
      return (
        (part.list ? '\n' : '\n\n') +
        (part.list && all[index - 1]?.text.startsWith('>') ? '\n' : '') +
        part.text
      );
    })
    .join('');
}

function elementMarkdown(fields: Fields, reading: Reading): string {
  switch (fields['type']) {
    case 'rich_text_quote':
      return quoted(withoutOuterBreaks(inlineMarkdown(fields['elements'], reading)));
    case 'rich_text_preformatted':
      return fenced(inlinePlain(fields['elements'], reading), plain(fields['language']));
    default:
      return withoutOuterBreaks(inlineMarkdown(fields['elements'], reading));
  }
}

/** What was last written on one level of nesting. */
interface Level {
  readonly ordered: boolean;
  /** Number of the next item. */
  next: number;
  /** Columns that its marker takes: items below are indented by so much. */
  width: number;
}

/**
 * Slack writes nested lists as siblings with a higher `indent`, so numbering and indentation are kept in
 * `levels` from one sibling to the next. `offset` says how many numbers were used before.
 */
function listMarkdown(list: Fields, levels: Level[], reading: Reading): string {
  const depth = Math.min(countOf(list['indent']) ?? 0, DEEPEST);
  const ordered = list['style'] === 'ordered';
  const offset = countOf(list['offset']);
  while (levels.length < depth) levels.push({ ordered: false, next: 1, width: 2 });
  const before = levels[depth];
  levels.length = Math.min(levels.length, depth);
  const next = offset !== null ? offset + 1 : before?.ordered === ordered ? before.next : 1;
  const level: Level = { ordered, next, width: 2 };
  const margin = ' '.repeat(levels.reduce((sum, upper) => sum + upper.width, 0));
  levels.push(level);
  const lines = listOf(list['elements']).map((item) => {
    const marker = ordered ? `${level.next}. ` : '- ';
    level.next += 1;
    level.width = marker.length;
    const words = withoutOuterBreaks(inlineMarkdown(fieldsOf(item)?.['elements'], reading));
    return margin + marker + words.replaceAll('\n', `\n${margin}${' '.repeat(marker.length)}`);
  });
  const text = lines.join('\n');
  return countOf(list['border']) === 1 && text !== '' ? quoted(text) : text;
}

function withoutOuterBreaks(text: string): string {
  return text.replace(/^\n+/, '').trimEnd();
}
