import { A_PICTURE, AN_EMPTY_RESULT, moreArguments, NO_ARGUMENTS } from '../../words/tools-cards.ts';
import type { Row } from './ports.ts';

/** What a reader takes in at a glance; all of it is behind a button. UTF-16 units. */
const MOST_ROWS = 12;
const MOST_NAME = 60;
const MOST_VALUE = 300;
const MOST_TEXT = 2000;

/** Stands where a value has a new line: a line of its own could be read as another argument. */
const NEW_LINE = ' ⏎ ';
/**
 * Characters that show nothing or turn the reading around: controls but for new line and tab, formats (marks of direction, what
 * has no width, tags), separators of lines, halves of characters, and the letters that are blank.
 */
const UNSEEN = /(?![\n\t])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\u115f\u1160\u3164\uffa0]/gu;

/** Text with a visible sign for each character that would be unseen or would deceive. */
export function seen(text: string): string {
  return text.replaceAll('\r\n', '\n').replace(UNSEEN, '\ufffd');
}

/** One line of at most `most` units, never cut through a character. */
export function line(text: string, most: number): string {
  const lines = seen(text).split(/\n\s*/);
  const flat = lines.map((one, at) => (at < lines.length - 1 ? one.trimEnd() : one)).join(NEW_LINE);
  return cut(flat.replaceAll('\t', ' '), most);
}

function cut(text: string, most: number): string {
  if (text.length <= most) return text;
  const end = most - 1;
  return `${text.slice(0, /[\ud800-\udbff]/.test(text.charAt(end - 1)) ? end - 1 : end)}…`;
}

/** The arguments of a call as lines; `shortened`: something is not in them. `input` is JSON text, or whatever the model wrote. */
export function argumentRows(input: string): { readonly rows: readonly Row[]; readonly shortened: boolean } {
  const named = namedIn(input);
  if (named.length === 0) return { rows: [{ name: '', value: NO_ARGUMENTS }], shortened: false };
  const shown = named.slice(0, MOST_ROWS);
  const rows = shown.map(([name, value]) => ({
    name: line(name, MOST_NAME),
    value: line(value, MOST_VALUE),
  }));
  const left = named.length - shown.length;
  const shortened =
    left > 0 || shown.some(([name, value]) => name.length > MOST_NAME || value.length > MOST_VALUE);
  return { rows: left === 0 ? rows : [...rows, { name: '', value: moreArguments(left) }], shortened };
}

/** All arguments as text that is shown as it stands. */
export function wholeArguments(input: string): string {
  const named = namedIn(input);
  if (named.length === 0) return NO_ARGUMENTS;
  return named.map(([name, value]) => seen(name === '' ? value : `${name}: ${value}`)).join('\n\n');
}

/** Names and values, in the order in which the model wrote them; what is no text is JSON. */
function namedIn(input: string): readonly (readonly [string, string])[] {
  const read = parsed(input);
  if (typeof read !== 'object' || read === null || Array.isArray(read))
    return input.trim() === '' ? [] : [['', input]];
  return Object.entries(read).map(
    ([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)] as const,
  );
}

/** What a call gave as text: JSON text of the content of a `tool_result`, as it is stored. */
export function wholeResult(result: string | null): string {
  const read = parsed(result ?? '');
  const parts = Array.isArray(read) ? read : [read];
  const text = parts
    .map((part: unknown) => {
      if (typeof part === 'string') return part;
      if (typeof part !== 'object' || part === null) return '';
      if ('text' in part && typeof part.text === 'string') return isFrame(part.text) ? '' : part.text;
      return 'type' in part && part.type === 'image' ? A_PICTURE : '';
    })
    .filter((one) => one.trim() !== '')
    .join('\n\n');
  return text === '' ? AN_EMPTY_RESULT : seen(text);
}

/** Around what a server gave stand lines of ours for the model; inside, nothing can look like them (`reply/tools/told.ts`). */
function isFrame(text: string): boolean {
  return /^<\/?tool_result_data\b[^>]*>$/.test(text);
}

/** The beginning of it. */
export function resultText(result: string | null): { readonly text: string; readonly shortened: boolean } {
  const whole = wholeResult(result);
  return { text: cut(whole, MOST_TEXT), shortened: whole.length > MOST_TEXT };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
