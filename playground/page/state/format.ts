/** Numbers and times in people's words. Pure but for the browser's own language and time zone. */

const CLOCK = new Intl.DateTimeFormat(undefined, { hour: 'numeric', minute: '2-digit' });
const PRECISE = new Intl.DateTimeFormat(undefined, {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  fractionalSecondDigits: 3,
  hour12: false,
});
const DAY = new Intl.DateTimeFormat(undefined, { weekday: 'long', month: 'long', day: 'numeric' });
const FULL = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'medium' });
const COUNT = new Intl.NumberFormat('en-US');

/** `ms` since the epoch → `10:42 AM`. */
export const clockTime = (ms: number): string => CLOCK.format(ms);
/** `ms` since the epoch → `10:42:07.123`. */
export const preciseTime = (ms: number): string => PRECISE.format(ms);
/** `ms` since the epoch → the whole date and time, for a tooltip. */
export const fullTime = (ms: number): string => FULL.format(ms);
/** 12345 → `12,345`. */
export const count = (value: number): string => COUNT.format(value);

/** `Today`, `Yesterday` or the day's name. Both in milliseconds since the epoch. */
export function dayName(ms: number, now: number): string {
  const day = new Date(ms).toDateString();
  if (day === new Date(now).toDateString()) return 'Today';
  if (day === new Date(now - 86_400_000).toDateString()) return 'Yesterday';
  return DAY.format(ms);
}

/** Milliseconds → `84 ms`, `1.3 s`, `2 min 5 s`. */
export function duration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)} s`;
  return `${Math.floor(ms / 60_000)} min ${Math.floor((ms % 60_000) / 1_000)} s`;
}

/** A decimal string in USD → `$0.0123`; sums below a cent keep four places. `null` → `–`. */
export function usd(amount: string | null): string {
  if (amount === null) return '–';
  const value = Number(amount);
  if (!Number.isFinite(value)) return amount;
  return `$${value.toFixed(value !== 0 && Math.abs(value) < 1 ? 4 : 2)}`;
}

/** `1 reply`, `2 replies`. */
/** Bytes as people write them. */
export function sizeOf(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  if (bytes < 1_000_000) return `${Math.round(bytes / 1000)} kB`;
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}

export function plural(n: number, one: string, many: string): string {
  return `${count(n)} ${n === 1 ? one : many}`;
}

/** Up to two letters for an avatar: `Ana Ruiz` → `AR`. */
export function initials(name: string): string {
  const words = name.split(/\s+/).filter((word) => word !== '');
  const letters = [words[0], words.length > 1 ? words.at(-1) : undefined].map(
    (word) => [...(word ?? '')][0] ?? '',
  );
  return letters.join('').toLocaleUpperCase() || '?';
}
