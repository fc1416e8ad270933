/** Text for notifications and screen readers. */
import { advance, type Openers } from './emphasis.ts';
import { graphemeCut } from './grapheme.ts';
import { readInline } from './inline.ts';
import { joiner } from './neutralise.ts';

const escapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };
const fenceLine = /^[\s>]*(?:(?:[-+*]|\d{1,9}[.)])\s+)*(?:`{3,}|~{3,})/;
const separatorLine = /^[\s>]*\|?(?:\s*:?-+:?\s*\|)+\s*(?::?-+:?)?\s*$/;

/**
 * The accessibility text of a segment: its words without Markdown, in Slack's mrkdwn escapes, so that no token is
 * live. At most `limit` UTF-16 units, escapes included; a text that is cut ends in an ellipsis. `limit` must be
 * positive.
 */
export function plainText(markdown: string, limit: number): string {
  const lines: string[] = [];
  let length = 0;
  let fence = '';
  // Words are never longer than their Markdown by much: what is far behind the limit need not be read.
  for (const line of markdown.slice(0, limit * 4 + 4_000).split('\n')) {
    const marks = fenceLine.test(line) ? (/[`~]{3,}/.exec(line)?.[0] ?? '') : '';
    if (fence === '' ? marks !== '' : marks.startsWith(fence) && line.trimEnd().endsWith(marks)) {
      fence = fence === '' ? marks : '';
      continue;
    }
    const text = fence === '' ? plainLine(line) : line;
    if (text === null || (text.trim() === '' && lines.at(-1) === '')) continue;
    lines.push(text.trimEnd());
    length += text.length + 1;
    if (length > limit) break;
  }
  const escaped = lines
    .join('\n')
    .replaceAll(joiner, '')
    .trim()
    .replace(/[&<>]/g, (char) => escapes[char] ?? char);
  if (escaped.length <= limit) return escaped;
  const end = graphemeCut(escaped, Math.max(1, limit - 1));
  const cut = end < limit ? escaped.slice(0, end) : '';
  // Half an entity would show its letters.
  return `${cut.replace(/&[a-z]{0,3}$/, '').trimEnd()}…`;
}

/** One line without its marks; `null` for one that has no words. */
function plainLine(line: string): string | null {
  if (separatorLine.test(line) || /^[\s>]*(?:(?:-\s*){3,}|(?:\*\s*){3,}|(?:_\s*){3,})$/.test(line))
    return null;
  const bare = line
    .replace(/^[\s>]*/, '')
    .replace(/^#{1,6}\s+/, '')
    .replace(/^[-+*]\s+(?:\[[ xX]\]\s+)?/, '• ');
  const row = /^\|(.*?)\|?\s*$/.exec(bare)?.[1];
  const text =
    row === undefined
      ? bare
      : row
          .split(/(?<!\\)\|/)
          .map((cell) => cell.trim())
          .join(', ');
  return plainInline(text);
}

function plainInline(text: string): string {
  let openers: Openers = [];
  let out = '';
  for (const token of readInline(text, { open: false, longestLink: 4_000 }).tokens) {
    if (token.kind === 'run') {
      const next = advance(openers, token.run);
      // A run that neither opens nor closes anything is a sign of its own.
      if (next === openers) out += token.out;
      openers = next;
    } else if (token.kind === 'code') out += token.body;
    else if (token.kind === 'atom') out += plainAtom(token.out);
    else out += token.out;
  }
  return out;
}

function plainAtom(out: string): string {
  const label = /^\[([\s\S]*)\]\(\S*\)$/.exec(out)?.[1];
  if (label !== undefined) return plainInline(label);
  const address = /^<([^<>\s]+)>$/.exec(out)?.[1];
  if (address !== undefined) return address;
  if (out.startsWith('\\')) return out.slice(1);
  return named[out.replace(joiner, '')] ?? out;
}

const named: Readonly<Record<string, string>> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#39;': "'",
  '&nbsp;': ' ',
};
