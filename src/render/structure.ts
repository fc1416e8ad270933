/** What belongs together in a text: brackets, back-ticks and formulas with their partners. */
import { matchAt, readAngle } from './neutralise.ts';
import { readTex } from './tex.ts';

export interface InlineOptions {
  /** More text may follow: constructs that could still become something are left out at the end. */
  readonly open: boolean;
  /** Longest source of one link, in UTF-16 units; a longer one is text, so that it can be cut. */
  readonly longestLink: number;
  /** So many characters in front were written by a cut, which opened again what was open: they are never shown. */
  readonly reopened?: number;
}

export interface Structure {
  /** Index of the matching `]` by the index of its `[`. */
  readonly brackets: ReadonlyMap<number, number>;
  readonly firstLone: number;
  /** Start of the closing run by the start of the opening one. */
  readonly code: ReadonlyMap<number, number>;
  /** End of a formula by its start. */
  readonly tex: ReadonlyMap<number, number>;
}

export const tickRun = /`+/y;
/** How much of a text may be held back while it could still become a link label. */
export const holdLabel = 200;
/** More ticks in a row are decoration; the bound keeps what a cut must repeat short. */
export const mostTicks = 16;

/** Pairs brackets and back-tick runs in one pass: what is inside code, escapes and tags pairs with nothing. */
export function findStructure(text: string, { open, longestLink }: InlineOptions): Structure {
  const runs = new Map<number, number[]>();
  for (const found of text.matchAll(/`+/g)) {
    const starts = runs.get(found[0].length) ?? [];
    starts.push(found.index);
    runs.set(found[0].length, starts);
  }
  const next = new Map<number, number>();
  const brackets = new Map<number, number>();
  const code = new Map<number, number>();
  const tex = new Map<number, number>();
  const waiting: number[] = [];
  for (let at = 0; at < text.length; at++) {
    const char = text[at];
    if (char === '\\' || char === '$') {
      const formula = readTex(text, at, open, longestLink);
      if (formula === 'unfinished') {
        tex.set(at, -1);
        break;
      }
      if (formula) {
        tex.set(at, formula.end);
        at = formula.end - 1;
      } else if (char === '\\') at++;
    } else if (char === '`') {
      const length = matchAt(tickRun, text, at)?.[0].length ?? 1;
      const starts = runs.get(length) ?? [];
      let pointer = next.get(length) ?? 0;
      while (pointer < starts.length && (starts[pointer] ?? 0) < at + length) pointer++;
      next.set(length, pointer);
      const close = starts[pointer];
      if (close !== undefined && length <= mostTicks) {
        code.set(at, close);
        at = close + length - 1;
      } else if (open && length <= mostTicks) break;
      else at += length - 1;
    } else if (char === '<') {
      const found = readAngle(text, at);
      at = found.end - 1;
    } else if (char === '[') waiting.push(at);
    else if (char === ']') {
      const start = waiting.pop();
      if (start !== undefined) brackets.set(start, at);
    }
  }
  const firstLone = waiting.find((start) => text.length - start <= holdLabel) ?? -1;
  return { brackets, code, tex, firstLone };
}
