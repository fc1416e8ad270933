import type { Clock } from '../../clock.ts';

/** What it takes to exchange a token that works once, in one of any number of processes. */

/** Whoever gives new tokens answers in a second; a process that died over it is not waited for longer. */
export const LEASE_SECONDS = 30;
const AGAIN_MS = 1000;
const LOOK_EVERY_MS = 250;

/** Those who want the same at once share one piece of work. */
export function sharing<T>(): (key: string, work: () => Promise<T>) => Promise<T> {
  const running = new Map<string, Promise<T>>();
  return (key, work) => {
    const shared = running.get(key) ?? work().finally(() => void running.delete(key));
    running.set(key, shared);
    return shared;
  };
}

/** What came for a token is not lost to a moment without the database: `store` is tried for as long as the lease holds. */
export async function storeSurely<T>(
  clock: Clock,
  store: () => Promise<T>,
  onFailure: (thrown: unknown) => void = () => {},
): Promise<T> {
  const until = clock.monotonic() + LEASE_SECONDS * 1000;
  for (;;) {
    try {
      return await store();
    } catch (thrown) {
      if (clock.monotonic() >= until) throw thrown;
      onFailure(thrown);
      await clock.sleep(AGAIN_MS);
    }
  }
}

/** What another process stores, as `look` finds it (null: not yet); 'later' if it stores nothing while its lease holds. */
export async function storedByOther<T>(clock: Clock, look: () => Promise<T | null>): Promise<T | 'later'> {
  const until = clock.monotonic() + LEASE_SECONDS * 1000;
  while (clock.monotonic() < until) {
    const seen = await look();
    if (seen !== null) return seen;
    await clock.sleep(LOOK_EVERY_MS);
  }
  return 'later';
}
