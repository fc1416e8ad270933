/** A paragraph or heading: several lines, each with the prefix of its containers, one inline text. */
import { closers, type Openers } from './emphasis.ts';
import { type InlineToken, readInline } from './inline.ts';
import { all, boundOf, fitting, plus, type Size, sizeOf } from './size.ts';
import type { Seam } from './writer.ts';

export interface Paragraph {
  readonly lead: string;
  readonly seam: Seam;
  /** Prefix of the first line of what a new segment continues. */
  readonly again: string;
  /** One per line of `text`. */
  readonly prefixes: readonly string[];
  readonly text: string;
  /** Upper bound of the size when written, `lead` included. */
  readonly bound: Size;
  readonly heading: boolean;
  /** How many characters of `text` a cut put in front (see InlineOptions). */
  readonly reopened: number;
}

/** Upper bound for the markers that close a paragraph anywhere (`emphasis.ts`: eight openers; sixteen ticks). */
const closingReserve = 48;

export function startParagraph(
  parts: Omit<Paragraph, 'bound' | 'prefixes' | 'reopened'> & { prefix: string; reopened?: number },
): Paragraph {
  const { prefix, ...rest } = parts;
  const frame = sizeOf(`${parts.lead}${parts.seam.open}${prefix}\n`);
  return {
    reopened: 0,
    ...rest,
    prefixes: [prefix],
    bound: plus(plus(frame, all(closingReserve)), boundOf(parts.text)),
  };
}

/** With one more line. */
export function withLine(paragraph: Paragraph, prefix: string, text: string): Paragraph {
  return {
    ...paragraph,
    prefixes: [...paragraph.prefixes, prefix],
    text: `${paragraph.text}\n${text}`,
    bound: plus(plus(paragraph.bound, sizeOf(`${prefix}\n`)), boundOf(text)),
  };
}

/** Without its last line; it must have two. */
export function withoutLastLine(paragraph: Paragraph): Paragraph {
  return {
    ...paragraph,
    text: paragraph.text.slice(0, paragraph.text.lastIndexOf('\n')),
    prefixes: paragraph.prefixes.slice(0, -1),
  };
}

/** Without a last line that may be the header of a table; null if nothing is left. */
export function withoutHeader(paragraph: Paragraph): Paragraph | null {
  const lines = paragraph.text.split('\n');
  if (paragraph.heading || !lines.at(-1)?.startsWith('|')) return paragraph;
  return lines.length === 1 ? null : withoutLastLine(paragraph);
}

/** As one line behind a heading's mark. */
export function asHeading(paragraph: Paragraph, mark: string): Paragraph {
  const text = paragraph.text.replaceAll('\n', ' ');
  const prefixes = [(paragraph.prefixes[0] ?? '') + mark];
  return { ...paragraph, text, prefixes, again: paragraph.again + mark, heading: true };
}

/** With more text on its last line. */
export function withText(paragraph: Paragraph, text: string): Paragraph {
  return { ...paragraph, text: paragraph.text + text, bound: plus(paragraph.bound, boundOf(text)) };
}

/** Tokens as lines with their prefixes, the first prefix included. */
export function layOut(paragraph: Paragraph, tokens: readonly InlineToken[]): string {
  let out = paragraph.prefixes[0] ?? '';
  let line = 0;
  for (const token of tokens) {
    const lines = token.kind === 'text' || token.kind === 'run' ? 0 : lineBreaks(paragraph.text, token);
    line += lines;
    out += token.kind === 'newline' ? `\n${paragraph.prefixes[line] ?? ''}` : token.out;
  }
  return out;
}

function lineBreaks(text: string, token: InlineToken): number {
  let lines = 0;
  for (let at = text.indexOf('\n', token.start); at >= 0 && at < token.end; at = text.indexOf('\n', at + 1))
    lines++;
  return lines;
}

/** The finished paragraph as Markdown, line break included. */
export function writeParagraph(paragraph: Paragraph, longestLink: number): string {
  const { tokens } = readInline(paragraph.text, { open: false, longestLink, reopened: paragraph.reopened });
  return `${layOut(paragraph, tokens)}\n`;
}

/**
 * The paragraph as far as it can be shown while more may follow: constructs that are not finished are left out, open
 * emphasis and code is closed. '' if nothing of it is visible.
 */
export function previewParagraph(paragraph: Paragraph, longestLink: number): string {
  const kept = readInline(paragraph.text, { open: true, longestLink, reopened: paragraph.reopened }).tokens;
  for (let last = kept.at(-1); last; last = kept.at(-1)) {
    const before = openersOf(kept.at(-2));
    const opened = last.kind === 'run' && last.openers.length > before.length;
    if (!opened && last.kind !== 'newline' && last.out.trim() !== '') break;
    kept.pop();
  }
  if (kept.length === 0) return '';
  return `${layOut(paragraph, kept).trimEnd()}${closers(openersOf(kept.at(-1)))}\n`;
}

const openersOf = (token: InlineToken | undefined): Openers => token?.openers ?? [];

/**
 * The beginning of an open paragraph that no continuation can change: up to the last place where no emphasis, code
 * or link is open, within `most`, without a last line that may become the header of a table.
 */
export function settledParagraph(paragraph: Paragraph, most: Size, longestLink: number): string {
  const { tokens } = readInline(paragraph.text, { open: true, longestLink, reopened: paragraph.reopened });
  const end = tokens.findIndex((token) => token.kind === 'code' && !token.closed);
  const kept = end < 0 ? tokens : tokens.slice(0, end);
  const settled = kept.findLastIndex(({ openers }) => openers.length === 0) + 1;
  if (settled === 0) return '';
  const out = layOut(paragraph, kept.slice(0, settled));
  const last = paragraph.text.slice(paragraph.text.lastIndexOf('\n') + 1);
  const whole = last.startsWith('|') ? out.slice(0, out.lastIndexOf('\n') + 1) : out;
  return whole.slice(0, fitting(whole, most));
}
