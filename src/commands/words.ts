/** Splitting of what people type, and guesses at what they meant. All of it is total. */

/** A word or a quoted text of a command. */
export interface Word {
  readonly text: string;
  readonly quoted: boolean;
  /** Where it begins in the text, for values that are taken as they were typed. */
  readonly at: number;
}

const BLANK = /\s/g;
const OPENING = '"“„«‘\'';
const CLOSING: Readonly<Record<string, string>> = {
  '"': '"“”',
  '“': '”“"',
  '„': '“”"',
  '«': '»',
  '‘': "’‘'",
  "'": "'’",
};

/**
 * The words of a command. Quotes of any kind hold words together, where one begins a word and its partner ends
 * one; an apostrophe inside a word is part of it. A quote without a partner is a letter.
 */
export function wordsOf(text: string): Word[] {
  const words: Word[] = [];
  // Where one opening quote has no partner, no later one of its kind has: each kind is looked for in vain once.
  const lonely = new Set<string>();
  for (let at = 0; at < text.length; ) {
    if (/\s/.test(text.charAt(at))) {
      at += 1;
      continue;
    }
    const end = lonely.has(text.charAt(at)) ? null : closingOf(text, at);
    if (end === null) lonely.add(text.charAt(at));
    if (end !== null) {
      words.push({ text: text.slice(at + 1, end), quoted: true, at });
      at = end + 1;
      continue;
    }
    BLANK.lastIndex = at;
    const stop = BLANK.exec(text)?.index ?? text.length;
    words.push({ text: text.slice(at, stop), quoted: false, at });
    at = stop;
  }
  return words;
}

function closingOf(text: string, at: number): number | null {
  const open = text.charAt(at);
  const closing = OPENING.includes(open) ? CLOSING[open] : undefined;
  if (closing === undefined) return null;
  for (let end = at + 1; end < text.length; end++)
    if (closing.includes(text.charAt(end)) && (end + 1 === text.length || /\s/.test(text.charAt(end + 1))))
      return end;
  return null;
}

/** The candidate that was most likely meant, or null if none is near: swapped, missing and wrong letters. */
export function nearest(word: string, candidates: readonly string[]): string | null {
  const typed = word.toLowerCase();
  if (typed === '' || typed.length > 40) return null;
  if (candidates.includes(typed)) return typed;
  const most = typed.length < 4 ? 1 : 2;
  let best: { name: string; distance: number } | null = null;
  for (const name of candidates) {
    const begins = typed.length >= 3 && name.startsWith(typed);
    const distance = begins ? 0 : distanceOf(typed, name);
    if (distance <= most && (best === null || distance < best.distance)) best = { name, distance };
  }
  return best?.name ?? null;
}

/** Edits (insert, delete, replace, swap of neighbours) that lead from one word to the other. */
function distanceOf(a: string, b: string): number {
  let older: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      const cost = same ? 0 : 1;
      let least = Math.min((row[j - 1] ?? 0) + 1, (previous[j] ?? 0) + 1, (previous[j - 1] ?? 0) + cost);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        least = Math.min(least, (older[j - 2] ?? 0) + 1);
      row.push(least);
    }
    [older, previous] = [previous, row];
  }
  return previous[b.length] ?? a.length;
}

/** The id of a mention `<@U1|name>` or a channel `<#C1|name>`, as Slack writes them with `should_escape`. */
export function mentionOf(word: string): { kind: 'person' | 'channel'; id: string } | null {
  const [, mark, id] = /^<([@#])([A-Z][A-Z0-9]{1,20})(?:\|[^<>]*)?>$/.exec(word) ?? [];
  return id === undefined ? null : { kind: mark === '@' ? 'person' : 'channel', id };
}
