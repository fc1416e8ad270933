/** Inline Markdown of a finished segment as stretches of words with what they look like. */
import { type InlineToken, readInline } from './inline.ts';
import { boundary, joiner } from './neutralise.ts';
import { plainAtom } from './plain.ts';

/** Words that look the same from the first to the last. */
export interface Stretch {
  readonly text: string;
  readonly bold?: true;
  readonly italic?: true;
  readonly struck?: true;
  readonly code?: true;
  /** Where a link leads. */
  readonly url?: string;
}

type Look = Omit<Stretch, 'text'>;

/** The stretches of a rendered line; [] if it has no words. Marks are gone, escapes and entities are their characters. */
export function stretchesOf(markdown: string): Stretch[] {
  return joined(read(markdown, {}));
}

/** The words of a line without anything else. */
export function wordsOf(markdown: string): string {
  return stretchesOf(markdown)
    .map(({ text }) => text)
    .join('');
}

function read(markdown: string, outer: Look): Stretch[] {
  const { tokens } = readInline(markdown, { open: false, longestLink: 4_000 });
  let look = outer;
  return tokens.flatMap((token) => {
    const found = stretch(token, look);
    // What is open is said of what comes behind a token.
    look = { ...outer, ...lookOf(token) };
    return found;
  });
}

function stretch(token: InlineToken, look: Look): Stretch[] {
  switch (token.kind) {
    case 'run':
      return [{ ...look, text: token.run.char.repeat(token.literal) }];
    case 'code':
      return [{ ...look, text: token.body, code: true }];
    case 'newline':
      return [{ ...look, text: ' ' }];
    case 'text':
      return [{ ...look, text: token.out }];
    default:
      return atom(token.out, look);
  }
}

function atom(out: string, look: Look): Stretch[] {
  const [, label, address] = /^\u2060?\[([\s\S]*)\]\((\S*)\)$/.exec(out) ?? [];
  const url = addressOf(address ?? '');
  if (label !== undefined && url !== '') return read(label, { ...look, url });
  const bare = /^<([^<>\s]+)>$/.exec(out)?.[1];
  if (bare !== undefined) return [{ ...look, text: bare, url: bare }];
  const formula = /^(`+)([\s\S]+)\1$/.exec(out)?.[2];
  if (formula !== undefined) return [{ ...look, text: formula, code: true }];
  return [{ ...look, text: plainAtom(out) }];
}

/** The address of a link without Markdown's brackets, escapes and entities. */
const addressOf = (written: string) =>
  written
    .replace(/^<|>$/g, '')
    .replace(/\\([!-/:-@[-`{-~])/g, '$1')
    .replaceAll('&amp;', '&');

function lookOf({ openers }: InlineToken): Look {
  const asterisks = openers.filter(({ char }) => char !== '~');
  return {
    ...(asterisks.some(({ left }) => left >= 2) ? { bold: true as const } : {}),
    ...(asterisks.some(({ left }) => left % 2 === 1) ? { italic: true as const } : {}),
    ...(openers.some(({ char }) => char === '~') ? { struck: true as const } : {}),
  };
}

/** Neighbours that look alike as one, without the characters that nobody sees. */
function joined(stretches: readonly Stretch[]): Stretch[] {
  const out: Stretch[] = [];
  for (const { text, ...look } of stretches) {
    const seen = look.code ? text : text.replaceAll(boundary, '').replaceAll(joiner, '');
    const last = out.at(-1);
    if (seen === '') continue;
    if (last !== undefined && sameLook(last, look)) out[out.length - 1] = { ...last, text: last.text + seen };
    else out.push({ ...look, text: seen });
  }
  return out;
}

const sameLook = (a: Look, b: Look) =>
  a.bold === b.bold && a.italic === b.italic && a.struck === b.struck && a.code === b.code && a.url === b.url;
