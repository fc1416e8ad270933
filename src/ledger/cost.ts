import { type Price, WEB_SEARCH } from './prices.ts';
import type { Usage } from './usage.ts';

/** Nano-dollars (10⁻⁹ USD). Money is never a float. */
export type NanoDollars = bigint;

/** Cost of one call: each kind of token at its own rate, and searches of the web by the piece. */
export function costOf(usage: Usage, price: Price): NanoDollars {
  return (
    tokens(usage.inputTokens) * rate(price.input) +
    tokens(usage.cacheWrite5mTokens) * rate(price.write5m) +
    tokens(usage.cacheWrite1hTokens) * rate(price.write1h) +
    tokens(usage.cacheReadTokens) * rate(price.cacheRead) +
    tokens(usage.outputTokens) * rate(price.output) +
    tokens(usage.webSearches) * rate(WEB_SEARCH)
  );
}

const tokens = (count: number): bigint => BigInt(Math.max(0, Math.trunc(count)));
const rate = (nanoPerToken: number): bigint => BigInt(Math.round(nanoPerToken));

/**
 * Nano-dollars for a person: `$0.0281`. Two significant digits below a cent, cents above ten dollars;
 * rounded up, so that nothing that cost something reads as free.
 */
export function formatUsd(cost: NanoDollars): string {
  if (cost === 0n) return '$0';
  const digits = cost >= 10_000_000_000n ? 2 : cost >= 10_000_000n ? 4 : 6;
  const unit = 10n ** BigInt(9 - digits);
  const rounded = (cost + unit - 1n) / unit;
  const whole = rounded / 10n ** BigInt(digits);
  const fraction = String(rounded % 10n ** BigInt(digits)).padStart(digits, '0');
  return `$${whole}.${digits > 2 ? fraction.replace(/0+$/, '').padEnd(2, '0') : fraction}`;
}

/** Nano-dollars exactly, without a sign of the currency, for files: `0.0281045`; two digits behind the point at least. */
export function exactUsd(cost: NanoDollars): string {
  const whole = cost / 1_000_000_000n;
  const fraction = String(cost % 1_000_000_000n).padStart(9, '0');
  return `${whole}.${fraction.replace(/0+$/, '').padEnd(2, '0')}`;
}
