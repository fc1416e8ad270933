import { parseDays, parseUsd } from '../amounts.ts';
import { count } from '../words/numbers.ts';

/** What a person wrote, read; a problem is a sentence that can stand at a form's field. */
export type Parsed<T> = { readonly value: T } | { readonly problem: string };

/** A whole number; thousands may have commas. */
export function wholeNumber(from: number, to: number) {
  return (raw: string): Parsed<number> => {
    const digits = raw.trim().replace(/^(\d{1,3})((?:,\d{3})+)$/, (all) => all.replaceAll(',', ''));
    const value = Number(digits);
    return /^\d{1,9}$/.test(digits) && value >= from && value <= to
      ? { value }
      : { problem: `Use a whole number from ${count(from)} to ${count(to)}.` };
  };
}

/** One of a few words, also with blanks or hyphens. */
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

/** Whole days; null for `forever`. `most`: days. */
export function daysOrForever(most: number) {
  return (raw: string): Parsed<number | null> => {
    if (/^for\s?ever$/i.test(raw.trim())) return { value: null };
    const value = parseDays(raw);
    return value === null || value < 1 || value > most
      ? { problem: `Use days from 1 to ${count(most)} such as 30, 12 weeks or 1 year, or forever.` }
      : { value };
  };
}

/** Nano-dollars; null for `none`. */
export function usdOrNone(most: bigint) {
  return (raw: string): Parsed<bigint | null> => {
    if (['none', 'off'].includes(raw.trim().toLowerCase())) return { value: null };
    const value = parseUsd(raw);
    return value === null || value > most
      ? { problem: 'Use an amount of US dollars such as $50 or 12.50, or none.' }
      : { value };
  };
}

/** `a, b or c`. */
export function either(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}
