/** How long text waits to be seen. Times are monotonic milliseconds. */
interface Unseen {
  /** Text came. */
  came(at: number): void;
  /** What came so far is about to be shown. */
  looked(): void;
  /** Slack has what was looked at last: since when its oldest letter had waited; null: nothing of it was new. */
  shown(): number | null;
}

export function createUnseen(): Unseen {
  let waiting: number | null = null;
  let looked: number | null = null;
  return {
    came(at) {
      waiting ??= at;
    },
    looked() {
      looked ??= waiting;
      waiting = null;
    },
    shown() {
      const since = looked;
      looked = null;
      return since;
    },
  };
}
