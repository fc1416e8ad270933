import type { Clock } from '../../clock.ts';
import { Allowance, type AllowanceRule } from './allowance.ts';

interface Waiting {
  readonly give: () => void;
}

export interface LaneOptions {
  readonly clock: Clock;
  readonly rule: AllowanceRule;
  /** A turn was given: a call is about to be made. */
  readonly onSpent: () => void;
}

/** The turns of one method in one workspace that nothing can stand in for: given as soon as they may, in order. */
export class Lane {
  readonly #options: LaneOptions;
  readonly #allowance: Allowance;
  readonly #waiting = new Set<Waiting>();
  #cancelTimer: () => void = () => {};

  constructor(options: LaneOptions) {
    this.#options = options;
    this.#allowance = new Allowance(options.rule);
  }

  /** Waits for a turn; false if `signal` aborted first (then nothing is spent). */
  turn(signal: AbortSignal): Promise<boolean> {
    return new Promise((resolve) => {
      const giveUp = () => {
        this.#waiting.delete(waiting);
        resolve(false);
        this.#serve();
      };
      const waiting: Waiting = {
        give: () => {
          signal.removeEventListener('abort', giveUp);
          resolve(true);
        },
      };
      signal.addEventListener('abort', giveUp, { once: true });
      this.#waiting.add(waiting);
      this.#serve();
    });
  }

  /** In how many milliseconds a call may be made. */
  wait(now: number): number {
    return this.#allowance.dueAt(now) - now;
  }

  /** Calls that may be made now. */
  left(now: number): number {
    return this.#allowance.left(now);
  }

  /** Other processes made calls so many milliseconds ago. */
  learn(ages: readonly number[]): void {
    const now = this.#options.clock.monotonic();
    for (const age of ages) this.#allowance.spentElsewhere(now - age);
    if (ages.length > 0) this.#serve();
  }

  refused(retryAfterMs: number): void {
    this.#allowance.refused(this.#options.clock.monotonic(), retryAfterMs);
    this.#serve();
  }

  /** True if it can be forgotten. */
  idle(now: number): boolean {
    return this.#waiting.size === 0 && this.#allowance.idle(now);
  }

  /** Gives the turns that are due, and comes back when the next one is. */
  #serve(): void {
    this.#cancelTimer();
    const { clock } = this.#options;
    for (const waiting of this.#waiting) {
      const now = clock.monotonic();
      const at = this.#allowance.dueAt(now);
      if (at > now) {
        this.#cancelTimer = clock.after(Math.ceil(at - now), () => this.#serve());
        return;
      }
      this.#waiting.delete(waiting);
      this.#allowance.spend(now);
      this.#options.onSpent();
      waiting.give();
    }
  }
}
