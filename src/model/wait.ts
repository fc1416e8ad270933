import type { Clock } from '../clock.ts';

type Waited<T> =
  | { readonly kind: 'value'; readonly value: T }
  | { readonly kind: 'thrown'; readonly error: unknown }
  | { readonly kind: 'too_long' }
  | { readonly kind: 'aborted' };

/**
 * Waits for `promise`, but no longer than `limitMs` and not beyond the abort of `signal`. Never rejects; a
 * promise that is left behind may still reject without harm. Timer and listener are removed on return.
 */
export function waitFor<T>(
  promise: PromiseLike<T>,
  limitMs: number,
  clock: Clock,
  signal: AbortSignal,
): Promise<Waited<T>> {
  return new Promise((resolve) => {
    const settle = (waited: Waited<T>) => {
      cancel();
      signal.removeEventListener('abort', onAbort);
      resolve(waited);
    };
    const onAbort = () => settle({ kind: 'aborted' });
    const cancel = clock.after(limitMs, () => settle({ kind: 'too_long' }));
    promise.then(
      (value) => settle({ kind: 'value', value }),
      (error: unknown) => settle({ kind: 'thrown', error }),
    );
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
  });
}
