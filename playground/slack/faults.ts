/** What can be made to go wrong with the Web API, by method and number of calls. */
import type { Json } from './json.ts';

export type Fault =
  | { readonly kind: 'rate_limited'; readonly retryAfterSeconds: number }
  /** An HTTP status other than 200, with a body that is not Slack's. */
  | { readonly kind: 'status'; readonly status: number; readonly when?: 'before' | 'after' }
  /** `{ok:false, error}`; `internal_error` may in truth come after the effect. */
  | { readonly kind: 'error'; readonly error: string; readonly when?: 'before' | 'after' }
  /** Works, but so much later. */
  | { readonly kind: 'delay'; readonly ms: number; readonly when?: 'before' | 'after' }
  /** The connection is cut, before the call had its effect or after. */
  | { readonly kind: 'drop'; readonly when: 'before' | 'after' }
  /** No answer ever comes. */
  | { readonly kind: 'hang'; readonly when: 'before' | 'after' };

export interface FaultRule {
  /** A method, a family such as `chat.*`, or `*`. */
  readonly method: string;
  /** Calls that meet it; 1 unless told. `Infinity` until it is taken back. */
  readonly times?: number;
  readonly matches?: (args: Json) => boolean;
  readonly fault: Fault;
}

function covers(pattern: string, method: string): boolean {
  return (
    pattern === '*' ||
    pattern === method ||
    (pattern.endsWith('.*') && method.startsWith(pattern.slice(0, -1)))
  );
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

  /** The fault that this call meets: of several the one added first. */
  take(method: string, args: Json): Fault | undefined {
    this.#rules = this.#rules.filter((entry) => entry.left > 0);
    const entry = this.#rules.find(
      ({ rule }) => covers(rule.method, method) && (rule.matches?.(args) ?? true),
    );
    if (!entry) return undefined;
    entry.left -= 1;
    return entry.rule.fault;
  }

  clear(): void {
    this.#rules = [];
  }
}
