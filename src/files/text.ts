import { MOST_CHARACTERS } from './limits.ts';

/** A text of a file as far as it is given on. */
export interface Text {
  readonly text: string;
  /** Something of it was left out. */
  readonly cut: boolean;
}

/** Bytes that are looked at to tell text from anything else. */
const LOOKED_AT = 64_000;
/** Share of characters that no text has many of. */
const MOST_STRANGE = 0.02;

/** The words in these bytes: UTF-8, UTF-16 by its mark, else Windows' western letters; null: no text. Total. */
export function decodeText(bytes: Uint8Array): string | null {
  const utf16 = bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf-16le' : null;
  const big = bytes[0] === 0xfe && bytes[1] === 0xff ? 'utf-16be' : null;
  const marked = utf16 ?? big;
  if (marked !== null) return textOrNull(new TextDecoder(marked).decode(bytes));
  if (bytes.subarray(0, LOOKED_AT).includes(0)) return null;
  try {
    return textOrNull(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return textOrNull(new TextDecoder('windows-1252').decode(bytes));
  }
}

function textOrNull(text: string): string | null {
  const head = text.slice(0, LOOKED_AT);
  // Control characters besides tab, line feed, form feed, return and escape (colours of a terminal).
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
  const strange = head.match(/[\0-\x08\x0e-\x1a\x1c-\x1f\x7f-\x84\x86-\x9f\ufffd]/g)?.length ?? 0;
  return strange > head.length * MOST_STRANGE ? null : text.replaceAll('\0', '');
}

/**
 * The beginning of a text, up to a line's end, and where it is longer than may be its last part too: the end of a log says
 * what went wrong.
 */
export function cutText(text: string): Text {
  const most = MOST_CHARACTERS;
  if (text.length <= most) return { text, cut: false };
  const tail = Math.floor(most / 5);
  const head = lineStart(text, most - tail);
  const from = lineEnd(text, text.length - tail);
  return {
    text: `${text.slice(0, head)}\n[… ${from - head} characters left out …]\n${text.slice(from)}`,
    cut: true,
  };
}

/** The nearest end of a line not far before `at`, never within a pair. */
function lineStart(text: string, at: number): number {
  const found = text.lastIndexOf('\n', at);
  return found > at - 2000 && found > 0 ? found : withoutHalf(text, at);
}

function lineEnd(text: string, at: number): number {
  const found = text.indexOf('\n', at);
  return found >= 0 && found < at + 2000 ? found + 1 : withoutHalf(text, at);
}

function withoutHalf(text: string, at: number): number {
  const code = text.charCodeAt(at);
  return code >= 0xdc00 && code <= 0xdfff ? at + 1 : at;
}

/** What a text file is called to the model, by the ending of its name: a hint, nothing depends on it. */
const LANGUAGES: Readonly<Record<string, string>> = {
  csv: 'CSV',
  tsv: 'TSV',
  json: 'JSON',
  md: 'Markdown',
  html: 'HTML',
  htm: 'HTML',
  xml: 'XML',
  yml: 'YAML',
  yaml: 'YAML',
  eml: 'e-mail',
  log: 'log',
  py: 'Python',
  js: 'JavaScript',
  ts: 'TypeScript',
  tsx: 'TypeScript',
  jsx: 'JavaScript',
  go: 'Go',
  rs: 'Rust',
  java: 'Java',
  rb: 'Ruby',
  php: 'PHP',
  c: 'C',
  h: 'C',
  cpp: 'C++',
  cs: 'C#',
  sh: 'shell script',
  sql: 'SQL',
  css: 'CSS',
  svg: 'SVG',
  diff: 'diff',
  patch: 'diff',
};

export function languageOf(name: string): string {
  return LANGUAGES[/\.([a-z]{1,5})$/i.exec(name)?.[1]?.toLowerCase() ?? ''] ?? 'text';
}
