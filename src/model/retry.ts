import { backoff } from '../clock.ts';
import type { ModelFailure } from '../reply/ports.ts';

/** A wait that nobody needs to be told about. Beyond it the caller shows that it is trying again. */
const MOST_QUIET_WAIT_MS = 2_000;
const BACKOFF = { first: 500, most: Number.POSITIVE_INFINITY };

/**
 * Milliseconds to wait before retry number `attempt` (1, 2, …) of a call that got no answer at all, or
 * `null` if it is not to be retried here. `random` in [0, 1) takes up to a quarter off, so that processes
 * that failed together do not come back together.
 */
export function quietRetryMs(failure: ModelFailure, attempt: number, random: number): number | null {
  if (failure.kind !== 'unavailable' || !failure.retryable) return null;
  const waitMs = failure.retryAfterMs ?? backoff(BACKOFF, attempt, random);
  return waitMs <= MOST_QUIET_WAIT_MS ? waitMs : null;
}
