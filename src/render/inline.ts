/**
 * The inline stage: one leaf's text (a paragraph, heading or cell) as tokens whose `out` is safe to send. It reads
 * a text from its start every time, so callers keep the text bounded.
 */
import { advance, type DelimiterRun, type Openers, readRun } from './emphasis.ts';
import { readLinkTail, writeLink } from './link.ts';
import { joiner, literalLt, matchAt, neutraliseCode, readAngle, readEntity } from './neutralise.ts';

interface Span {
  /** Where it stands in the source. */
  readonly start: number;
  readonly end: number;
  readonly out: string;
}

export type InlineToken = Span &
  (
    | { readonly kind: 'text' }
    | { readonly kind: 'newline' }
    /** Must not be cut: link, entity, escape, address. */
    | { readonly kind: 'atom' }
    | { readonly kind: 'run'; readonly run: DelimiterRun }
    | { readonly kind: 'code'; readonly ticks: string; readonly body: string; readonly closed: boolean }
  );

export interface InlineOptions {
  /** More text may follow: constructs that could still become something are left out at the end. */
  readonly open: boolean;
  /** Longest source of one link, in UTF-16 units; a longer one is text, so that it can be cut. */
  readonly longestLink: number;
}

interface Structure {
  /** Index of the matching `]` by the index of its `[`. */
  readonly brackets: ReadonlyMap<number, number>;
  readonly firstLone: number;
  /** Start of the closing run by the start of the opening one. */
  readonly code: ReadonlyMap<number, number>;
}

const tickRun = /`+/y;
const plain = /[^\\`*_~<&[\]!\n]+/y;
const delimiters = /\*+|_+|~+/y;
const bareAddress = /\bhttps?:\/\/[^\s<>`|[\]\\]+/gi;
// How much of a text may be held back while it could still become a link label or a tag.
const holdLabel = 200;
const holdAngle = 120;
// More ticks or delimiters in a row are decoration; the bound keeps what a cut must repeat short.
const mostTicks = 16;
const mostDelimiters = 3;

/** Tokens of a text and the emphasis that is open behind the last of them. */
export function readInline(
  text: string,
  options: InlineOptions,
): { tokens: InlineToken[]; openers: Openers } {
  const structure = findStructure(text, options.open);
  const tokens: InlineToken[] = [];
  let openers: Openers = [];
  const addresses = [...text.matchAll(bareAddress)].map((found) => trimAddress(found.index, found[0]));
  let nextAddress = 0;
  let at = 0;
  const push = (token: InlineToken) => {
    // Behind an exclamation mark a link would be an image.
    const marked = (tokens.at(-1)?.out ?? text[token.start - 1] ?? '').endsWith('!');
    const image = marked && token.kind === 'atom' && token.out.startsWith('[');
    tokens.push(image ? { ...token, out: joiner + token.out } : token);
    at = token.end;
  };
  while (at < text.length) {
    const char = text[at] ?? '';
    while ((addresses[nextAddress]?.start ?? Number.POSITIVE_INFINITY) < at) nextAddress++;
    const link = addresses[nextAddress];
    if (link && link.start === at) {
      const kind = link.end - at > options.longestLink ? 'text' : 'atom';
      push({ kind, start: at, end: link.end, out: neutraliseCode(text.slice(at, link.end)) });
    } else if (char === '\n') {
      push({ kind: 'newline', start: at, end: at + 1, out: '\n' });
    } else if (char === '\\') {
      const next = text[at + 1];
      if (next === undefined && options.open) break;
      if (next === '\n') push({ kind: 'atom', start: at, end: at + 1, out: '' });
      else if (next === '<')
        push({ kind: 'atom', start: at, end: at + 2, out: literalLt(text[at + 2] ?? '') });
      else if (next === '&') push({ kind: 'atom', start: at, end: at + 2, out: `&${joiner}` });
      else if (next && /[!-/:-@[-`{-~]/.test(next))
        push({ kind: 'atom', start: at, end: at + 2, out: `\\${next}` });
      else push({ kind: 'text', start: at, end: at + 1, out: '\\' });
    } else if (char === '`') {
      const token = readCode(text, at, structure, options.open);
      if (token === null) break;
      push(token);
    } else if (char === '*' || char === '_' || char === '~') {
      const length = matchAt(delimiters, text, at)?.[0].length ?? 1;
      if (options.open && at + length === text.length) break;
      if (length > mostDelimiters) {
        push({ kind: 'text', start: at, end: at + length, out: text.slice(at, at + length) });
        continue;
      }
      const run = readRun(char, length, charBefore(text, at), charAt(text, at + length), openers);
      openers = advance(openers, run);
      const marks = char.repeat(length);
      const out = run.repair === 'before' ? joiner + marks : run.repair === 'after' ? marks + joiner : marks;
      push({ kind: 'run', start: at, end: at + length, out, run });
    } else if (char === '<') {
      const found = readAngle(text, at);
      if (found.end === at + 1 && options.open && isUnfinishedAngle(text, at)) break;
      const out = 'label' in found ? writeLink(renderLabel(found.label), found.address) : found.out;
      push({ kind: 'atom', start: at, end: found.end, out });
    } else if (char === '&') {
      if (options.open && /^&#?[a-zA-Z0-9]{0,31}$/.test(text.slice(at, at + 33))) break;
      const found = readEntity(text, at);
      push({ kind: 'atom', start: at, end: found.end, out: found.out });
    } else if (char === '[' || (char === '!' && text[at + 1] === '[')) {
      const token = readBracket(text, at, structure, options);
      if (token === null) break;
      push(token);
    } else if (char === '!' && options.open && at + 1 === text.length && /^\s?$/.test(text[at - 1] ?? '')) {
      break;
    } else {
      const length = matchAt(plain, text, at)?.[0].length ?? 1;
      const end = Math.min(at + length, link?.start ?? Number.POSITIVE_INFINITY);
      push({ kind: 'text', start: at, end, out: text.slice(at, end) });
    }
  }
  return { tokens, openers };
}

/** A finished text, ready to send. */
export function renderInline(text: string, options: Omit<InlineOptions, 'open'>): string {
  return readInline(text, { ...options, open: false })
    .tokens.map((token) => token.out)
    .join('');
}

/** A link's label: emphasis and code stay, links inside it become their text. */
function renderLabel(label: string): string {
  const flat = label.replaceAll('\n', ' ');
  const { tokens } = readInline(flat.replace(/!?\[([^[\]]*)\]\((?:[^()\n]|\([^()\n]*\))*\)/g, '$1'), {
    open: false,
    longestLink: 0,
  });
  return tokens.map((token) => token.out.replace(/^<(https?:[^<>]*)>$/, '$1')).join('');
}

function charAt(text: string, index: number): string {
  const code = text.codePointAt(index);
  return code === undefined ? '' : String.fromCodePoint(code);
}

function charBefore(text: string, index: number): string {
  if (index === 0) return '';
  const low = text.charCodeAt(index - 1);
  return charAt(text, low >= 0xdc00 && low <= 0xdfff ? index - 2 : index - 1);
}

/** Punctuation behind an address belongs to the sentence. */
function trimAddress(start: number, found: string): { start: number; end: number } {
  let end = found.length;
  let surplus = 0;
  for (const char of found) surplus += char === ')' ? 1 : char === '(' ? -1 : 0;
  for (;;) {
    const last = found[end - 1] ?? '';
    const extra = last === ')' && surplus > 0;
    if (!extra && !/[?!.,:;*_~'"]/.test(last)) return { start, end: start + end };
    if (extra) surplus--;
    end--;
  }
}

/** Pairs brackets and back-tick runs in one pass: what is inside code, escapes and tags pairs with nothing. */
function findStructure(text: string, open: boolean): Structure {
  const runs = new Map<number, number[]>();
  for (const found of text.matchAll(/`+/g)) {
    const starts = runs.get(found[0].length) ?? [];
    starts.push(found.index);
    runs.set(found[0].length, starts);
  }
  const next = new Map<number, number>();
  const brackets = new Map<number, number>();
  const code = new Map<number, number>();
  const waiting: number[] = [];
  for (let at = 0; at < text.length; at++) {
    const char = text[at];
    if (char === '\\') at++;
    else if (char === '`') {
      const length = matchAt(tickRun, text, at)?.[0].length ?? 1;
      const starts = runs.get(length) ?? [];
      let pointer = next.get(length) ?? 0;
      while (pointer < starts.length && (starts[pointer] ?? 0) < at + length) pointer++;
      next.set(length, pointer);
      const close = starts[pointer];
      if (close !== undefined && length <= mostTicks) {
        code.set(at, close);
        at = close + length - 1;
      } else if (open && length <= mostTicks) break;
      else at += length - 1;
    } else if (char === '<') {
      const found = readAngle(text, at);
      at = found.end - 1;
    } else if (char === '[') waiting.push(at);
    else if (char === ']') {
      const start = waiting.pop();
      if (start !== undefined) brackets.set(start, at);
    }
  }
  const firstLone = waiting.find((start) => text.length - start <= holdLabel) ?? -1;
  return { brackets, code, firstLone };
}

/** Code from its opening run; `null` where nothing of it can be shown yet. */
function readCode(text: string, at: number, structure: Structure, open: boolean): InlineToken | null {
  const ticks = matchAt(tickRun, text, at)?.[0] ?? '`';
  const start = at;
  const close = structure.code.get(at);
  if (close !== undefined) {
    const body = neutraliseCode(text.slice(at + ticks.length, close).replaceAll('\n', ' '));
    return {
      kind: 'code',
      start,
      end: close + ticks.length,
      out: ticks + body + ticks,
      ticks,
      body,
      closed: true,
    };
  }
  if (!open || ticks.length > mostTicks) return { kind: 'text', start, end: at + ticks.length, out: ticks };
  // The back-ticks at the very end may be half of the closing run, and half a token must wait in code too; what
  // stands before it then must not lengthen the run that closes.
  const body = text
    .slice(at + ticks.length)
    .replace(/`+$/, '')
    .replace(/(?:<[@#!]?[\w|^-]{0,40}|&[#\w;]{0,12})$/, '')
    .replace(/`+$/, '');
  if (body.trim() === '') return null;
  const safe = neutraliseCode(body.replaceAll('\n', ' '));
  return {
    kind: 'code',
    start,
    end: text.length,
    out: ticks + safe + ticks,
    ticks,
    body: safe,
    closed: false,
  };
}

/** A link, an image, or the bracket as text; `null` where it may still become a link. */
function readBracket(
  text: string,
  at: number,
  structure: Structure,
  options: InlineOptions,
): InlineToken | null {
  const image = text[at] === '!';
  const start = image ? at + 1 : at;
  const close = structure.brackets.get(start);
  const literal: InlineToken = { kind: 'text', start: at, end: start + 1, out: text.slice(at, start + 1) };
  if (close === undefined)
    return options.open && structure.firstLone >= 0 && start >= structure.firstLone ? null : literal;
  if (close - at > options.longestLink) return literal;
  if (options.open && close + 1 === text.length && close - at <= holdLabel) return null;
  const label = text.slice(start + 1, close);
  const next = text[close + 1];
  if (next === '(') {
    const tail = readLinkTail(text, close + 1);
    if (tail.kind === 'unfinished' && options.open && text.length - at <= options.longestLink) return null;
    if (tail.kind === 'link' && tail.end - at <= options.longestLink) {
      const shown = image ? renderLabel(label).trim() || 'image' : renderLabel(label);
      return { kind: 'atom', start: at, end: tail.end, out: writeLink(shown, tail.address) };
    }
    // Not a link by our reading: no other parser shall read one.
    return {
      kind: 'atom',
      start: at,
      end: close + 1,
      out: `${text.slice(at, start)}[${renderLabel(label)}]${joiner}`,
    };
  }
  // A footnote's mark is shown as [1]; a definition would vanish and change distant text: the joiner makes both text.
  const note = /^\^[\w-]+$/.test(label) && !image;
  if (note || next === ':') {
    return {
      kind: 'atom',
      start: at,
      end: close + 1,
      out: `[${note ? label.slice(1) : renderLabel(label)}]${joiner}`,
    };
  }
  return literal;
}

/** True for a `<` whose end has not come and that could be a token, a link or a tag. */
function isUnfinishedAngle(text: string, at: number): boolean {
  const rest = text.slice(at + 1, at + holdAngle + 2);
  return rest.length <= holdAngle && /^(?:[a-zA-Z/!@#?][^<>\n]*)?$/.test(rest);
}
