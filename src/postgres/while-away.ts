import type { Clock } from '../clock.ts';
import { isConnectionLoss } from './database.ts';

/**
 * Does `work` again each `pauseMs` milliseconds while the database is away. `goesOn` is asked after each such failure; where
 * it says no, and for every other failure, that one is thrown. `signal` ends a pause.
 */
export async function whileAway<T>(
  clock: Pick<Clock, 'sleep'>,
  work: () => Promise<T>,
  {
    pauseMs,
    signal,
    goesOn,
  }: {
    readonly pauseMs: number;
    readonly signal?: AbortSignal;
    readonly goesOn: (thrown: unknown) => boolean | Promise<boolean>;
  },
): Promise<T> {
  for (;;) {
    try {
      return await work();
    } catch (thrown) {
      if (!isConnectionLoss(thrown) || !(await goesOn(thrown))) throw thrown;
      await clock.sleep(pauseMs, signal);
    }
  }
}
