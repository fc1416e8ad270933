/** What can be made to go wrong with a server of tools, by the protocol's method, the tool and the number of calls. */
export type Fault =
  /** An HTTP status with a body that is not the protocol's; `after`: what was asked has been done. */
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly when?: 'before' | 'after';
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string;
    }
  /** Works, but so much later. */
  | { readonly kind: 'delay'; readonly ms: number; readonly when?: 'before' | 'after' }
  /** The connection is cut, before the request had its effect or after. */
  | { readonly kind: 'drop'; readonly when: 'before' | 'after' }
  /** Headers and half of the answer come, then the connection is cut. */
  | { readonly kind: 'cut_within' }
  /** No answer ever comes. */
  | { readonly kind: 'hang'; readonly when: 'before' | 'after' }
  /** The server does not know the session any more (404, as the protocol has it). */
  | { readonly kind: 'session_lost' }
  /** The answer to the request is this text, with status 200 and as JSON. */
  | { readonly kind: 'nonsense'; readonly body: string };

export interface FaultRule {
  /**
   * A method of the protocol (`tools/call`), the path of an HTTP endpoint (`POST /token`), or `*` for any method of the
   * protocol.
   */
  readonly method: string;
  /** Only calls of this tool. */
  readonly tool?: string;
  /** Requests that meet it; 1 unless told. `Infinity` until it is taken back. */
  readonly times?: number;
  readonly fault: Fault;
}

export class Faults {
  #rules: { readonly rule: FaultRule; left: number }[] = [];

  /** Returns a function that takes it back. */
  add(rule: FaultRule): () => void {
    const entry = { rule, left: rule.times ?? 1 };
    this.#rules.push(entry);
    return () => {
      entry.left = 0;
    };
  }

  /** The fault that this request meets: of several the one added first. */
  take(method: string, tool?: string): Fault | undefined {
    this.#rules = this.#rules.filter((entry) => entry.left > 0);
    const entry = this.#rules.find(
      ({ rule }) =>
        (rule.method === method || (rule.method === '*' && !method.startsWith('POST '))) &&
        (rule.tool === undefined || rule.tool === tool),
    );
    if (!entry) return undefined;
    entry.left -= 1;
    return entry.rule.fault;
  }

  clear(): void {
    this.#rules = [];
  }
}
