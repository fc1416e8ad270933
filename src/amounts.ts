/**
 * Amounts that people write and read: money and spans of time. Here, below configuration and settings, because
 * both take them. All parsers are total: what is not an amount is null.
 */

/** Nano-dollars in a dollar. Money is an integer of nano-dollars (10⁻⁹ USD), never a float. */
const NANO_PER_USD = 1_000_000_000n;

const MONEY = /^(?:us)?\$?\s*(\d{1,9}|\d{1,3}(?:,\d{3}){1,2})(?:\.(\d{1,9}))?$/;

/** `$5`, `5 USD`, `USD 5`, `5.50`, `1,200`: nano-dollars; null for anything else, other currencies included. */
export function parseUsd(raw: string): bigint | null {
  const plain = raw
    .trim()
    .toLowerCase()
    .replace(/^usd(?=[\s\d$])|(?:usd|us\$|\$|dollars?)$/, '')
    .trim();
  const [, whole, fraction = ''] = MONEY.exec(plain) ?? [];
  if (whole === undefined) return null;
  return BigInt(whole.replaceAll(',', '')) * NANO_PER_USD + BigInt(fraction.padEnd(9, '0'));
}

/** Nano-dollars in full: `$5.00`, `$0.0005`. `parseUsd` reads it back without a loss. */
export function writeUsd(nano: bigint): string {
  const fraction = String(nano % NANO_PER_USD).padStart(9, '0');
  return `$${nano / NANO_PER_USD}.${fraction.replace(/0+$/, '').padEnd(2, '0')}`;
}

const SECONDS_PER: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };
const SPAN = /^(\d{1,9})\s*(s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?)?(?=\d|\s|$)\s*/;

/** `90`, `90 s`, `2 min`, `1m30s`, `1 hour`: whole seconds; null for anything else. A bare number is seconds. */
export function parseSeconds(raw: string): number | null {
  let rest = raw.trim().toLowerCase();
  if (/^\d{1,9}$/.test(rest)) return Number(rest);
  let total = 0;
  while (rest !== '') {
    const [found, count, unit] = SPAN.exec(rest) ?? [];
    if (found === undefined || unit === undefined) return null;
    total += Number(count) * (SECONDS_PER[unit.charAt(0)] ?? 0);
    rest = rest.slice(found.length);
  }
  return total > 0 && Number.isSafeInteger(total) ? total : null;
}

const DAYS_PER: Readonly<Record<string, number>> = { d: 1, w: 7, m: 30, y: 365 };
const DAYS = /^(\d{1,3}(?:,\d{3})+|\d{1,9})\s*(d|days?|w|weeks?|months?|y|years?)?$/;

/** `30`, `30 days`, `12 weeks`, `6 months` (of 30), `1 year` (of 365): whole days; null for anything else. */
export function parseDays(raw: string): number | null {
  const [, count, unit = 'd'] = DAYS.exec(raw.trim().toLowerCase()) ?? [];
  if (count === undefined) return null;
  return Number(count.replaceAll(',', '')) * (DAYS_PER[unit.charAt(0)] ?? 0);
}
