import { type Fields, fieldsOf, listOf } from '../parse/fields.ts';
import { blocksMarkdown } from './blocks.ts';
import { type Names, OWN_MENTION, plain, type Reading, type SlackContent } from './content.ts';
import { quoted } from './markup.ts';
import { mrkdwnMarkdown } from './mrkdwn.ts';
import { cleanName } from './names.ts';

/**
 * A Slack message as Markdown for the model. Rich text is preferred, because `text` lacks some markup; tables
 * and shared messages come from the attachments, and each file is one line. Mentions become names, our own is
 * dropped. Total: untrusted JSON of any shape gives some text and never an exception.
 */
export function toMarkdown(
  content: SlackContent,
  names: Names,
  self: { readonly botUserId: string },
): string {
  const reading: Reading = { names, botUserId: self.botUserId };
  const main = mainMarkdown(content, reading);
  const parts = [
    main,
    ...(content.attachments ?? []).map((attachment) => attachmentMarkdown(attachment, main === '', reading)),
    (content.files ?? []).map(fileLine).join('\n'),
  ];
  const joined = parts.filter((part) => part.trim() !== '').join('\n\n');
  return withoutKnownTokens(withoutOwnMention(joined), names).trim();
}

function mainMarkdown(content: SlackContent, reading: Reading): string {
  const blocks = content.blocks ?? [];
  const text = mrkdwnMarkdown(plain(content.text), reading);
  const rich = blocks.some((block) => fieldsOf(block)?.['type'] === 'rich_text');
  if (rich || text.trim() === '') {
    const fromBlocks = blocksMarkdown(blocks, reading);
    if (fromBlocks !== '') return fromBlocks;
  }
  const tables = blocks.filter((block) => fieldsOf(block)?.['type'] === 'table');
  return [text, blocksMarkdown(tables, reading)].filter((part) => part.trim() !== '').join('\n\n');
}

/**
 * Pasted tables and shared messages belong to what the person said. Unfurled links do not: a page that
 * somebody linked must not speak in the thread. A message without words of its own says what its
 * attachments say.
 */
function attachmentMarkdown(attachment: unknown, alone: boolean, reading: Reading): string {
  const fields = fieldsOf(attachment);
  if (fields === null) return '';
  const shared = fields['is_msg_unfurl'] === true || fields['is_share'] === true;
  const unfurled =
    !shared && (typeof fields['from_url'] === 'string' || typeof fields['original_url'] === 'string');
  const blocks = listOf(fields['blocks']);
  const tables = blocksMarkdown(
    blocks.filter((block) => alone || fieldsOf(block)?.['type'] === 'table'),
    reading,
  );
  if (tables !== '' && !unfurled) return tables;
  if (!shared && (!alone || unfurled)) return '';
  return attachmentText(fields, reading);
}

function attachmentText(fields: Fields, reading: Reading): string {
  const said = ['pretext', 'title', 'text']
    .map((key) => mrkdwnMarkdown(plain(fields[key]), reading))
    .filter((text) => text.trim() !== '')
    .join('\n');
  const text = said || mrkdwnMarkdown(plain(fields['fallback']), reading);
  if (text.trim() === '') return '';
  const author = cleanName(plain(fields['author_name']));
  return quoted(author === '' ? text : `${author}: ${text}`);
}

function fileLine(file: { readonly name: string | null; readonly mimetype: string | null }): string {
  const name = cleanName(file.name ?? '') || 'without a name';
  const type = cleanName(file.mimetype ?? '');
  return type === '' ? `[attached file: ${name}]` : `[attached file: ${name}, ${type}]`;
}

/** Takes out the marks of our own mention with the blanks and the comma that belong to it. */
function withoutOwnMention(text: string): string {
  const mark = OWN_MENTION;
  return text
    .replaceAll(new RegExp(`[*_~]{1,4}${mark}[*_~]{1,4}`, 'g'), mark)
    .replace(new RegExp(`^[\\s${mark}]*${mark}[,:]?[\\s${mark}]*`), '')
    .replaceAll(new RegExp(`[ \\t]{0,8}${mark}(?=[,.;:!?])`, 'g'), '')
    .replaceAll(new RegExp(`(^|\\n)${mark}[ \\t]*`, 'g'), '$1')
    .replaceAll(
      new RegExp(`([ \\t]{0,8})${mark}([ \\t]{0,8})`, 'g'),
      (_whole, left: string, right: string) => (left !== '' && right !== '' ? ' ' : left + right),
    );
}

/**
 * Whatever still looks like a mention of somebody we know (typed letter by letter, nested, half closed) is
 * named as well, so that no id of a person stands in the transcript.
 */
function withoutKnownTokens(text: string, names: Names): string {
  return text.replace(/(?<!<)<+@([A-Za-z0-9_-]{1,64})(?:\|[^<>]*)?>?/g, (whole, id: string) => {
    const name = names.user(id);
    return name === null ? whole : `@${cleanName(name) || 'someone'}`;
  });
}
