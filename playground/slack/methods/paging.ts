import type { Args } from '../args.ts';
import { Refusal } from '../refusal.ts';

/** One page of `items`; the cursor holds the place where the next one begins, '' at the end. */
export function page<T>(
  items: readonly T[],
  args: Args,
  limit: { readonly otherwise: number; readonly most: number },
): { readonly items: readonly T[]; readonly next: string } {
  const cursor = args.text('cursor') ?? '';
  const place = /^offset:(\d+)$/.exec(Buffer.from(cursor, 'base64').toString('latin1'));
  if (cursor !== '' && !place) throw new Refusal('invalid_cursor');
  const start = Number(place?.[1] ?? 0);
  const size = Math.min(limit.most, Math.max(1, args.whole('limit', limit.otherwise)));
  const end = start + size;
  const next = end < items.length ? Buffer.from(`offset:${end}`, 'latin1').toString('base64') : '';
  return { items: items.slice(start, end), next };
}
