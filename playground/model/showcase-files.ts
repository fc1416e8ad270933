import { quoted } from './showcase-thread.ts';
import type { ScriptFile, ScriptTurn } from './types.ts';

/** Something that was given beside the words of a turn, as the bot tells the model of it. */
const HEAD = /^\[file "((?:[^"\\\n]|\\.){0,200})": ([^\n]{1,400})\]$/gm;
const FENCED = /^(`{3,})\n([\s\S]*?)\n\1$/m;

interface Found {
  readonly name: string;
  readonly about: string;
  /** Words of a text. */
  readonly text: string | null;
}

/** What the last turn brought beside words, a line for each: kind, size, and the first words of a text. */
export function filesIn(turn: ScriptTurn | undefined): readonly string[] {
  const media = [...(turn?.files ?? [])];
  return readFiles(turn?.text ?? '').found.map(({ name, about, text }) => {
    const called = quoted(name);
    if (about.startsWith('you can not see it')) return `- ${called}: not given to me, ${plain(about)}`;
    if (text !== null)
      return `- ${called}: ${plain(about)}, ${text.length} characters; it begins ${quoted(text)}`;
    const given = media.shift();
    return given === undefined ? `- ${called}: no bytes came with it` : `- ${called}: ${lineOf(given)}`;
  });
}

/** The words of a turn without what stands for files in it. */
export function withoutFiles(turn: ScriptTurn): ScriptTurn {
  return { ...turn, text: readFiles(turn.text).rest };
}

function lineOf({ kind, mediaType, bytes, width, height, pages }: ScriptFile): string {
  const what = kind === 'pdf' ? `a PDF of ${pages} pages` : `a picture of ${width} × ${height} pixels`;
  return `${what} (${mediaType}, ${bytes} bytes)`;
}

function readFiles(text: string): { readonly found: readonly Found[]; readonly rest: string } {
  const found: Found[] = [];
  let rest = '';
  let done = 0;
  for (const head of text.matchAll(HEAD)) {
    // Inside a text that was given before.
    if (head.index < done) continue;
    rest += text.slice(done, head.index);
    done = head.index + head[0].length;
    const after = text.slice(done + 1);
    const fence = after.startsWith('```') ? FENCED.exec(after) : null;
    if (fence !== null && fence.index === 0) done += 1 + fence[0].length;
    found.push({ name: head[1] ?? '', about: head[2] ?? '', text: fence === null ? null : (fence[2] ?? '') });
  }
  return { found, rest: `${rest}${text.slice(done)}`.replace(/\[attached file:[^\]\n]*\]/g, '').trim() };
}

const plain = (about: string): string => (about.split(/[.;] /)[0] ?? '').replace(/[`*_~<>[\]|#\\&]/g, ' ');
