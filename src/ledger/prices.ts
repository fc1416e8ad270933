/** USD per million tokens, in thousandths (so 3.75 is 3750): an integer of nano-dollars a token. */
export interface Price {
  readonly input: number;
  readonly output: number;
  readonly write5m: number;
  readonly write1h: number;
  readonly cacheRead: number;
}

interface PriceRow extends Price {
  readonly model: string;
  /** First day (UTC) on which the row holds. */
  readonly from: string;
  /** Rates of a request whose whole prompt has more tokens than `above`, where the model has such a step. */
  readonly long?: Price & { readonly above: number };
}

const price = (
  input: number,
  output: number,
  write5m: number,
  write1h: number,
  cacheRead: number,
): Price => ({
  input: input * 1000,
  output: output * 1000,
  write5m: write5m * 1000,
  write1h: write1h * 1000,
  cacheRead: cacheRead * 1000,
});

/**
 * Version of this table; each entry of the ledger names it. Sources: Anthropic's model and pricing pages
 * (August to November 2026); cache rates of Fable and Mythos 5.2 and the cut of Sonnet 5.5's cache reads
 * on 2026-10-07 come from third parties.
 */
export const PRICE_VERSION = '2026-11-22';

/** Nano-dollars of one search of the web, on every model: $10 per 1,000 (pricing page, November 2026). */
export const WEB_SEARCH = 10_000_000;

const ROWS: readonly PriceRow[] = [
  { model: 'claude-fable-5-2', from: '2026-11-09', ...price(8, 40, 10, 16, 0.2) },
  { model: 'claude-mythos-5-2', from: '2026-11-09', ...price(8, 40, 10, 16, 0.2) },
  { model: 'claude-fable-5-1', from: '2026-09-01', ...price(10, 50, 12.5, 20, 0.25) },
  { model: 'claude-mythos-5-1', from: '2026-09-01', ...price(10, 50, 12.5, 20, 0.25) },
  { model: 'claude-fable-5', from: '2026-06-09', ...price(10, 50, 12.5, 20, 1) },
  { model: 'claude-mythos-5', from: '2026-06-09', ...price(10, 50, 12.5, 20, 1) },
  { model: 'claude-opus-5-5', from: '2026-09-22', ...price(4, 20, 5, 8, 0.2) },
  { model: 'claude-opus-5', from: '2026-07-24', ...price(5, 25, 6.25, 10, 0.5) },
  { model: 'claude-opus-4-8', from: '2026-05-28', ...price(5, 25, 6.25, 10, 0.5) },
  { model: 'claude-opus-4-7', from: '2026-04-16', ...price(5, 25, 6.25, 10, 0.5) },
  { model: 'claude-opus-4-6', from: '2026-02-05', ...price(5, 25, 6.25, 10, 0.5) },
  { model: 'claude-opus-4-5', from: '2025-11-24', ...price(5, 25, 6.25, 10, 0.5) },
  { model: 'claude-sonnet-5-5', from: '2026-09-28', ...price(2, 10, 2.5, 4, 0.2) },
  { model: 'claude-sonnet-5-5', from: '2026-10-07', ...price(2, 10, 2.5, 4, 0.1) },
  { model: 'claude-sonnet-5', from: '2026-06-30', ...price(2, 10, 2.5, 4, 0.2) },
  { model: 'claude-sonnet-4-6', from: '2026-02-17', ...price(3, 15, 3.75, 6, 0.3) },
  { model: 'claude-sonnet-4-5', from: '2025-09-29', ...price(3, 15, 3.75, 6, 0.3) },
  {
    model: 'claude-haiku-5-5',
    from: '2026-10-07',
    ...price(0.1, 0.5, 0.125, 0.2, 0.01),
    long: { above: 100_000, ...price(0.5, 2.5, 0.625, 1, 0.05) },
  },
  { model: 'claude-haiku-4-5', from: '2025-10-15', ...price(1, 5, 1.25, 2, 0.1) },
];

/**
 * The price of a model on a day (YYYY-MM-DD, UTC) for a prompt of so many tokens; null for a model that
 * the table does not know. A dated id (`claude-haiku-4-5-20251001`) has the price of its model.
 */
export function priceOf(model: string, day: string, promptTokens: number): Price | null {
  const name = model.replace(/-\d{8}$/, '');
  const row =
    ROWS.filter((r) => r.model === name && r.from <= day).at(-1) ?? ROWS.find((r) => r.model === name);
  if (row === undefined) return null;
  return row.long !== undefined && promptTokens > row.long.above ? row.long : row;
}

/** The dearest rates of the table: what a model without a known price counts as against a budget. */
export const DEAREST: Price = ROWS.flatMap((row) => [row, row.long ?? row]).reduce<Price>(
  (most, row) => ({
    input: Math.max(most.input, row.input),
    output: Math.max(most.output, row.output),
    write5m: Math.max(most.write5m, row.write5m),
    write1h: Math.max(most.write1h, row.write1h),
    cacheRead: Math.max(most.cacheRead, row.cacheRead),
  }),
  price(0, 0, 0, 0, 0),
);
