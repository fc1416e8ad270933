import type { Clock } from '../clock.ts';
import type { Held, Purse } from './purse.ts';
import type { Budget } from './rules.ts';

/** As long as a person would rather wait than be told to come back. */
export const PATIENCE_MS = 120_000;

export type Waited =
  | Exclude<Held, { kind: 'wait' }>
  /** Others held what is left of `budget` for two minutes. */
  | { readonly kind: 'held_by_others'; readonly budget: Budget }
  | { readonly kind: 'aborted' };

/**
 * Asks `hold` until it grants or refuses, or patience is over: for a call that can't be left to a later owner of its reply
 * (others are: `reply/waits`). `onWait` tells once that it begins. Between two questions nothing is held: no connection, and
 * no lock.
 */
export async function holdPatiently(
  { purse, clock }: { purse: Pick<Purse, 'room'>; clock: Clock },
  team: string,
  hold: () => Promise<Held>,
  { signal, onWait }: { readonly signal: AbortSignal; readonly onWait: () => void },
): Promise<Waited> {
  const until = clock.monotonic() + PATIENCE_MS;
  for (let waits = 0; ; waits++) {
    if (signal.aborted) return { kind: 'aborted' };
    const held = await hold();
    if (held.kind !== 'wait') return held;
    const leftMs = until - clock.monotonic();
    if (leftMs <= 0) return { kind: 'held_by_others', budget: held.budget };
    if (waits === 0) onWait();
    await purse.room(team, held.since, Math.min(held.lookAgainMs, leftMs), signal);
  }
}
