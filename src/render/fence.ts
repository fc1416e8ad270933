/** Fenced code as units for the writer. */
import { type Container, continuationPrefix, reopeningPrefix } from './containers.ts';
import { neutraliseCode } from './neutralise.ts';
import { rank, type Seam, type Unit } from './writer.ts';

export interface Fence {
  readonly kind: 'fence';
  /** Its opening line without containers, e.g. "```ts". */
  readonly opening: string;
  readonly closing: string;
  /** Matches a line that closes it; `null` for one that we opened around a table that is too wide. */
  readonly closer: RegExp | null;
  /** False until the first line of code: an empty block is not shown while it may grow. */
  readonly begun: boolean;
  readonly lead: string;
  readonly seam: Seam;
  readonly prefix: string;
}

// Longer fences are decoration, and a segment repeats the fence.
const opening = /^( {0,3})(`{3,32}|~{3,32})([^\n]*)$/;

/** What an opening line says; `null` for another line. The language keeps only what a language's name may have. */
export function readFence(rest: string): Pick<Fence, 'kind' | 'opening' | 'closing' | 'closer'> | null {
  const found = opening.exec(rest);
  const [, indent = '', marks = '', info = ''] = found ?? [];
  if (!found || (marks.startsWith('`') && info.includes('`'))) return null;
  const language = /^[\w+#.-]{1,40}/.exec(info.trim())?.[0] ?? '';
  return {
    kind: 'fence',
    opening: indent + marks + language,
    closing: marks,
    closer: new RegExp(`^ {0,3}${marks}${marks[0] ?? ''}* *$`),
  };
}

/** A fence around lines that are not code, closed by a blank line. */
export const ownFence = {
  kind: 'fence',
  opening: '```',
  closing: '```',
  closer: null,
  begun: false,
} as const;

const endOf = (fence: Fence, containers: readonly Container[]) =>
  continuationPrefix(containers) + fence.closing;

function seamOf(fence: Fence, containers: readonly Container[], place: number): Seam {
  const open = `${reopeningPrefix(containers)}${fence.opening}\n`;
  return { rank: place, close: endOf(fence, containers), open, drop: 0 };
}

/** The opening line. */
export function openingUnit(fence: Fence, containers: readonly Container[]): Unit {
  const text = `${fence.prefix}${fence.opening}\n`;
  return { lead: fence.lead, text, seam: fence.seam, closing: `\n${endOf(fence, containers)}` };
}

/** A line of code, or its beginning. A blank line in front of which a segment ends is not repeated. */
export function codeUnit(
  fence: Fence,
  containers: readonly Container[],
  line: { readonly prefix: string; readonly code: string; readonly first: boolean; readonly last: boolean },
): Unit {
  const text = line.prefix + neutraliseCode(line.code) + (line.last ? '\n' : '');
  const blank = line.last && line.code.trim() === '';
  const seam = seamOf(fence, containers, line.first ? rank.never : blank ? rank.pause : rank.line);
  const closing = `\n${endOf(fence, containers)}`;
  return { lead: '', text, seam: blank ? { ...seam, drop: text.length } : seam, closing };
}

/** A further piece of a long line of code. */
export function codePieceUnit(
  fence: Fence,
  containers: readonly Container[],
  code: string,
  last: boolean,
): Unit {
  const closing = `\n${endOf(fence, containers)}`;
  const seam = { ...seamOf(fence, containers, rank.middle), close: closing };
  return { lead: '', text: neutraliseCode(code) + (last ? '\n' : ''), seam, closing };
}

/** The closing line; `atLineStart` is false behind a piece of a line. */
export function closingUnit(fence: Fence, containers: readonly Container[], atLineStart: boolean): Unit {
  const text = `${atLineStart ? '' : '\n'}${endOf(fence, containers)}\n`;
  return { lead: '', text, seam: seamOf(fence, containers, rank.never), closing: '' };
}
