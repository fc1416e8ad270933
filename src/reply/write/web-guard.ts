import type { Clock } from '../../clock.ts';

/**
 * Remembers where the provider refuses the web tools, so that an answer need not ask each time: by workspace, which may pay by
 * a key of its own, and model.
 */
export interface WebGuard {
  isForbidden(team: string, model: string): boolean;
  forbid(team: string, model: string): void;
}

/** After so long, in milliseconds, it is asked again: somebody may have switched them on. */
const REMEMBERED_MS = 60 * 60_000;
const MOST_REMEMBERED = 1000;

export function createWebGuard(clock: Clock): WebGuard {
  const until = new Map<string, number>();
  return {
    isForbidden: (team, model) => clock.monotonic() < (until.get(`${team} ${model}`) ?? 0),
    forbid(team, model) {
      if (until.size >= MOST_REMEMBERED) until.clear();
      until.set(`${team} ${model}`, clock.monotonic() + REMEMBERED_MS);
    },
  };
}
