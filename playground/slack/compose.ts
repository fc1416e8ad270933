/**
 * What Slack's composer makes of typed text: a rich_text block and the mrkdwn fallback that events carry.
 * `@handle` and `#channel` become tokens; everything else that could be a token is escaped.
 */
import { compact, type Json } from './json.ts';

/** Looks up what a person can mention by name. */
export interface Directory {
  userByHandle(handle: string): string | undefined;
  channelByName(name: string): { readonly id: string; readonly isPrivate: boolean } | undefined;
}

export interface Composed {
  readonly text: string;
  readonly blocks: readonly Json[];
}

/** One piece of a line, in both forms. */
interface Piece {
  readonly element: Json;
  readonly text: string;
}

export function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

const inline =
  /`([^`\n]+)`|\[([^\]\n]+)\]\((https?:\/\/[^\s)]+)\)|(https?:\/\/[^\s<>]+[^\s<>.,;:!?)'"])|(?<![\w@])@([a-z0-9][\w.-]*[a-z0-9]|[a-z0-9])|(?<![\w#])#([\p{L}\d][\p{L}\d_-]*)|:([a-z0-9_+-]+):|(?<![\w*])\*(?=\S)([^*\n]*[^*\s])\*(?![\w*])|(?<![\w_])_(?=\S)([^_\n]*[^_\s])_(?![\w_])|(?<![\w~])~(?=\S)([^~\n]*[^~\s])~(?![\w~])/giu;

type Style = { readonly bold?: true; readonly italic?: true; readonly strike?: true; readonly code?: true };

function styled(style: Style): Json {
  return Object.keys(style).length > 0 ? { style } : {};
}

function plain(text: string, style: Style): Piece {
  return { element: { type: 'text', text, ...styled(style) }, text: escapeText(text) };
}

function wrap(mark: string, pieces: readonly Piece[]): Piece[] {
  return pieces.map((piece, index) => ({
    element: piece.element,
    text: `${index === 0 ? mark : ''}${piece.text}${index === pieces.length - 1 ? mark : ''}`,
  }));
}

function mention(handle: string, style: Style, directory: Directory): Piece | undefined {
  if (handle === 'here' || handle === 'channel' || handle === 'everyone') {
    return { element: { type: 'broadcast', range: handle, ...styled(style) }, text: `<!${handle}>` };
  }
  const user = directory.userByHandle(handle);
  return user
    ? { element: { type: 'user', user_id: user, ...styled(style) }, text: `<@${user}>` }
    : undefined;
}

function channelMention(name: string, style: Style, directory: Directory): Piece | undefined {
  const found = directory.channelByName(name);
  if (!found) return undefined;
  const label = found.isPrivate ? '' : name;
  return {
    element: { type: 'channel', channel_id: found.id, ...styled(style) },
    text: `<#${found.id}|${label}>`,
  };
}

function recognise(match: RegExpMatchArray, style: Style, directory: Directory): Piece[] | undefined {
  const [, code, label, target, url, handle, channel, emoji, bold, italic, strike] = match;
  if (code !== undefined) {
    const element = { type: 'text', text: code, style: { ...style, code: true } };
    return [{ element, text: `\`${escapeText(code)}\`` }];
  }
  if (label !== undefined && target !== undefined) {
    const element = { type: 'link', url: target, text: label, ...styled(style) };
    return [{ element, text: `<${escapeText(target)}|${escapeText(label).replaceAll('|', '¦')}>` }];
  }
  if (url !== undefined) {
    return [{ element: { type: 'link', url, ...styled(style) }, text: `<${escapeText(url)}>` }];
  }
  if (emoji !== undefined) {
    return [{ element: { type: 'emoji', name: emoji, ...styled(style) }, text: `:${emoji}:` }];
  }
  if (bold !== undefined) return wrap('*', pieces(bold, { ...style, bold: true }, directory));
  if (italic !== undefined) return wrap('_', pieces(italic, { ...style, italic: true }, directory));
  if (strike !== undefined) return wrap('~', pieces(strike, { ...style, strike: true }, directory));
  const named =
    handle !== undefined
      ? mention(handle.toLowerCase(), style, directory)
      : channel !== undefined
        ? channelMention(channel, style, directory)
        : undefined;
  return named ? [named] : undefined;
}

function pieces(text: string, style: Style, directory: Directory): Piece[] {
  const found: Piece[] = [];
  let done = 0;
  for (const match of text.matchAll(inline)) {
    const recognised = recognise(match, style, directory);
    if (!recognised) continue;
    if (match.index > done) found.push(plain(text.slice(done, match.index), style));
    found.push(...recognised);
    done = match.index + match[0].length;
  }
  if (done < text.length) found.push(plain(text.slice(done), style));
  return found;
}

interface Row {
  readonly kind: 'section' | 'bullet' | 'ordered' | 'quote';
  readonly indent: number;
  readonly content: string;
}

function rowOf(line: string): Row {
  const list = /^( *)(?:([-*•])|(\d+)\.) +(.*)$/.exec(line);
  if (list) {
    const kind = list[3] === undefined ? 'bullet' : 'ordered';
    return { kind, indent: Math.floor((list[1] ?? '').length / 2), content: list[4] ?? '' };
  }
  const quote = /^> ?(.*)$/.exec(line);
  if (quote) return { kind: 'quote', indent: 0, content: quote[1] ?? '' };
  return { kind: 'section', indent: 0, content: line };
}

const newline: Piece = { element: { type: 'text', text: '\n' }, text: '\n' };

/** Neighbouring rows of one kind and indent make one element; each list item is a section of its own. */
function compose(rows: readonly Row[], directory: Directory): Piece {
  const first = rows[0];
  const lines = rows.map((row) => pieces(row.content, {}, directory));
  const texts = lines.map((line) => line.map((piece) => piece.text).join(''));
  if (first && (first.kind === 'bullet' || first.kind === 'ordered')) {
    const elements = lines.map((line) => ({
      type: 'rich_text_section',
      elements: line.map((piece) => piece.element),
    }));
    const indent = '    '.repeat(first.indent);
    const marks = texts.map(
      (text, index) => `${indent}${first.kind === 'bullet' ? '•' : `${index + 1}.`} ${text}`,
    );
    const element = { type: 'rich_text_list', style: first.kind, indent: first.indent, border: 0, elements };
    return { element, text: marks.join('\n') };
  }
  const joined = lines.flatMap((line, index) => (index === 0 ? line : [newline, ...line]));
  const quoted = first?.kind === 'quote';
  return {
    element: {
      type: quoted ? 'rich_text_quote' : 'rich_text_section',
      elements: joined.map((piece) => piece.element),
    },
    text: texts.map((text) => (quoted ? `&gt; ${text}` : text)).join('\n'),
  };
}

function composeProse(text: string, directory: Directory): Piece[] {
  const groups: Row[][] = [];
  for (const line of text.split('\n')) {
    const row = rowOf(line);
    const last = groups.at(-1);
    const head = last?.[0];
    if (last && head && head.kind === row.kind && head.indent === row.indent) last.push(row);
    else groups.push([row]);
  }
  return groups.map((rows) => compose(rows, directory));
}

function fence(code: string, language: string): Piece {
  const element = compact({
    type: 'rich_text_preformatted',
    elements: [{ type: 'text', text: code }],
    border: 0,
    language: language === '' ? undefined : language,
  });
  return { element, text: `\`\`\`${escapeText(code)}\`\`\`` };
}

/** Turns typed text into what a person's message carries. An unclosed fence is ordinary text, as in Slack. */
export function composeMessage(typed: string, directory: Directory, blockId: string): Composed {
  const parts: Piece[] = [];
  const fences = /^```([\w+-]*)\n([\s\S]*?)\n?```[ \t]*$|```([^\n]+?)```/gm;
  let done = 0;
  const prose = (text: string) => {
    const trimmed = text.replace(/^\n|\n$/g, '');
    if (trimmed !== '') parts.push(...composeProse(trimmed, directory));
  };
  for (const match of typed.matchAll(fences)) {
    prose(typed.slice(done, match.index));
    parts.push(fence(match[2] ?? match[3] ?? '', match[1] ?? ''));
    done = match.index + match[0].length;
  }
  prose(typed.slice(done));
  return {
    text: parts.map((part) => part.text).join('\n'),
    blocks:
      parts.length === 0
        ? []
        : [{ type: 'rich_text', block_id: blockId, elements: parts.map((part) => part.element) }],
  };
}
