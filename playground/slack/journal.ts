/** Everything that was asked of the Web API, and how every message looked over time. */
import type { Json } from './json.ts';
import type { TierUse } from './tiers.ts';
import { Watch } from './watch.ts';

export type TokenKind = 'bot' | 'app' | 'none' | 'unknown';

export interface Call {
  readonly id: number;
  /** Monotonic milliseconds. */
  readonly at: number;
  /** Milliseconds since the epoch. */
  readonly wallAt: number;
  readonly method: string;
  /** Parsed; without the token. */
  readonly args: Json;
  readonly tokenKind: TokenKind;
  readonly token: string | null;
  /** HTTP status; 0 if the connection was cut or no answer was given. */
  readonly status: number;
  readonly ok: boolean;
  readonly error: string | null;
  /** Whether the workspace took the call: true also where the answer was then lost. */
  readonly effect: boolean;
  readonly response: Json;
  readonly tookMs: number;
  readonly tier: TierUse | null;
}

/** How a message looked from one moment on. */
export interface Look {
  /** Monotonic milliseconds. */
  readonly at: number;
  readonly text: string;
  readonly blocks: readonly unknown[];
}

export class Journal {
  readonly watch = new Watch<Call>();
  #calls: Call[] = [];
  readonly #looks = new Map<string, Look[]>();
  readonly #keep: number;
  #count = 0;
  #lookCount = 0;

  /** `keep`: most calls remembered, and most looks of messages; the oldest go first. */
  constructor(keep: number) {
    this.#keep = keep;
  }

  calls(): readonly Call[] {
    return this.#calls;
  }

  record(call: Omit<Call, 'id'>): void {
    this.#count += 1;
    const entry = { id: this.#count, ...call };
    this.#calls.push(entry);
    if (this.#calls.length > this.#keep * 1.25) this.#calls = this.#calls.slice(-this.#keep);
    this.watch.push(entry);
  }

  look(key: string, look: Look): void {
    const looks = this.#looks.get(key);
    if (looks) looks.push(look);
    else this.#looks.set(key, [look]);
    this.#lookCount += 1;
    while (this.#lookCount > this.#keep && this.#looks.size > 1) this.#forgetOldest();
  }

  looks(key: string): readonly Look[] {
    return this.#looks.get(key) ?? [];
  }

  clear(): void {
    this.#calls = [];
    this.#looks.clear();
    this.#lookCount = 0;
  }

  #forgetOldest(): void {
    const oldest = this.#looks.entries().next();
    if (oldest.done) return;
    const [key, looks] = oldest.value;
    this.#looks.delete(key);
    this.#lookCount -= looks.length;
  }
}
