import { count } from '../words/numbers.ts';

/** What a person wrote, or why it is no value: a sentence that can stand at a form's field. */
export type Parsed<T> = { readonly value: T } | { readonly problem: string };

/** A whole number, with or without commas between thousands. */
export function wholeNumber(from: number, to: number) {
  return (raw: string): Parsed<number> => {
    const digits = raw.trim().replace(/^(\d{1,3})((?:,\d{3})+)$/, (all) => all.replaceAll(',', ''));
    const value = Number(digits);
    return /^\d{1,9}$/.test(digits) && value >= from && value <= to
      ? { value }
      : { problem: `Use a whole number from ${count(from)} to ${count(to)}.` };
  };
}

/** One of these words, however it is spelt with capitals, spaces and hyphens. */
export function oneOf<const T extends string>(allowed: readonly T[]) {
  return (raw: string): Parsed<T> => {
    const word = raw
      .trim()
      .toLowerCase()
      .replaceAll(/[\s-]+/g, '_');
    const value = allowed.find((one) => one === word);
    return value === undefined ? { problem: `Use ${either(allowed)}.` } : { value };
  };
}

/** `a, b or c`. */
export function either(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}
