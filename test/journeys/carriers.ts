import { test } from 'vitest';

/** How Slack reaches the bot. */
export type Carrier = 'socket' | 'http';

const CARRIERS: readonly Carrier[] = ['socket', 'http'];

/** A journey over both carriers. */
export function it(title: string, journey: (mode: Carrier) => Promise<void>, limitMs?: number): void {
  test(title, () => overBoth(journey), limitMs);
}

/**
 * Goes over both carriers side by side, each time in a world of its own: most of its time is waiting, so two take hardly longer
 * than one. What fails says over which.
 */
export async function overBoth(journey: (mode: Carrier) => Promise<void>): Promise<void> {
  const ends = await Promise.allSettled(CARRIERS.map(journey));
  const failed = ends.flatMap((end, at) =>
    end.status === 'rejected' ? [{ carrier: CARRIERS[at], thrown: end.reason as unknown }] : [],
  );
  const [first] = failed;
  if (first === undefined) return;
  const over = failed.map(({ carrier }) => carrier).join(' and ');
  if (first.thrown instanceof Error) first.thrown.message = `over ${over}: ${first.thrown.message}`;
  throw first.thrown;
}
