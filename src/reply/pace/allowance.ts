/**
 * What one workspace lets us call one method how often: at most `limit` calls in any `windowMs`. Keeping the
 * sliding window ourselves means that Slack never has to say 429; if it does, other processes or a stricter
 * rule are at work: calls that can wait are then made less often, until it has been quiet for a while.
 */
export interface AllowanceRule {
  readonly limit: number;
  readonly windowMs: number;
}

/**
 * Slack: `chat.update` is tier 3 (50 a minute, per workspace, shared by all threads); posting is about one
 * message a second and channel, with short bursts tolerated. Slack counts when a call arrives and we when it
 * is sent: the windows are longer by what a call may be late on its way. (A call less in the same window
 * would not do: of a whole burst that came late, each call is still counted when the next burst comes.)
 */
export const UPDATE_RULE: AllowanceRule = { limit: 50, windowMs: 60_500 };
export const POST_RULE: AllowanceRule = { limit: 5, windowMs: 5_500 };

const RECOVERY_MS = 10_000;
const LOWERED_TO = 0.8;
const LEAST = 5;

export class Allowance {
  readonly #rule: AllowanceRule;
  /** Moments of the calls in the window, oldest first. */
  readonly #calls: number[] = [];
  #limit: number;
  #blockedUntil = 0;
  #loweredAt = 0;

  constructor(rule: AllowanceRule) {
    this.#rule = rule;
    this.#limit = rule.limit;
  }

  /** Calls that may still be made within the next `aheadMs`, keeping `keep` back. May be negative. */
  left(now: number, aheadMs = 0, keep = 0): number {
    this.#settle(now);
    const stillCounted = this.#calls.filter((at) => at > now + aheadMs - this.#rule.windowMs).length;
    return this.#limit - keep - stillCounted;
  }

  /** The earliest moment for a call that must not wait longer than Slack's own rule and pause demand. */
  dueAt(now: number): number {
    this.#settle(now);
    return this.#slotAt(now, this.#rule.limit);
  }

  /** The earliest moment for a call that can wait, while `keep` calls are kept back for those that can't. */
  freeAt(now: number, keep = 0): number {
    this.#settle(now);
    return this.#slotAt(now, Math.max(1, this.#limit - keep));
  }

  #slotAt(now: number, usable: number): number {
    const over = this.#calls.length - usable;
    const slot = over < 0 ? now : (this.#calls[over] ?? now) + this.#rule.windowMs;
    return Math.max(now, slot, this.#blockedUntil);
  }

  spend(now: number): void {
    this.#settle(now);
    this.#calls.push(now);
  }

  /** A call that another process made at `at`, known only now. */
  spentElsewhere(at: number): void {
    const after = this.#calls.findIndex((call) => call > at);
    if (after < 0) this.#calls.push(at);
    else this.#calls.splice(after, 0, at);
  }

  /** Slack said 429: nothing for `retryAfterMs`, and fewer calls that can wait. */
  refused(now: number, retryAfterMs: number): void {
    this.#settle(now);
    this.#blockedUntil = Math.max(this.#blockedUntil, now + retryAfterMs);
    this.#limit = Math.min(this.#limit, Math.max(LEAST, Math.floor(this.#limit * LOWERED_TO)));
    this.#loweredAt = now;
  }

  /** True if it can be forgotten: nothing in the window and nothing learned. */
  idle(now: number): boolean {
    this.#settle(now);
    return this.#calls.length === 0 && this.#limit === this.#rule.limit && this.#blockedUntil <= now;
  }

  #settle(now: number): void {
    while (this.#calls.length > 0 && (this.#calls[0] ?? now) <= now - this.#rule.windowMs)
      this.#calls.shift();
    while (this.#limit < this.#rule.limit && now - this.#loweredAt >= RECOVERY_MS) {
      this.#limit += 1;
      this.#loweredAt += RECOVERY_MS;
    }
  }
}
