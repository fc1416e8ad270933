import { systemClock } from '../../src/clock.ts';

/** Real milliseconds, because it is a person or a test that waits: the workspace's own clock may be a virtual one. */
const patience = systemClock;

export interface WaitOptions {
  /** Real milliseconds until the wait fails; 60,000 unless told. */
  readonly timeoutMs?: number;
  /** What is awaited, for the message of the failure. */
  readonly what?: string;
}

/** Things that happen one after another, and waits for one of them. Nothing is polled. */
export class Watch<T> {
  readonly #listeners = new Set<(item: T) => void>();

  push(item: T): void {
    for (const listener of [...this.#listeners]) listener(item);
  }

  listen(listener: (item: T) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * The first of `sofar`, then of what is pushed, that satisfies `predicate`. Rejects after the timeout with
   * `describe()` in its message, or with whatever the predicate throws.
   */
  first(
    sofar: Iterable<T>,
    predicate: (item: T) => boolean,
    options: WaitOptions,
    describe: () => string,
  ): Promise<T> {
    for (const item of sofar) if (predicate(item)) return Promise.resolve(item);
    const timeoutMs = options.timeoutMs ?? 60_000;
    return new Promise((resolve, reject) => {
      const end = () => {
        cancel();
        stop();
      };
      const stop = this.listen((item) => {
        try {
          if (!predicate(item)) return;
          end();
          resolve(item);
        } catch (error) {
          end();
          reject(error);
        }
      });
      const cancel = patience.after(timeoutMs, () => {
        end();
        reject(
          new Error(
            `${options.what ?? 'what was awaited'} did not come within ${timeoutMs} ms\n${describe()}`,
          ),
        );
      });
    });
  }
}
