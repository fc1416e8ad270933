import { type Fields, fieldsOf, idOf, listOf } from '../parse/fields.ts';
import { blocksMarkdown } from './blocks.ts';
import { fileOf, plain, type Reading } from './content.ts';
import { fileLine } from './files.ts';
import { decodeEntities, link, quoted } from './markup.ts';
import { mrkdwnMarkdown } from './mrkdwn.ts';
import { cleanName } from './names.ts';
import { bothOnce, isStandIn, type WordsIn } from './once.ts';

/**
 * An attachment as Markdown: a quote, because others said it than the author of the message, and its files. '' for a
 * preview of a page that somebody linked, which must not speak in the thread, and for what the message itself says
 * already. `main`: the words of the message; null if it has none. Source of the keys: `Attachment` in
 * `@slack/web-api/dist/types/response/ConversationsRepliesResponse.d.ts`.
 */
export function attachmentMarkdown(attachment: unknown, main: WordsIn | null, reading: Reading): string {
  const fields = fieldsOf(attachment);
  if (fields === null) return '';
  const forwarded = isForwarded(fields);
  if (!forwarded && isPreview(fields)) return '';
  const blocks = blocksOf(fields);
  const shown = blocksMarkdown(blocks, reading);
  const said = attachmentWords(fields, shown, forwarded, reading);
  const files = listOf(fields['files'])
    .map((file) => fileLine(fileOf(file)))
    .join('\n');
  if (!forwarded && files === '' && main?.repeatedBy(said)) return '';
  // A table that a person pastes arrives as an attachment of nothing but the table: it is their own.
  const own = said === shown && blocks.every((block) => fieldsOf(block)?.['type'] === 'table');
  const words = own ? said : `${headOf(fields, forwarded, reading)}${said}`;
  return [own ? words : words.trim() === '' ? '' : quoted(words), files]
    .filter((part) => part.trim() !== '')
    .join('\n\n');
}

/** A message that somebody forwarded, or whose link Slack shows with its words. */
export function isForwarded(fields: Fields): boolean {
  return fields['is_share'] === true || fields['is_msg_unfurl'] === true;
}

function isPreview(fields: Fields): boolean {
  return (
    fields['is_app_unfurl'] === true ||
    ['from_url', 'original_url', 'app_unfurl_url'].some((key) => plain(fields[key]) !== '')
  );
}

/** Blocks of its own, or of the message that is forwarded: as blocks, or by message as the SDK's types say. */
function blocksOf(fields: Fields): readonly unknown[] {
  const ofMessage = listOf(fields['message_blocks']).flatMap((entry) => {
    const inner = fieldsOf(fieldsOf(entry)?.['message']);
    return inner === null ? [entry] : listOf(inner['blocks']);
  });
  const own = listOf(fields['blocks']);
  return own.length > 0 ? own : ofMessage;
}

function attachmentWords(fields: Fields, shown: string, forwarded: boolean, reading: Reading): string {
  const text = (key: string) => mrkdwnMarkdown(plain(fields[key]), reading);
  const said = [
    text('pretext'),
    titleOf(fields, reading),
    bothOnce(text('text'), shown),
    ...listOf(fields['fields']).map((field) => fieldLine(fieldsOf(field) ?? {}, reading)),
    // Under a forwarded message Slack names the channel that it is from, which may be private.
    forwarded ? '' : text('footer'),
  ].filter((part) => part.trim() !== '');
  if (said.length > 0) return said.join('\n');
  const fallback = text('fallback');
  return isStandIn(fallback) ? '' : fallback;
}

/** Who said it: for a forwarded message with the channel, as far as its name may be known here. */
function headOf(fields: Fields, forwarded: boolean, reading: Reading): string {
  const author = cleanName(plain(fields['author_name']));
  if (!forwarded) return author === '' ? '' : `${author}: `;
  const id = idOf(fields['author_id']);
  const name = author || cleanName((id === null ? null : reading.names.user(id)) ?? '');
  const channel = idOf(fields['channel_id']);
  const place = cleanName((channel === null ? null : reading.names.channel(channel)) ?? '');
  const who = [name, place === '' ? '' : `in #${place}`].filter((part) => part !== '').join(' ');
  return who === '' ? '' : `${who}: `;
}

function titleOf(fields: Fields, reading: Reading): string {
  const title = mrkdwnMarkdown(plain(fields['title']), reading);
  const address = decodeEntities(plain(fields['title_link']));
  return /^https?:\/\//i.test(address) ? link(address, title) : title;
}

function fieldLine(field: Fields, reading: Reading): string {
  return ['title', 'value']
    .map((key) => mrkdwnMarkdown(plain(field[key]), reading))
    .filter((part) => part.trim() !== '')
    .join(': ');
}
