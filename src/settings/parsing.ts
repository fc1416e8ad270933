import { parseDays, parseUsd } from '../amounts.ts';
import { parseDomains, type WebDomains } from '../domains.ts';
import { settingProblem } from '../words/settings.ts';

/** What a person wrote, read; a problem is a sentence that can stand at a form's field. */
export type Parsed<T> = { readonly value: T } | { readonly problem: string };

/** A whole number; thousands may have commas. */
export function wholeNumber(from: number, to: number) {
  return (raw: string): Parsed<number> => {
    const digits = raw.trim().replace(/^(\d{1,3})((?:,\d{3})+)$/, (all) => all.replaceAll(',', ''));
    const value = Number(digits);
    return /^\d{1,9}$/.test(digits) && value >= from && value <= to
      ? { value }
      : { problem: settingProblem.wholeNumber(from, to) };
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
    return value === undefined ? { problem: settingProblem.oneOf(allowed) } : { value };
  };
}

/** Whole days; null for `forever`. `most`: days. */
export function daysOrForever(most: number) {
  return (raw: string): Parsed<number | null> => {
    if (/^for\s?ever$/i.test(raw.trim())) return { value: null };
    const value = parseDays(raw);
    return value === null || value < 1 || value > most ? { problem: settingProblem.days(most) } : { value };
  };
}

/** Nano-dollars; null for `none`. */
export function usdOrNone(most: bigint) {
  return (raw: string): Parsed<bigint | null> => {
    if (['none', 'off'].includes(raw.trim().toLowerCase())) return { value: null };
    const value = parseUsd(raw);
    return value === null || value > most ? { problem: settingProblem.usd } : { value };
  };
}

/**
 * Ids of bots, apart by blanks or commas, each once: of a bot's user (`U…`, `W…`), of a bot (`B…`), of an app
 * (`A…`), or a mention as Slack writes it with `should_escape` (`<@U…|name>`). Empty for `none`.
 */
export function botIds(most: number) {
  return (raw: string): Parsed<readonly string[]> => {
    const words = raw.split(/[\s,]+/).filter((word) => word !== '');
    if (words.length === 1 && words[0]?.toLowerCase() === 'none') return { value: [] };
    const ids = words.map((word) => /^<@([A-Z0-9]+)(?:\|[^<>]*)?>$/.exec(word)?.[1] ?? word.toUpperCase());
    if (ids.length === 0 || !ids.every((id) => /^[UWBA][A-Z0-9]{2,20}$/.test(id)))
      return { problem: settingProblem.bots };
    const value = [...new Set(ids)];
    return value.length > most ? { problem: settingProblem.tooManyBots(most) } : { value };
  };
}

/** `on` or `off`, or what people write for them. */
export function onOff(raw: string): Parsed<boolean> {
  const word = raw.trim().toLowerCase();
  if (['on', 'yes', 'true'].includes(word)) return { value: true };
  return ['off', 'no', 'false'].includes(word) ? { value: false } : { problem: settingProblem.onOrOff };
}

/** Hosts of the web as `parseDomains` reads them; up to `most`. */
export function domains(most: number) {
  return (raw: string): Parsed<WebDomains> => {
    const value = parseDomains(raw);
    if (value === null) return { problem: settingProblem.domains };
    return value.hosts.length > most ? { problem: settingProblem.tooManyDomains(most) } : { value };
  };
}

/** What a workspace calls a connected server. */
export const SERVER_NAME = /^[a-z][a-z0-9-]{0,19}$/;

/** Names of connected servers, apart by blanks or commas, each once and in the order of the alphabet; empty for `none`. */
export function serverNames(most: number) {
  return (raw: string): Parsed<readonly string[]> => {
    const words = raw
      .toLowerCase()
      .split(/[\s,]+/)
      .filter((word) => word !== '');
    if (words.length === 1 && (words[0] === 'none' || words[0] === 'off')) return { value: [] };
    if (words.length === 0 || !words.every((word) => SERVER_NAME.test(word)))
      return { problem: settingProblem.servers };
    // One order, so that the same list asks the model in the same words.
    const value = [...new Set(words)].sort();
    return value.length > most ? { problem: settingProblem.tooManyServers(most) } : { value };
  };
}
