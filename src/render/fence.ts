/** Fenced code as units for the writer. */
import { type Container, continuationPrefix, reopeningPrefix } from './containers.ts';
import { neutraliseCode } from './neutralise.ts';
import { hasSign } from './tex.ts';
import { rank, type Seam, type Unit } from './writer.ts';

export interface Fence {
  readonly kind: 'fence';
  /** Its opening line without containers, e.g. "```ts". */
  readonly opening: string;
  readonly closing: string;
  readonly ends: Ending;
  /** Lengths of the fences that are open inside it: it holds a document with code blocks of its own. */
  readonly inner: readonly number[];
  /** False until the first line of code: an empty block is not shown while it may grow. */
  readonly begun: boolean;
  readonly lead: string;
  readonly seam: Seam;
  readonly prefix: string;
}

/** What ends a fence: a line of as many marks, a blank line, or the end of a formula, which is code too. */
type Ending =
  | { readonly by: 'marks'; readonly marks: string; readonly holdsDocument: boolean }
  | { readonly by: 'blank' }
  | { readonly by: 'formula'; readonly delimiter: string };

type Begun = Pick<Fence, 'kind' | 'opening' | 'closing' | 'ends' | 'inner'>;

// Longer fences are decoration, and a segment repeats the fence.
const mostMarks = 32;
const opening = /^( {0,3})(`{3,32}|~{3,32})([^\n]*)$/;
/** A fence inside a document: its language stands close to the marks. */
const innerOpening = /^ {0,3}(`{3,31})[A-Za-z][\w+#.-]*(?:[ {][^`]*)?$/;
/** Languages of documents that have code blocks. Their fence gets a fourth mark, so that it outlasts those inside. */
const documents = /^(?:markdown|md|mdx|rmd|qmd)$/i;
/** What else is used around a document. */
const mayHoldDocument = /^(?:|text|txt|plain|plaintext|prompt)$/i;

/** What an opening line says; `null` for another line. The language keeps only what a language's name may have. */
export function readFence(rest: string): Begun | null {
  const found = opening.exec(rest);
  const [, indent = '', marks = '', info = ''] = found ?? [];
  if (!found || (marks.startsWith('`') && info.includes('`'))) return null;
  const language = /^[\w+#.-]{1,40}/.exec(info.trim())?.[0] ?? '';
  const ticks = marks.startsWith('`');
  const written = ticks && documents.test(language) ? marks.padEnd(4, '`') : marks;
  return {
    kind: 'fence',
    opening: indent + written + language,
    closing: written,
    ends: {
      by: 'marks',
      marks,
      holdsDocument: ticks && (documents.test(language) || mayHoldDocument.test(language)),
    },
    inner: [],
  };
}

/** A fence around lines that are not code, closed by a blank line. */
export const ownFence = {
  kind: 'fence',
  opening: '```',
  closing: '```',
  ends: { by: 'blank' },
  inner: [],
  begun: false,
} as const;

const formulaOpening = /^ {0,3}(\\\[|\$\$)(.*)$/;
const closerOf: Readonly<Record<string, string>> = { '\\[': '\\]', $$: '$$' };

/** A fence around a formula that stands on lines of its own; `null` for another line. */
export function readFormula(rest: string): Begun | null {
  const [, begin = '', body = ''] = formulaOpening.exec(rest) ?? [];
  const delimiter = closerOf[begin];
  if (delimiter === undefined) return null;
  const end = body.indexOf(delimiter);
  const isFormula =
    end < 0
      ? body.trim() === '' || hasSign(body)
      : hasSign(body.slice(0, end)) && behindFormula(body, end) === '';
  if (!isFormula) return null;
  const ends = { by: 'formula', delimiter } as const;
  return { kind: 'fence', opening: '```latex', closing: '```', ends, inner: [] };
}

/** What stands behind the delimiter at `end`, without the full stop of a sentence. */
const behindFormula = (line: string, end: number) => line.slice(end + 2).replace(/^\s*[.,;:]?\s*$/, '');

/** What one line is to an open fence. */
interface CodeLine {
  /** The fence as the next line finds it. */
  readonly fence: Fence;
  /** What of the line is code; `null` for a mark. */
  readonly code: string | null;
  readonly ends: boolean;
  /** What follows a formula on its last line: text. */
  readonly behind: string;
}

/** Reads a line in a fence. `whole`: its end is known. */
export function readCodeLine(fence: Fence, rest: string, whole: boolean): CodeLine {
  const { ends } = fence;
  const code: CodeLine = { fence, code: rest, ends: false, behind: '' };
  if (ends.by === 'marks') return whole ? readMarks(fence, ends, code, rest) : code;
  if (whole && rest.trim() === '') return { ...code, code: null, ends: true };
  if (ends.by === 'blank') return code;
  // The opening delimiter of $$ is no end.
  const from = !fence.begun && /^ {0,3}(?:\\\[|\$\$)/.test(rest) ? rest.search(/\S/) + 2 : 0;
  const end = rest.indexOf(ends.delimiter, from);
  const behind = end < 0 ? '' : behindFormula(rest, end);
  if (end < 0 || (!whole && behind === '')) return code;
  return {
    fence,
    code: behind === '' ? rest.trimEnd() : rest.slice(0, end + 2),
    ends: true,
    behind: behind.trimStart(),
  };
}

function readMarks(
  fence: Fence,
  { marks, holdsDocument }: Extract<Ending, { by: 'marks' }>,
  code: CodeLine,
  rest: string,
): CodeLine {
  const { inner } = fence;
  const closes = closingLength(rest, marks[0] ?? '`');
  const innermost = inner.at(-1);
  if (innermost === undefined ? closes >= marks.length : false) return { ...code, code: null, ends: true };
  if (innermost !== undefined && closes >= innermost)
    return { ...code, fence: { ...fence, inner: inner.slice(0, -1) } };
  const opened = holdsDocument ? (innerOpening.exec(rest)?.[1]?.length ?? 0) : 0;
  if (opened < marks.length) return code;
  const longer = '`'.repeat(Math.max(0, opened + 1 - fence.closing.length));
  return {
    ...code,
    fence: {
      ...fence,
      opening: fence.opening.replace('`', `\`${longer}`),
      closing: fence.closing + longer,
      inner: inner.length < mostMarks ? [...inner, opened] : inner,
    },
  };
}

/** How many marks a line has that has nothing else; 0 for another line. */
function closingLength(rest: string, mark: string): number {
  const found = /^ {0,3}(`+|~+) *$/.exec(rest)?.[1] ?? '';
  return found.startsWith(mark) ? found.length : 0;
}

/** True if this half of a line would end the fence, or one inside it, when its line break came. */
export function mayEndFence(fence: Fence, rest: string): boolean {
  if (fence.ends.by !== 'marks') return false;
  const mark = fence.ends.marks[0] ?? '`';
  return /^ {0,3}\S*$/.test(rest) && rest.trim().replaceAll(mark, '') === '';
}

const endOf = (fence: Fence, containers: readonly Container[]) =>
  continuationPrefix(containers) + fence.closing;

function seamOf(fence: Fence, containers: readonly Container[], place: number): Seam {
  const open = `${reopeningPrefix(containers)}${fence.opening}\n`;
  return { rank: place, close: endOf(fence, containers), open, drop: 0 };
}

/** The same fence begun once more, behind its own end. */
export function againFence(fence: Fence, containers: readonly Container[]): Fence {
  const prefix = continuationPrefix(containers);
  const seam = { rank: rank.line, close: '', open: reopeningPrefix(containers), drop: prefix.length };
  return { ...fence, begun: false, lead: '', prefix, seam };
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
