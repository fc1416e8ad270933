import { type Fields, fieldsOf, listOf } from '../parse/fields.ts';
import { chartMarkdown } from './chart.ts';
import { plain, type Reading } from './content.ts';
import { link } from './markup.ts';
import { mrkdwnMarkdown } from './mrkdwn.ts';
import { richTextMarkdown } from './rich-text.ts';
import { tableMarkdown } from './table.ts';

/** Blocks within blocks that are followed. Slack nests two deep: a carousel of cards, a container of sections. */
const DEEPEST = 4;
/** Slack takes 50 blocks in a message. */
const MOST_BLOCKS = 200;
/** What is taken from a kind of block that we do not know: so many nodes are looked at, so many characters kept. */
const MOST_NODES = 500;
const MOST_UNKNOWN = 4_000;

type Convert = (block: Fields, reading: Reading, depth: number) => string;

/** The readable blocks of a message as Markdown, apart by blank lines; '' if none says anything. */
export function blocksMarkdown(blocks: readonly unknown[], reading: Reading): string {
  return below(blocks, reading, DEEPEST);
}

/** Whether a kind of block holds words at all: buttons, inputs and lines do not. */
export function holdsWords(block: unknown): boolean {
  const fields = fieldsOf(block);
  return fields !== null && converterOf(fields['type']) !== nothing;
}

/**
 * How each kind of block is read. Source of kinds and keys: `@slack/types/dist/block-kit/blocks.d.ts`.
 * What can only be pressed or filled in says nothing.
 */
const CONVERTERS: Readonly<Record<string, Convert>> = {
  rich_text: richTextMarkdown,
  table: tableMarkdown,
  data_visualization: chartMarkdown,
  data_table: (block, reading) => paragraphs(plain(block['caption']), tableMarkdown(block, reading)),
  markdown: (block) => plain(block['text']),
  header: (block, reading) => words(block['text'], reading),
  alert: (block, reading) => words(block['text'], reading),
  section: (block, reading) =>
    lines(...[block['text'], ...listOf(block['fields'])].map((part) => words(part, reading))),
  context: contextMarkdown,
  image: imageMarkdown,
  video: videoMarkdown,
  container: (block, reading, depth) =>
    paragraphs(
      words(block['rich_text_title'], reading) || words(block['title'], reading),
      words(block['subtitle'], reading),
      below(listOf(block['child_blocks']), reading, depth - 1),
    ),
  card: (block, reading) => lines(...['title', 'subtitle', 'body'].map((key) => words(block[key], reading))),
  carousel: (block, reading, depth) => below(listOf(block['elements']), reading, depth - 1),
  plan: (block, reading, depth) =>
    paragraphs(words(block['title'], reading), below(listOf(block['tasks']), reading, depth - 1)),
  task_card: (block, reading) =>
    paragraphs(...['title', 'details', 'output'].map((key) => words(block[key], reading))),
  actions: nothing,
  context_actions: nothing,
  divider: nothing,
  file: nothing,
  input: nothing,
};

function below(blocks: readonly unknown[], reading: Reading, depth: number): string {
  if (depth <= 0) return '';
  return paragraphs(
    ...blocks.slice(0, MOST_BLOCKS).map((block) => {
      const fields = fieldsOf(block);
      return fields === null ? '' : converterOf(fields['type'])(fields, reading, depth);
    }),
  );
}

function converterOf(type: unknown): Convert {
  const known = typeof type === 'string' && Object.hasOwn(CONVERTERS, type) ? CONVERTERS[type] : undefined;
  return known ?? unknownMarkdown;
}

function nothing(): string {
  return '';
}

/** Text with or without markup, or a `rich_text` block in its place; '' for anything else. */
function words(value: unknown, reading: Reading): string {
  if (typeof value === 'string') return plain(value);
  const fields = fieldsOf(value);
  if (fields?.['type'] === 'mrkdwn') return mrkdwnMarkdown(plain(fields['text']), reading);
  if (fields?.['type'] === 'rich_text') return richTextMarkdown(fields, reading);
  return fields?.['type'] === 'plain_text' ? plain(fields['text']) : '';
}

/** Small print; where it has no words, what its images show (a coloured dot that says how a build ended, say). */
function contextMarkdown(block: Fields, reading: Reading): string {
  const elements = listOf(block['elements']);
  const said = elements.map((part) => words(part, reading)).filter((text) => text !== '');
  if (said.length > 0) return said.join(' ');
  return lines(...elements.map((part) => imageMarkdown(fieldsOf(part) ?? {}, reading)));
}

function imageMarkdown(block: Fields, reading: Reading): string {
  const shows = words(block['title'], reading) || plain(block['alt_text']);
  return shows.trim() === '' ? '' : `[image: ${shows.replace(/\s+/g, ' ').trim()}]`;
}

function videoMarkdown(block: Fields, reading: Reading): string {
  const title = words(block['title'], reading) || plain(block['alt_text']);
  const address = plain(block['title_url']);
  return lines(
    address === '' ? title : link(address, title),
    [plain(block['author_name']), plain(block['provider_name'])].filter((name) => name !== '').join(', '),
    words(block['description'], reading),
  );
}

/** Keys under which blocks hold what people read. */
const READABLE = new Set([
  'text',
  'title',
  'subtitle',
  'description',
  'caption',
  'body',
  'fallback',
  'alt_text',
]);

/** Whatever text a block of a later Slack holds, in the order in which it stands there, bounded. */
function unknownMarkdown(block: Fields, reading: Reading): string {
  const found: string[] = [];
  const waiting: { readonly key: string; readonly value: unknown }[] = [{ key: '', value: block }];
  let kept = 0;
  for (let seen = 0; waiting.length > 0 && seen < MOST_NODES && kept < MOST_UNKNOWN; seen += 1) {
    const { key, value } = waiting.pop() ?? { key: '', value: null };
    const fields = fieldsOf(value);
    const text = typeof value === 'string' ? (READABLE.has(key) ? plain(value) : '') : words(value, reading);
    if (text.trim() !== '') {
      found.push(text.slice(0, MOST_UNKNOWN - kept));
      kept += text.length;
    } else if (Array.isArray(value)) {
      for (const member of value.slice(0, MOST_NODES).reverse()) waiting.push({ key, value: member });
    } else if (fields !== null) {
      for (const [name, member] of Object.entries(fields).slice(0, MOST_NODES).reverse())
        waiting.push({ key: name, value: member });
    }
  }
  return found.join('\n');
}

function lines(...parts: readonly string[]): string {
  return parts.filter((text) => text.trim() !== '').join('\n');
}

function paragraphs(...parts: readonly string[]): string {
  return parts.filter((text) => text.trim() !== '').join('\n\n');
}
