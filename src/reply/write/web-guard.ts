import type { Clock } from '../../clock.ts';

/** Remembers for which models the provider refuses the web tools: an answer need not ask each time. */
export interface WebGuard {
  isForbidden(model: string): boolean;
  forbid(model: string): void;
}

/** After so long, in milliseconds, it is asked again: somebody may have switched them on. */
const REMEMBERED_MS = 60 * 60_000;

export function createWebGuard(clock: Clock): WebGuard {
  const until = new Map<string, number>();
  return {
    isForbidden: (model) => clock.monotonic() < (until.get(model) ?? 0),
    forbid: (model) => void until.set(model, clock.monotonic() + REMEMBERED_MS),
  };
}
