/**
 * The inline stage: one leaf's text (a paragraph, heading or cell) as tokens whose `out` is safe to send. It reads
 * a text from its start every time, so callers keep the text bounded.
 */
import { addressEnd, addressStarts, halfAddress } from './address.ts';
import { type DelimiterRun, type Openers, readRun, step } from './emphasis.ts';
import { leadsOut, readLinkTail, writeLink } from './link.ts';
import {
  halfToken,
  joiner,
  literalLt,
  matchAt,
  neutraliseCode,
  readAngle,
  readEntity,
} from './neutralise.ts';
import { type Use, writeRuns } from './runs.ts';
import {
  findStructure,
  holdLabel,
  type InlineOptions,
  mostTicks,
  type Structure,
  tickRun,
} from './structure.ts';
import { ticksAround } from './tex.ts';

interface Span {
  /** Where it stands in the source. */
  readonly start: number;
  readonly end: number;
  readonly out: string;
  /** The emphasis that is open behind it. */
  readonly openers: Openers;
}

export type InlineToken = Span &
  (
    | { readonly kind: 'text' }
    | { readonly kind: 'newline' }
    /** Must not be cut: link, entity, escape, address, formula. */
    | { readonly kind: 'atom' }
    /** `literal` of its delimiters mean themselves. */
    | { readonly kind: 'run'; readonly run: DelimiterRun; readonly literal: number }
    | { readonly kind: 'code'; readonly ticks: string; readonly body: string; readonly closed: boolean }
  );

type Draft<T> = T extends unknown ? Omit<T, 'openers'> : never;

const plain = /[^\\`*_~<&[\]!\n$]+/y;
const delimiters = /\*+|_+|~+/y;
/** `__init__` is a name: bold with underscores has a blank or a mark in it, or stands alone with other words. */
const dunder = /__[A-Za-z][A-Za-z0-9]*(?:_[A-Za-z0-9]+)*__(?![A-Za-z0-9_])/y;
// How much of a text may be held back while it could still become a tag.
const holdAngle = 120;
// More delimiters in a row are decoration; the bound keeps what a cut must repeat short.
const mostDelimiters = 3;

/** Tokens of a text and the emphasis that is open behind the last of them. */
export function readInline(
  text: string,
  options: InlineOptions,
): { tokens: InlineToken[]; openers: Openers } {
  const { open } = options;
  const structure = findStructure(text, options);
  const tokens: InlineToken[] = [];
  const uses = new Map<number, Use>();
  let openers: Openers = [];
  const addresses = addressStarts(text);
  let nextAddress = 0;
  let at = 0;
  const push = (token: Draft<InlineToken>) => {
    // Behind an exclamation mark a link would be an image.
    const marked = (tokens.at(-1)?.out ?? text[token.start - 1] ?? '').endsWith('!');
    const image = marked && token.kind === 'atom' && token.out.startsWith('[');
    tokens.push({ ...token, out: image ? joiner + token.out : token.out, openers: [] });
    if (openers.some(({ inWord }) => inWord) && /\s/.test(text.slice(token.start, token.end)))
      openers = openers.filter(({ inWord }) => !inWord);
    at = token.end;
  };
  const atom = (end: number, out: string) => push({ kind: 'atom', start: at, end, out });
  while (at < text.length) {
    const char = text[at] ?? '';
    while ((addresses[nextAddress] ?? text.length) < at) nextAddress++;
    const address = addresses[nextAddress] ?? text.length;
    if (address === at) {
      const end = addressEnd(
        text,
        at,
        openers.map(({ char, left }) => char.repeat(left)),
      );
      // Punctuation at the end of what came so far may turn out to be in the middle of the address.
      if (open && text.length - at <= options.longestLink && /^[?!.,:;*_~'()]*$/.test(text.slice(end))) break;
      const kind = end - at > options.longestLink ? 'text' : 'atom';
      push({
        kind,
        start: at,
        end,
        out: kind === 'atom' ? writeAddress(text, at, end) : text.slice(at, end),
      });
      continue;
    }
    const formula = structure.tex.get(at);
    if (formula !== undefined) {
      if (formula < 0) break;
      const body = neutraliseCode(text.slice(at, formula).replaceAll('\n', ' '));
      const ticks = ticksAround(body);
      atom(formula, ticks + body + ticks);
    } else if (char === '\n') {
      push({ kind: 'newline', start: at, end: at + 1, out: '\n' });
    } else if (char === '\\') {
      const next = text[at + 1];
      if (next === undefined && open) break;
      if (next === '\n') atom(at + 1, '');
      else if (next === '<') atom(at + 2, literalLt(text, at + 2));
      else if (next === '&') atom(at + 2, `&${joiner}`);
      else if (next && /[!-/:-@[-`{-~]/.test(next)) atom(at + 2, `\\${next}`);
      else push({ kind: 'text', start: at, end: at + 1, out: '\\' });
    } else if (char === '`') {
      const token = readCode(text, at, structure, open);
      if (token === null) break;
      push(token);
    } else if (char === '*' || char === '_' || char === '~') {
      const length = matchAt(delimiters, text, at)?.[0].length ?? 1;
      if (open && at + length === text.length) break;
      // An address is written with a bracket at its end, and is no base of a power.
      const before = tokens.at(-1)?.out.endsWith('>') ? '>' : charBefore(text, at);
      const after = charAt(text, at + length);
      if (length > mostDelimiters) {
        const inWord = /[\p{L}\p{N}]/u.test(before) && /[\p{L}\p{N}]/u.test(after);
        const out = inWord ? `\\${char}`.repeat(length) : char.repeat(length);
        push({ kind: 'text', start: at, end: at + length, out });
        continue;
      }
      if (char === '_' && length === 2 && !/\w/.test(before)) {
        const name = matchAt(dunder, text, at)?.[0] ?? '';
        if (open && /^__\w*$/.test(text.slice(at, at + 80))) break;
        if (name !== '') {
          atom(at + name.length, name.replaceAll('_', '\\_'));
          continue;
        }
      }
      const run = readRun({ char, length, at }, before, after, text[at + length + 1] ?? '', openers);
      const { openers: behind, closed } = step(openers, run);
      for (const { at: opened, used } of closed) {
        const use = uses.get(opened);
        if (use) use.opens += used;
      }
      uses.set(at, { opens: 0, closed });
      openers = behind;
      push({ kind: 'run', start: at, end: at + length, out: char.repeat(length), run, literal: 0 });
    } else if (char === '<') {
      const found = readAngle(text, at);
      if (found.end === at + 1 && open && isUnfinishedAngle(text, at)) break;
      atom(found.end, 'label' in found ? writeLink(renderLabel(found.label), found.address) : found.out);
    } else if (char === '&') {
      if (open && /^&#?[a-zA-Z0-9]{0,31}$/.test(text.slice(at, at + 33))) break;
      const found = readEntity(text, at);
      atom(found.end, found.out);
    } else if (char === '[' || (char === '!' && text[at + 1] === '[')) {
      const token = readBracket(text, at, structure, options);
      if (token === null) break;
      push(token);
    } else if (char === '!' && open && at + 1 === text.length && /^\s?$/.test(text[at - 1] ?? '')) {
      break;
    } else {
      const length = matchAt(plain, text, at)?.[0].length ?? 1;
      let end = Math.min(at + length, address);
      if (open && end === text.length) end = Math.max(at, end - halfAddress(text));
      if (end === at) break;
      push({ kind: 'text', start: at, end, out: text.slice(at, end) });
    }
  }
  return finishRuns(tokens, uses, openers, options);
}

/**
 * Writes the runs. While more may follow, what is behind the last run decides how that one is written; and an opener
 * inside a word may still turn out to be a sign, so that nothing behind it is shown yet.
 */
function finishRuns(
  tokens: InlineToken[],
  uses: Map<number, Use>,
  openers: Openers,
  { open, reopened = 0 }: InlineOptions,
) {
  let read: readonly InlineToken[] = open
    ? tokens.slice(0, tokens.findLastIndex(({ kind }) => kind !== 'run') + 1)
    : tokens;
  let pending = open ? openers : [];
  const inWord = pending.find((opener) => opener.inWord);
  if (inWord) {
    pending = pending.slice(0, pending.indexOf(inWord));
    read = read.filter(({ start }) => start < inWord.at);
  }
  for (const { at, left } of pending) {
    const use = uses.get(at);
    if (use) use.opens += left;
  }
  const written = writeRuns(read, uses).map((token) => {
    const isMark = token.kind === 'text' || (token.kind === 'run' && token.literal === token.run.length);
    return isMark && token.end <= reopened ? { ...token, out: '' } : token;
  });
  return { tokens: written, openers: written.at(-1)?.openers ?? [] };
}

/** A bare address in brackets, so that every parser ends it where it ends; `www.` without them, as far as that holds. */
function writeAddress(text: string, start: number, end: number): string {
  const address = text.slice(start, end);
  if (/^http/i.test(address)) return `<${address.replace(/&amp;/gi, '&')}>`;
  return /^(?:$|[\s<>)\]])/.test(text.slice(end, end + 1)) ? address : address.replace('.', '\\.');
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

/** Code from its opening run; `null` where nothing of it can be shown yet. */
function readCode(text: string, at: number, structure: Structure, open: boolean): Draft<InlineToken> | null {
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
    .replace(halfToken, '')
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
): Draft<InlineToken> | null {
  const image = text[at] === '!';
  const start = image ? at + 1 : at;
  const close = structure.brackets.get(start);
  const literal: Draft<InlineToken> = {
    kind: 'text',
    start: at,
    end: start + 1,
    out: text.slice(at, start + 1),
  };
  if (close === undefined)
    return options.open && structure.firstLone >= 0 && start >= structure.firstLone ? null : literal;
  if (close - at > options.longestLink) return literal;
  if (options.open && close + 1 === text.length && close - at <= holdLabel) return null;
  const label = text.slice(start + 1, close);
  const next = text[close + 1];
  if (next === '(') {
    const tail = readLinkTail(text, close + 1);
    if (tail.kind === 'unfinished' && options.open && text.length - at <= options.longestLink) return null;
    // `f[0](x)` is a call.
    const call =
      !image && tail.kind === 'link' && /[\w)\]]/.test(text[at - 1] ?? '') && !leadsOut(tail.address);
    if (tail.kind === 'link' && !call && tail.end - at <= options.longestLink) {
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
