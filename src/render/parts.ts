/**
 * What of a finished segment Slack has a form of its own for: tables, charts, lists of sources. Everything else stays
 * the Markdown that it is, and all parts together say what the segment says.
 */
import { type Chart, chartData } from './chart.ts';
import { cellsOf, isSeparator } from './table.ts';
import { type Stretch, stretchesOf, wordsOf } from './words-of.ts';

type Align = 'left' | 'center' | 'right';

/** A table with its cells as words. Every row has as many cells as there are columns. */
export interface TableForm {
  readonly kind: 'table';
  readonly columns: readonly Align[];
  readonly head: readonly (readonly Stretch[])[];
  readonly rows: readonly (readonly (readonly Stretch[])[])[];
}

export interface SourcesForm {
  readonly kind: 'sources';
  readonly title: string;
  /** The number of the first, where they are numbered. */
  readonly from: number | null;
  readonly items: readonly (readonly Stretch[])[];
}

interface ChartForm {
  readonly kind: 'chart';
  readonly chart: Chart;
}

/** A part that has a form of its own. */
export type FormPart = TableForm | SourcesForm | ChartForm;

/** `markdown` says the same without it. */
export type Part = { readonly markdown: string } & ({ readonly kind: 'markdown' } | FormPart);

/** Slack takes one table in a message, says one part of what is known, and two charts (docs/slack-markdown.md). */
const MOST_TABLES = 1;
const MOST_CHARTS = 2;
const MOST_SOURCES = 30;
/** Words above a list that is one of sources, in the languages that people ask in. */
const SOURCES =
  /^(?:sources|references|further reading|quellen|quellenangaben|literatur|références|fuentes|referencias|fontes|referências|fonti|riferimenti|bronnen|kilder|källor|źródła|zdroje|источники|ссылки|джерела|kaynaklar|出典|参考|参考文献|参考资料|来源|資料來源|출처|참고|참고 자료|المصادر|מקורות)$/i;

/**
 * The segment in parts, in order. `charts`: those that its reply has. Without a form of their own it is one part of
 * Markdown. More than one table, or one inside a list or a quote, stays Markdown: nobody says whether tables in
 * Markdown count as tables of the message.
 */
export function partsOf(markdown: string, charts: readonly Chart[]): Part[] {
  const found = formsIn(markdown, charts);
  const tables = found.filter(({ part }) => part.kind === 'table').length;
  const drawn = found.filter(({ part }) => part.kind === 'chart').length;
  const kept = found.filter(
    ({ part }) =>
      (part.kind !== 'table' || tables <= MOST_TABLES) && (part.kind !== 'chart' || drawn <= MOST_CHARTS),
  );
  const lines = markdown.split('\n');
  const parts: Part[] = [];
  let from = 0;
  const text = (until: number) => {
    const markdown = lines.slice(from, until).join('\n').replace(/^\n+/, '').trimEnd();
    if (markdown.trim() !== '') parts.push({ kind: 'markdown', markdown });
  };
  for (const { part, start, end } of kept) {
    text(start);
    parts.push({ ...part, markdown: lines.slice(start, end).join('\n') });
    from = end;
  }
  text(lines.length);
  return parts;
}

/** True if a finished segment has a part with a form of its own. */
export function hasForms(markdown: string, charts: readonly Chart[]): boolean {
  if (!/^\| *:?-/m.test(markdown) && !/^(?:[-*+]|\d{1,3}[.)]) .*$/m.test(markdown.slice(-2_000)))
    return false;
  return partsOf(markdown, charts).some(({ kind }) => kind !== 'markdown');
}

interface Found {
  readonly part: FormPart;
  /** Lines: the first, and the one behind the last. */
  readonly start: number;
  readonly end: number;
}

function formsIn(markdown: string, charts: readonly Chart[]): Found[] {
  const lines = markdown.split('\n');
  const found: Found[] = [];
  const waiting = [...charts];
  let fence = '';
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? '';
    const marks = /^[\s>]*(?:(?:[-+*]|\d{1,9}[.)])\s+)*(`{3,}|~{3,})/.exec(line)?.[1] ?? '';
    if (fence !== '') {
      if (marks.startsWith(fence) && line.trimEnd().endsWith(marks)) fence = '';
    } else if (marks !== '') fence = marks;
    else if (line.startsWith('| ') && isSeparator(lines[at + 1] ?? '')) {
      const end = tableEnd(lines, at);
      const table = tableAt(lines.slice(at, end));
      const drawn = table === null ? null : chartOf(table, waiting);
      if (drawn !== null) {
        waiting.splice(waiting.indexOf(drawn), 1);
        found.push({ part: { kind: 'chart', chart: drawn }, start: titleLine(lines, at, drawn), end });
      } else if (table !== null) found.push({ part: table, start: at, end });
      // A table that has no form counts all the same.
      else return found.filter(({ part }) => part.kind === 'chart');
      at = end - 1;
    } else if (/^\s+\| |^>.*\| /.test(line) && isSeparator((lines[at + 1] ?? '').replace(/^[\s>]+/, '')))
      // One inside a list or a quote.
      return [...found.filter(({ part }) => part.kind === 'chart'), ...sourcesAt(lines)];
  }
  return [...found, ...sourcesAt(lines)];
}

function tableEnd(lines: readonly string[], start: number): number {
  let end = start + 2;
  while (end < lines.length && (lines[end] ?? '').startsWith('| ')) end++;
  return end;
}

function tableAt(lines: readonly string[]): TableForm | null {
  const [names = '', separators = '', ...body] = lines;
  const columns = cellsOf(separators).map(alignOf);
  const cells = (line: string) => cellsOf(line, columns.length).map((cell) => stretchesOf(unescaped(cell)));
  const head = cells(names);
  const rows = body.map(cells);
  // The last cell of a row that is empty is not read.
  const even = (row: readonly (readonly Stretch[])[]) =>
    row.length > columns.length ? null : columns.map((_, at) => row[at] ?? []);
  const evenRows = rows.map(even).filter((row) => row !== null);
  const evenHead = even(head);
  if (columns.length < 2 || rows.length === 0 || evenHead === null || evenRows.length !== rows.length)
    return null;
  return { kind: 'table', columns, head: evenHead, rows: evenRows };
}

/** GitHub's tables take the backslash in front of a pipe away before anything else is read. */
const unescaped = (cell: string) => cell.replaceAll('\\|', '|');

function alignOf(separator: string): Align {
  if (!separator.endsWith(':')) return 'left';
  return separator.startsWith(':') ? 'center' : 'right';
}

/** Where the title of a chart stands, if it does; else where its table begins. */
function titleLine(lines: readonly string[], at: number, chart: Chart): number {
  const above = lines.slice(0, at).findLastIndex((line) => line.trim() !== '');
  return above >= 0 && wordsOf(lines[above] ?? '') === chartData(chart).title ? above : at;
}

function chartOf(table: TableForm, charts: readonly Chart[]): Chart | null {
  const shown = [table.head, ...table.rows].map((row) =>
    row.map((cell) => cell.map(({ text }) => text).join('')),
  );
  return (
    charts.find((chart) => {
      const { head, rows } = chartData(chart);
      return JSON.stringify([head, ...rows]) === JSON.stringify(shown);
    }) ?? null
  );
}

/** The list of sources at the end of a segment; [] if there is none. */
function sourcesAt(lines: readonly string[]): Found[] {
  const end = lines.findLastIndex((line) => line.trim() !== '') + 1;
  const written = /^(?:[-*+]|(\d{1,3})[.)])\s+(\S.*)$/;
  let start = end;
  while (start > 0 && written.test(lines[start - 1] ?? '')) start--;
  const above = lines.slice(0, start).findLastIndex((line) => line.trim() !== '');
  const title = wordsOf((lines[above] ?? '').replace(/^#{1,6}\s+/, ''))
    .replace(/[:：]$/, '')
    .trim();
  const items = lines.slice(start, end).map((line) => stretchesOf(written.exec(line)?.[2] ?? ''));
  const linked = items.every((item) => item.some(({ url }) => url !== undefined));
  if (items.length < 2 || items.length > MOST_SOURCES || !linked || !SOURCES.test(title)) return [];
  const first = written.exec(lines[start] ?? '')?.[1];
  const from = first === undefined ? null : Number(first);
  return [{ part: { kind: 'sources', title, from, items }, start: above, end }];
}
