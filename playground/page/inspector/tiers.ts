/** The rate limits that the bot has touched, as they stood after the last call of each method. Pure. */
import type { PageCall } from '../../protocol.ts';

export interface TierUse {
  readonly method: string;
  readonly used: number;
  readonly limit: number;
}

const MOST = 4;

/** The four fullest, the fullest first. `calls` are oldest first. */
export function latestTiers(calls: readonly PageCall[]): readonly TierUse[] {
  const latest = new Map<string, TierUse>();
  for (const call of calls) {
    if (call.tier !== null)
      latest.set(call.method, { method: call.method, used: call.tier.used, limit: call.tier.limit });
  }
  return [...latest.values()].sort((a, b) => b.used / b.limit - a.used / a.limit).slice(0, MOST);
}
