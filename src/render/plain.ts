/** A segment's words without Markdown: for notifications, screen readers, and a Slack that refuses the Markdown. */
import { graphemeCut } from './grapheme.ts';
import { readInline } from './inline.ts';
import { boundary, joiner, neutraliseCode } from './neutralise.ts';

const escapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };
const fenceLine = /^[\s>]*(?:(?:[-+*]|\d{1,9}[.)])\s+)*(?:`{3,}|~{3,})/;
const separatorLine = /^[\s>]*\|?(?:\s*:?-+:?\s*\|)+\s*(?::?-+:?)?\s*$/;
const rule = /^[\s>]*(?:(?:-\s*){3,}|(?:\*\s*){3,}|(?:_\s*){3,})$/;
const bullet = /^[-+*]\s+(?:\[[ xX]\]\s+)?/;
/** Begins a block of its own, which emphasis does not go over. */
const begins = /^(?:#{1,6}\s|[-+*]\s|\d{1,9}[.)]\s|\|)/;
const heading = /^#{1,6}\s+/;

/**
 * The accessibility text of a segment: its words without Markdown, in Slack's mrkdwn escapes, so that no token is
 * live. At most `limit` UTF-16 units, escapes included; a text that is cut ends in an ellipsis. `limit` must be
 * positive.
 */
export function plainText(markdown: string, limit: number): string {
  // Words are never longer than their Markdown by much: what is far behind the limit need not be read.
  const escaped = plainWords(markdown.slice(0, limit * 4 + 4_000)).replace(
    /[&<>]/g,
    (char) => escapes[char] ?? char,
  );
  if (escaped.length <= limit) return escaped;
  const end = graphemeCut(escaped, Math.max(1, limit - 1));
  const cut = end < limit ? escaped.slice(0, end) : '';
  // Half an entity would show its letters.
  return `${cut.replace(/&[a-z]{0,3}$/, '').trimEnd()}…`;
}

/**
 * All words of a segment without Markdown, in pieces of at most `limit` (at least 8) UTF-16 units, for `plain_text`
 * objects: the last form in which a text is shown that Slack refuses in every other. Pieces end at a line's end if
 * there is one in their second half, else at a blank, never inside what a reader sees as one character. No whole
 * control sequence is left in them. [] for a text without words.
 */
export function plainPieces(markdown: string, limit: number): string[] {
  const pieces: string[] = [];
  for (let rest = neutraliseCode(plainWords(markdown)); rest !== ''; ) {
    const end = pieceEnd(rest, limit);
    const piece = rest.slice(0, end).trimEnd();
    if (piece !== '') pieces.push(piece);
    rest = rest.slice(end).replace(/^\n+/, '');
  }
  return pieces;
}

function pieceEnd(text: string, limit: number): number {
  if (text.length <= limit) return text.length;
  for (const mark of ['\n', ' ']) {
    const at = text.lastIndexOf(mark, limit - 1) + 1;
    if (at > limit / 2) return at;
  }
  return graphemeCut(text, limit);
}

function plainWords(markdown: string): string {
  const lines: string[] = [];
  let block: string[] = [];
  let fence = '';
  const add = (line: string) => {
    if (line.trim() !== '' || lines.at(-1) !== '') lines.push(line.trimEnd());
  };
  const end = () => {
    if (block.length > 0) for (const line of plainInline(block.join('\n')).split('\n')) add(line);
    block = [];
  };
  for (const line of markdown.split('\n')) {
    const marks = fenceLine.test(line) ? (/[`~]{3,}/.exec(line)?.[0] ?? '') : '';
    if (fence === '' ? marks !== '' : marks.startsWith(fence) && line.trimEnd().endsWith(marks)) {
      end();
      fence = fence === '' ? marks : '';
    } else if (fence !== '') lines.push(line.trimEnd());
    else if (separatorLine.test(line) || rule.test(line)) end();
    else {
      const bare = line.replace(/^[\s>]*/, '');
      if (bare === '' || begins.test(bare)) end();
      if (bare === '') add('');
      else if (bare.startsWith('|')) add(plainRow(bare));
      else block.push(bare.replace(heading, '').replace(bullet, '• '));
      if (heading.test(bare)) end();
    }
  }
  end();
  return lines.join('\n').replaceAll(joiner, '').replaceAll(boundary, '').trim();
}

/** The cells of a row of a table. */
function plainRow(line: string): string {
  return line
    .replace(/^\||\|\s*$/g, '')
    .split(/(?<!\\)\|/)
    .map((cell) => plainInline(cell.trim()).replaceAll('\\|', '|'))
    .join(', ');
}

function plainInline(text: string): string {
  let out = '';
  for (const token of readInline(text, { open: false, longestLink: 4_000 }).tokens) {
    // What is left of a run without its marks are characters.
    if (token.kind === 'run') out += token.run.char.repeat(token.literal);
    else if (token.kind === 'code') out += token.body;
    else if (token.kind === 'atom') out += plainAtom(token.out);
    else out += token.out;
  }
  return out;
}

export function plainAtom(out: string): string {
  const label = /^\[([\s\S]*)\]\(\S*\)$/.exec(out)?.[1];
  if (label !== undefined) return plainInline(label);
  const address = /^<([^<>\s]+)>$/.exec(out)?.[1];
  if (address !== undefined) return address;
  const formula = /^(`+)([\s\S]+)\1$/.exec(out)?.[2];
  if (formula !== undefined) return formula;
  if (out.startsWith('\\')) return out.replace(/\\(.)/g, '$1');
  const entity = out.replace(joiner, '');
  const code = /^&#(?:[xX]([0-9a-fA-F]+)|(\d+));$/.exec(entity);
  if (code) return character(Number.parseInt(code[1] ?? code[2] ?? '', code[1] === undefined ? 10 : 16));
  return named[entity.slice(1, -1)] ?? out;
}

const character = (code: number): string =>
  code > 0 && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff) ? String.fromCodePoint(code) : '\ufffd';

const named: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
  copy: '©',
  reg: '®',
  trade: '™',
  hellip: '…',
  mdash: '—',
  ndash: '–',
  rarr: '→',
  larr: '←',
  times: '×',
  deg: '°',
  euro: '€',
  middot: '·',
};
