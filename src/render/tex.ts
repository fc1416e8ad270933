/**
 * Formulas in TeX, which Slack does not draw: they are shown as code, whole, with their delimiters, so that they can be
 * copied and none of their characters is taken for Markdown.
 */
import { matchAt } from './neutralise.ts';

type Tex =
  /** The formula ends in front of this index. */
  | { readonly end: number }
  /** It may still become one. */
  | 'unfinished'
  | null;

// A formula in a line of text is short; the bound keeps a text full of openings linear.
const longest = 400;
const longestDollar = 200;
/** What a formula has and bracketed words have not. */
export const hasSign = (body: string): boolean => /[\\^_={}+<>|]/.test(body);
const dollarSign = /\\[A-Za-z]|\^|_(?:\{|[A-Za-z0-9](?![A-Za-z0-9_]))/;
/** What a formula between single dollars begins with: `$PATH` and `$20 to $35` do not. */
const dollarStart = /\$(?:\\[A-Za-z]|[([|+-]|[A-Za-z]{1,2}(?![A-Za-z])|[\d.]+(?=[\^\\_]|$))/y;

/** Reads the formula that begins at `at`, if one does. `open`: more text may follow; `most`: longest that is taken. */
export function readTex(text: string, at: number, open: boolean, most: number): Tex {
  const begin = text.slice(at, at + 2);
  if (begin === '\\(' || begin === '\\[')
    return delimited(text, at, begin === '\\(' ? '\\)' : '\\]', open, most);
  if (begin === '$$') return delimited(text, at, '$$', open, most);
  return begin.startsWith('$') ? dollars(text, at, open, most) : null;
}

function delimited(text: string, at: number, closer: string, open: boolean, most: number): Tex {
  const bound = Math.min(longest, most);
  const stretch = text.slice(at + 2, at + bound);
  const found = stretch.indexOf(closer);
  if (found < 0) return open && text.length < at + bound ? 'unfinished' : null;
  const body = stretch.slice(0, found);
  if (body.trim() === '' || (closer === '\\]' && !hasSign(body))) return null;
  // $$ is the number of a process in a shell: a formula stands close to its dollars or has a sign.
  if (closer === '$$' && body !== body.trim() && !hasSign(body)) return null;
  return { end: at + 2 + found + 2 };
}

function dollars(text: string, at: number, open: boolean, most: number): Tex {
  if (/[\w$\\]/.test(text[at - 1] ?? '')) return null;
  const begun = matchAt(dollarStart, text, at);
  if (!begun) return open && at + 1 === text.length ? 'unfinished' : null;
  const bound = Math.min(longestDollar, most);
  const stretch = text.slice(at + 1, at + bound);
  const found = stretch.search(/[$\n]/);
  if (found < 0) return open && text.length < at + bound ? 'unfinished' : null;
  if (stretch[found] === '\n') return null;
  const next = stretch[found + 1];
  if (next === undefined && open && at + found + 2 === text.length) return 'unfinished';
  const body = stretch.slice(0, found);
  if (body.trimEnd() !== body || /[\w$({]/.test(next ?? '')) return null;
  return dollarSign.test(body) || /^[A-Za-z]$/.test(body) ? { end: at + 1 + found + 1 } : null;
}

/** Back-ticks that a code span around this text needs. */
export function ticksAround(text: string): string {
  let most = 0;
  for (const found of text.matchAll(/`+/g)) most = Math.max(most, found[0].length);
  return '`'.repeat(most + 1);
}
