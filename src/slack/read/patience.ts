import { type Clock, LATE, within } from '../../clock.ts';
import { outcomeOf } from '../send/outcome.ts';

/** How long something may take to be read, with all its calls. */
interface Patience {
  readonly mostMs: number;
  /** Ends the waiting. */
  readonly signal?: AbortSignal;
}

/** A pause before a call that failed is made once more: most blips of Slack are shorter. */
const RETRY_MS = 400;

/**
 * Makes calls that only read. A 429 is waited for as long as Slack asks, and one failure of Slack or of the way there is
 * tried again; both only while there is time left. Then what the call threw is thrown. For calls that write this is
 * wrong: the first try may have had its effect.
 */
export function patientCalls(
  clock: Clock,
  { mostMs, signal }: Patience,
): <T>(call: () => Promise<T>) => Promise<T> {
  const until = clock.monotonic() + mostMs;
  let retries = 1;
  return async (call) => {
    for (;;) {
      try {
        return await beforeEnd(call());
      } catch (thrown) {
        const outcome = outcomeOf(thrown);
        const pause =
          outcome.kind === 'limited'
            ? outcome.retryAfterMs
            : isBlip(outcome) && retries-- > 0
              ? RETRY_MS
              : null;
        if (pause === null || signal?.aborted || clock.monotonic() + pause >= until) throw thrown;
        await clock.sleep(pause, signal);
        if (signal?.aborted) throw thrown;
      }
    }
  };

  /** A call that hangs is given up when the time is over, and at once when the waiting ends. */
  async function beforeEnd<T>(work: Promise<T>): Promise<T> {
    const done = await within(clock, Math.max(0, until - clock.monotonic()), work, signal);
    if (done === LATE) throw new Error('Slack did not answer in time');
    return done;
  }
}

function isBlip({ kind, code }: { readonly kind: string; readonly code?: string }): boolean {
  return code === 'SLACK_UNREACHABLE' && (kind === 'unclear' || kind === 'failed');
}
