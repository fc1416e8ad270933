import { cellsOf, isSeparator } from '../render/table.ts';
import { csv } from './csv.ts';

/** A file made of a part of an answer. */
export interface OutFile {
  /** With an ending by which Slack tells its kind. */
  readonly name: string;
  /** What it is, for people who hear it read out. */
  readonly alt: string;
  readonly text: string;
}

/** From here on a part is easier kept as a file than scrolled through. */
const LONG_CODE = 60;
const LONG_TABLE = 25;
/** Of one answer. */
const MOST_FILES = 5;

/** Somebody wants a table or code in a file: "as CSV", "as a file", "als Datei". */
const WANTS_CSV =
  /\b(?:as|in|into|to|als|en|au format)\s+(?:an?\s+|eine?\s+)?(?:\.?csv|excel|spreadsheet)\b|\bcsv\b[^.?!\n]{0,40}\b(?:file|datei|please|bitte)\b/i;
const WANTS_FILE =
  /\b(?:as|in|into|als|en)\s+(?:an?\s+|eine?r?\s+)?(?:text\s*|code\s*)?(?:file|attachment|download|datei|anhang|fichier)\b/i;

/** Endings by the language of a fence; code in any other language is text. */
const ENDINGS: Readonly<Record<string, string>> = {
  bash: 'sh',
  c: 'c',
  'c++': 'cpp',
  cpp: 'cpp',
  'c#': 'cs',
  csharp: 'cs',
  css: 'css',
  csv: 'csv',
  diff: 'diff',
  go: 'go',
  html: 'html',
  java: 'java',
  javascript: 'js',
  js: 'js',
  json: 'json',
  jsx: 'jsx',
  kotlin: 'kt',
  markdown: 'md',
  md: 'md',
  php: 'php',
  powershell: 'ps1',
  py: 'py',
  python: 'py',
  r: 'r',
  rb: 'rb',
  ruby: 'rb',
  rust: 'rs',
  rs: 'rs',
  scala: 'scala',
  sh: 'sh',
  shell: 'sh',
  sql: 'sql',
  swift: 'swift',
  toml: 'toml',
  ts: 'ts',
  tsv: 'tsv',
  tsx: 'tsx',
  typescript: 'ts',
  xml: 'xml',
  yaml: 'yaml',
  yml: 'yml',
};

interface Part {
  readonly kind: 'code' | 'table';
  readonly language: string;
  readonly lines: readonly string[];
}

/**
 * What of a finished answer comes as a file too: long code, long tables (as CSV), and any of both where the question asks
 * for a file. Always the same files for the same answer. `cut`: it may go on, so that a table at its end may have more rows;
 * what comes then are the same files and more. Total.
 */
export function outFiles(question: string, answer: string, { cut = false } = {}): readonly OutFile[] {
  const csv = WANTS_CSV.test(question);
  const any = WANTS_FILE.test(question);
  const counts = new Map<string, number>();
  return partsOf(answer, cut)
    .filter(({ kind, language, lines }) => {
      if (any) return true;
      if (kind === 'table') return csv || lines.length - 2 > LONG_TABLE;
      return lines.length > LONG_CODE || (csv && /^[ct]sv$/i.test(language));
    })
    .slice(0, MOST_FILES)
    .map((part) => {
      const ending = part.kind === 'table' ? 'csv' : (ENDINGS[part.language.toLowerCase()] ?? 'txt');
      const stem = part.kind === 'table' || ending === 'csv' ? 'table' : 'code';
      const nth = (counts.get(`${stem}.${ending}`) ?? 0) + 1;
      counts.set(`${stem}.${ending}`, nth);
      const text = part.kind === 'table' ? csvOf(part.lines) : `${part.lines.join('\n')}\n`;
      const rows = part.kind === 'table' ? part.lines.length - 1 : part.lines.length;
      return {
        name: `${stem}${nth === 1 ? '' : `-${nth}`}.${ending}`,
        alt: `${stem === 'table' ? 'table' : `${part.language || 'text'}`}, ${rows} lines`,
        text,
      };
    });
}

/** Closed code blocks and pipe tables at the margin of a text, in order. */
function partsOf(answer: string, cut: boolean): readonly Part[] {
  const found: Part[] = [];
  const lines = answer.split('\n');
  for (let at = 0; at < lines.length; at += 1) {
    const fence = /^ {0,3}(`{3,}|~{3,})[ \t]*([^\s`]*)[^`]*$/.exec(lines[at] ?? '');
    if (fence !== null) {
      const [, mark = '', language = ''] = fence;
      const end = lines.findIndex((line, index) => index > at && closes(line, mark));
      if (end < 0) break;
      if (end > at + 1) found.push({ kind: 'code', language, lines: lines.slice(at + 1, end) });
      at = end;
      continue;
    }
    const header = lines[at] ?? '';
    const next = lines[at + 1];
    if (!header.includes('|') || next === undefined || !isSeparator(next)) continue;
    if (cellsOf(header).length !== cellsOf(next).length) continue;
    let end = at + 2;
    while (end < lines.length && (lines[end] ?? '').includes('|')) end += 1;
    if (end > at + 2 && !(cut && end === lines.length))
      found.push({ kind: 'table', language: '', lines: lines.slice(at, end) });
    at = end - 1;
  }
  return found;
}

function closes(line: string, mark: string): boolean {
  const trimmed = line.trim();
  return (
    trimmed.length >= mark.length && /^ {0,3}\S/.test(line) && [...trimmed].every((one) => one === mark[0])
  );
}

function csvOf(lines: readonly string[]): string {
  const columns = cellsOf(lines[0] ?? '').length;
  return csv(lines.filter((_, index) => index !== 1).map((line) => cellsOf(line, columns).map(plain)));
}

/** A cell without the marks of Markdown around it. */
function plain(cell: string): string {
  return cell
    .replace(/\\([|\\`*_])/g, '$1')
    .replace(/<br\s*\/?>/gi, '\n')
    .replace(/^(\*\*|__|`|\*|_)([^*_`]+)\1$/, '$2')
    .replace(/\[([^\]]{1,300})\]\((https?:[^)\s]{1,2000})\)/g, '$1 ($2)');
}
