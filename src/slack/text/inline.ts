import { fieldsOf, listOf } from '../parse/fields.ts';
import { plain, type Reading } from './content.ts';
import { emojiFromCodePoints } from './emoji.ts';
import { link, type Style, styled } from './markup.ts';
import { broadcastName, channelName, usergroupName, userName } from './names.ts';

/** The inline elements of a rich-text section as Markdown. Unknown kinds give their `text`, if they have one. */
export function inlineMarkdown(elements: unknown, reading: Reading): string {
  return listOf(elements)
    .map((element) => {
      const fields = fieldsOf(element);
      if (fields === null) return '';
      const style = styleOf(fields['style']);
      const url = plain(fields['url']);
      if (fields['type'] === 'link' && url !== '')
        return styled(link(url, plain(fields['text'])), { ...style, code: false });
      return styled(elementText(fields, reading), style);
    })
    .join('');
}

/** The same without any markup, for code blocks: a link is its address as typed. */
export function inlinePlain(elements: unknown, reading: Reading): string {
  return listOf(elements)
    .map((element) => {
      const fields = fieldsOf(element);
      if (fields === null) return '';
      if (fields['type'] === 'link') return plain(fields['text']) || plain(fields['url']);
      return elementText(fields, reading);
    })
    .join('');
}

function elementText(fields: Readonly<Record<string, unknown>>, reading: Reading): string {
  switch (fields['type']) {
    case 'user':
      return userName(plain(fields['user_id']), null, reading);
    case 'channel':
      return channelName(plain(fields['channel_id']), null, reading);
    case 'usergroup':
      return usergroupName(plain(fields['usergroup_id']), null, reading);
    case 'broadcast':
      return broadcastName(plain(fields['range'])) ?? '';
    case 'emoji':
      return emojiFromCodePoints(plain(fields['unicode'])) ?? `:${plain(fields['name'])}:`;
    case 'color':
      return plain(fields['value']);
    case 'date':
      return plain(fields['fallback']) || dateText(fields['timestamp']);
    default:
      return plain(fields['text']);
  }
}

/** Fallback for a date without one: UTC, to the minute. `seconds` since the epoch. */
export function dateText(seconds: unknown): string {
  const date = new Date(
    Number(typeof seconds === 'string' || typeof seconds === 'number' ? seconds : NaN) * 1000,
  );
  return Number.isNaN(date.getTime()) ? '' : `${date.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

function styleOf(style: unknown): Style {
  const fields = fieldsOf(style);
  return {
    bold: fields?.['bold'] === true,
    italic: fields?.['italic'] === true,
    strike: fields?.['strike'] === true,
    code: fields?.['code'] === true,
  };
}
