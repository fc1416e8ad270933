import type { Clock } from '../clock.ts';
import { Allowance, type AllowanceRule } from './allowance.ts';
import { spacingOf } from './carrier.ts';

/** A reply that is being written, as the pacer knows it. */
export interface LiveSeat {
  /** For how long it will likely go on. */
  remainingMs: number;
  lastTurnAt: number;
}

/** How urgent a turn is: first those that can't wait, last those that the next one replaces. */
export type Rank = 'final' | 'first' | 'interim';

interface Waiting {
  readonly rank: Rank;
  readonly seat: LiveSeat;
  readonly since: number;
  readonly give: () => void;
}

export interface LaneOptions {
  readonly clock: Clock;
  readonly rule: AllowanceRule;
  /** A turn was given: a call is about to be made. */
  readonly onSpent: () => void;
}

const ORDER: Record<Rank, number> = { final: 0, first: 1, interim: 2 };

/** The turns of one method in one workspace, for all replies that it carries. */
export class Lane {
  readonly live = new Set<LiveSeat>();
  readonly #options: LaneOptions;
  readonly #allowance: Allowance;
  readonly #waiting = new Set<Waiting>();
  #cancelTimer: () => void = () => {};

  constructor(options: LaneOptions) {
    this.#options = options;
    this.#allowance = new Allowance(options.rule);
  }

  /** Waits for a turn; false if `signal` aborted first (then nothing is spent). */
  turn(rank: Rank, seat: LiveSeat, signal: AbortSignal): Promise<boolean> {
    return new Promise((resolve) => {
      const giveUp = () => {
        this.#waiting.delete(waiting);
        resolve(false);
        this.serve();
      };
      const waiting: Waiting = {
        rank,
        seat,
        since: this.#options.clock.monotonic(),
        give: () => {
          signal.removeEventListener('abort', giveUp);
          resolve(true);
        },
      };
      signal.addEventListener('abort', giveUp, { once: true });
      this.#waiting.add(waiting);
      this.serve();
    });
  }

  /** Gives the turns that are due, and comes back when the next one is. */
  serve(): void {
    this.#cancelTimer();
    const { clock } = this.#options;
    for (;;) {
      const now = clock.monotonic();
      let next: { waiting: Waiting; at: number } | null = null;
      for (const waiting of this.#waiting) {
        const at = this.#dueAt(waiting, now);
        if (next === null || comesBefore(waiting, at, next.waiting, next.at, now)) next = { waiting, at };
      }
      if (next === null) return;
      if (next.at > now) {
        this.#cancelTimer = clock.after(Math.ceil(next.at - now), () => this.serve());
        return;
      }
      this.#waiting.delete(next.waiting);
      this.#allowance.spend(now);
      this.#options.onSpent();
      next.waiting.seat.lastTurnAt = now;
      next.waiting.give();
    }
  }

  /** How far apart the turns of each reply are planned now, as if `joining` were carried here too. */
  spacing(now: number, joining?: LiveSeat): number {
    const seats = joining === undefined ? this.live : new Set([...this.live, joining]);
    const horizonMs = Math.max(...[...seats].map((seat) => seat.remainingMs), 0);
    return spacingOf({ live: seats.size, horizonMs, left: this.#allowance.left(now, horizonMs) });
  }

  /** In how many milliseconds an urgent call may be made. */
  wait(now: number): number {
    return this.#allowance.dueAt(now) - now;
  }

  /** Other processes made calls so many milliseconds ago. */
  learn(ages: readonly number[]): void {
    const now = this.#options.clock.monotonic();
    for (const age of ages) this.#allowance.spentElsewhere(now - age);
    if (ages.length > 0) this.serve();
  }

  /** A call was made by another way than a turn of this lane. */
  spent(): void {
    this.#allowance.spend(this.#options.clock.monotonic());
  }

  refused(retryAfterMs: number): void {
    this.#allowance.refused(this.#options.clock.monotonic(), retryAfterMs);
    this.serve();
  }

  /** True if it can be forgotten. */
  idle(now: number): boolean {
    return this.live.size === 0 && this.#waiting.size === 0 && this.#allowance.idle(now);
  }

  /** Earliest moment at which a waiting call may go. */
  #dueAt({ rank, seat }: Waiting, now: number): number {
    if (rank !== 'interim') return this.#allowance.dueAt(now);
    const spaced = seat.lastTurnAt + this.spacing(now);
    return Math.max(this.#allowance.freeAt(now), spaced);
  }
}

/** Among turns that are due: by rank, then the one whose reader has waited longest. Else: the earliest. */
function comesBefore(a: Waiting, aAt: number, b: Waiting, bAt: number, now: number): boolean {
  const aDue = aAt <= now;
  const bDue = bAt <= now;
  if (aDue !== bDue) return aDue;
  if (!aDue) return aAt < bAt;
  if (a.rank !== b.rank) return ORDER[a.rank] < ORDER[b.rank];
  if (a.rank === 'interim') return a.seat.lastTurnAt < b.seat.lastTurnAt;
  return a.since < b.since;
}
