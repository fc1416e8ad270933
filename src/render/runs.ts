/** How runs of `*`, `_` and `~` are written: marks where they mean something, escaped where they are characters. */
import { type Closure, type DelimiterRun, flanks, isCjk, needsBoundary, type Openers } from './emphasis.ts';
import type { InlineToken } from './inline.ts';
import { boundary, joiner } from './neutralise.ts';

/** What became of a run: how many delimiters opened something (inner side) and what the others closed. */
export interface Use {
  opens: number;
  readonly closed: readonly Closure[];
}

const alphanumeric = /^\w$/;

/**
 * The tokens with their runs written and with what is open behind each. Marks are written so that a CommonMark parser
 * pairs them in the same way, and so that Slack sees a boundary on their outer side.
 */
export function writeRuns(tokens: readonly InlineToken[], uses: ReadonlyMap<number, Use>): InlineToken[] {
  const written: InlineToken[] = [];
  let openers: Openers = [];
  let before = '';
  let tildes = 0;
  for (const [index, token] of tokens.entries()) {
    if (token.kind !== 'run') written.push({ ...token, openers });
    else {
      const { run } = token;
      const use = uses.get(run.at) ?? { opens: 0, closed: [] };
      const literal = run.length - use.opens - use.closed.reduce((sum, { used }) => sum + used, 0);
      const escaped = run.char === '~' && run.length === 1 && tildes++ > 0;
      openers = replay(openers, run, use);
      const out = writeRun({ run, opens: use.opens, literal, escaped }, before, firstOf(tokens, index + 1));
      written.push({ ...token, out, literal, openers });
    }
    const { out, kind } = written.at(-1) ?? token;
    if (out !== '') before = lastChar(out);
    else if (kind === 'atom') before = '';
  }
  return written;
}

function replay(openers: Openers, { char, length, at, both, inWord }: DelimiterRun, use: Use): Openers {
  let stack = openers;
  for (const { at: opened, used } of use.closed)
    stack = stack
      .map((opener) => (opener.at === opened ? { ...opener, left: opener.left - used } : opener))
      .filter(({ left }) => left > 0);
  return use.opens > 0 ? [...stack, { char, length, at, left: use.opens, both, inWord }] : stack;
}

interface Written {
  readonly run: DelimiterRun;
  readonly opens: number;
  readonly literal: number;
  readonly escaped: boolean;
}

/** Closing marks, then what is literal, then opening marks: each as near to its text as it can be. */
function writeRun({ run, opens, literal, escaped }: Written, before: string, after: string): string {
  const { char, length } = run;
  const closes = length - literal - opens;
  let out = '';
  if (closes > 0) {
    const outer = literal + opens > 0 ? '\\' : after;
    const gap = gapBetween(char, outer, before);
    out += (flanks(before, gap || outer) ? '' : joiner) + char.repeat(closes) + gap;
  }
  out += writeLiteral(char, literal, before, after, escaped);
  if (opens > 0) {
    const outer = literal + closes > 0 ? '\\' : before;
    const gap = gapBetween(char, outer, after);
    out += gap + char.repeat(opens) + (flanks(after, gap || outer) ? '' : joiner);
  }
  return out;
}

/** What keeps marks and the text outside them apart. Code inside emphasis asks for a visible blank in Chinese and Japanese. */
function gapBetween(char: string, outer: string, inner: string): string {
  if (char === '_' || !needsBoundary(outer)) return '';
  return inner === '`' && isCjk(outer) ? ' ' : boundary;
}

function writeLiteral(char: string, count: number, before: string, after: string, escaped: boolean): string {
  if (count === 0) return '';
  const raw =
    (/^\s?$/u.test(before) && /^\s?$/u.test(after)) ||
    (char === '_' && alphanumeric.test(before) && alphanumeric.test(after)) ||
    // One tilde alone strikes nothing in any reading; a second one might be taken for its end.
    (char === '~' && count === 1 && !escaped);
  return (raw ? char : `\\${char}`).repeat(count);
}

function firstOf(tokens: readonly InlineToken[], from: number): string {
  for (let index = from; index < tokens.length; index++) {
    const token = tokens[index];
    if (token?.kind === 'newline') return '\n';
    const out = token?.kind === 'run' ? token.run.char : (token?.out ?? '');
    if (out !== '') return String.fromCodePoint(out.codePointAt(0) ?? 0);
  }
  return '';
}

function lastChar(out: string): string {
  const low = out.charCodeAt(out.length - 1);
  return low >= 0xdc00 && low <= 0xdfff ? out.slice(-2) : out.slice(-1);
}
