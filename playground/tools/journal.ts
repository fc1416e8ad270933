/** A call of a tool that the server carried out, however its answer fared. */
export interface ExecutedCall {
  readonly tool: string;
  readonly args: Readonly<Record<string, unknown>>;
  /** Who was signed in: the holder of the token, or `anybody`. */
  readonly account: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** A request of the protocol that came in, also one that was refused. */
export interface SeenRequest {
  readonly method: string;
  readonly tool: string | null;
  readonly session: string | null;
  readonly authorization: string | null;
}

interface Waiting {
  readonly matches: (call: ExecutedCall) => boolean;
  readonly found: (call: ExecutedCall) => void;
}

/** What was asked of the server and what it carried out, oldest first. */
export class Journal {
  readonly calls: ExecutedCall[] = [];
  readonly requests: SeenRequest[] = [];
  readonly #waiting = new Set<Waiting>();
  readonly #listeners = new Set<(call: ExecutedCall) => void>();

  note(call: ExecutedCall): void {
    this.calls.push(call);
    for (const waiting of [...this.#waiting])
      if (waiting.matches(call)) {
        this.#waiting.delete(waiting);
        waiting.found(call);
      }
    for (const listener of this.#listeners) listener(call);
  }

  /** The first call, past or future, that `matches`; never rejects. */
  first(matches: (call: ExecutedCall) => boolean): Promise<ExecutedCall> {
    const past = this.calls.find(matches);
    if (past !== undefined) return Promise.resolve(past);
    return new Promise((found) => this.#waiting.add({ matches, found }));
  }

  /** Told of each call; the returned function ends that. */
  onCall(listener: (call: ExecutedCall) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
