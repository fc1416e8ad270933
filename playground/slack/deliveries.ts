/**
 * Getting events and interactions to the app: one attempt through the carrier, acknowledgement within three
 * seconds, events tried again on a schedule, interactions never (that is Slack's rule). An event that can
 * be sent nowhere waits until something connects.
 */
import type { Clock } from '../../src/clock.ts';
import type { Json } from './json.ts';
import { Watch } from './watch.ts';
import type { Workspace } from './workspace.ts';

export type EnvelopeKind = 'events_api' | 'interactive' | 'slash_commands';

export interface Envelope {
  readonly kind: EnvelopeKind;
  readonly payload: Json;
  /** 0 for the first delivery. */
  readonly retryNum: number;
  readonly retryReason: string;
}

export type SendOutcome =
  | { readonly acked: true; readonly response: unknown }
  | { readonly acked: false; readonly reason: string; readonly noRetry?: boolean };

/** A way to the app: Socket Mode or signed HTTP. */
export interface Carrier {
  readonly name: 'socket' | 'http';
  ready(): boolean;
  /** Settles with the acknowledgement, or with the reason why there was none in time. Never rejects. */
  send(envelope: Envelope): Promise<SendOutcome>;
}

/** What came of one interaction, as the person in front of it sees it. */
export interface Acknowledgement {
  readonly acked: boolean;
  readonly afterMs: number;
  /** What the app sent with the acknowledgement; `null` if there was none. */
  readonly response: unknown;
}

export interface Attempt {
  /** Monotonic milliseconds. */
  readonly at: number;
  readonly carrier: 'socket' | 'http';
  readonly retryNum: number;
  readonly retryReason: string;
  /** `pending`, `acked` or the reason of the failure. */
  readonly outcome: string;
  /** Milliseconds until the outcome; `null` while it is pending. */
  readonly tookMs: number | null;
  readonly response: unknown;
}

export interface Delivery {
  readonly id: string;
  readonly kind: EnvelopeKind;
  readonly payload: Json;
  readonly attempts: readonly Attempt[];
  readonly state: 'waiting' | 'sent' | 'acked' | 'failed' | 'given_up';
}

/** How the next matching events are disturbed. */
export interface Disturbance {
  /** Events to disturb; 1 unless told. */
  readonly times?: number;
  readonly matches?: (event: Json) => boolean;
  /** Sent this many times altogether. */
  readonly copies?: number;
  /** Held back for so long, so that later events overtake it. */
  readonly delayMs?: number;
  /** Never arrives: counts as an attempt that timed out at once. */
  readonly lost?: boolean;
}

export interface DeliveryOptions {
  readonly clock: Clock;
  readonly workspace: Workspace;
  /** Milliseconds before each further attempt. Slack: nearly at once, 1 minute, 5 minutes. */
  readonly retrySchedule: readonly number[];
  readonly carrier: () => Carrier;
  /** Most deliveries that are remembered. */
  readonly keep: number;
}

type Working = { -readonly [Key in keyof Delivery]: Delivery[Key] } & { attempts: Attempt[]; tried: number };

export class Deliveries {
  readonly watch = new Watch<Delivery>();
  readonly #options: DeliveryOptions;
  readonly #known = new Map<string, Working>();
  readonly #waiting = new Set<Working>();
  readonly #timers = new Set<() => void>();
  /** Why the last attempt of a delivery failed. */
  readonly #reasons = new Map<string, string>();
  #disturbances: { readonly how: Disturbance; left: number }[] = [];
  #stopped = false;

  constructor(options: DeliveryOptions) {
    this.#options = options;
    options.workspace.onChange((change) => {
      if (change.table !== 'owed' || !change.value || this.#known.has(change.key)) return;
      this.#begin(change.value.id, change.value.payload, change.value.attempts);
    });
    // What a stand-in that was killed still owed: the app may or may not have it, so it is a retry.
    for (const owed of options.workspace.owed.values()) this.#begin(owed.id, owed.payload, owed.attempts + 1);
  }

  all(): readonly Delivery[] {
    return [...this.#known.values()];
  }

  /** Delivers an interaction once. Resolves when it is acknowledged or three seconds are over. */
  async ask(kind: EnvelopeKind, payload: Json): Promise<Acknowledgement> {
    const delivery = this.#remember(this.#options.workspace.nextId('In'), kind, payload, 0);
    const outcome = await this.#try(delivery);
    delivery.state = outcome?.acked ? 'acked' : 'failed';
    this.watch.push(delivery);
    const afterMs = delivery.attempts.at(-1)?.tookMs ?? 0;
    return { acked: outcome?.acked ?? false, afterMs, response: outcome?.acked ? outcome.response : null };
  }

  /** Returns a function that ends it early. */
  disturb(how: Disturbance): () => void {
    const entry = { how, left: how.times ?? 1 };
    this.#disturbances.push(entry);
    return () => {
      entry.left = 0;
    };
  }

  /** Called when the carrier becomes ready: sends what waited, oldest first. */
  flush(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const delivery of waiting) void this.#deliver(delivery);
  }

  /** Forgets everything that is under way, for a workspace that starts anew. */
  forget(): void {
    for (const cancel of this.#timers) cancel();
    this.#timers.clear();
    this.#waiting.clear();
    this.#known.clear();
    this.#disturbances = [];
  }

  stop(): void {
    this.#stopped = true;
    for (const cancel of this.#timers) cancel();
    this.#timers.clear();
  }

  #begin(id: string, payload: Json, tried: number): void {
    const delivery = this.#remember(id, 'events_api', payload, tried);
    const how = this.#disturbance(payload);
    if (how?.lost) {
      delivery.attempts.push({ ...this.#attempt(delivery), outcome: 'timeout', tookMs: 0 });
      this.#again(delivery, 'timeout');
      return;
    }
    for (let copy = 1; copy < (how?.copies ?? 1); copy += 1) this.#later(0, () => void this.#try(delivery));
    if (how?.delayMs !== undefined) this.#later(how.delayMs, () => void this.#deliver(delivery));
    else void this.#deliver(delivery);
  }

  #remember(id: string, kind: EnvelopeKind, payload: Json, tried: number): Working {
    const delivery: Working = { id, kind, payload, attempts: [], state: 'waiting', tried };
    this.#known.set(id, delivery);
    if (this.#known.size > this.#options.keep) {
      const oldest = this.#known.values().next();
      // One that is still under way is not forgotten, however old.
      const ended = !oldest.done && oldest.value.state !== 'waiting' && oldest.value.state !== 'sent';
      if (ended) this.#known.delete(oldest.value.id);
    }
    return delivery;
  }

  async #deliver(delivery: Working): Promise<void> {
    if (this.#stopped || delivery.state === 'acked') return;
    if (!this.#options.carrier().ready()) {
      this.#waiting.add(delivery);
      return;
    }
    const outcome = await this.#try(delivery);
    if (!outcome || this.#stopped || !this.#known.has(delivery.id)) return;
    if (outcome.acked) this.#settle(delivery, 'acked');
    else if (outcome.noRetry) this.#settle(delivery, 'given_up');
    else this.#again(delivery, outcome.reason);
  }

  #again(delivery: Working, reason: string): void {
    const { workspace, retrySchedule } = this.#options;
    const wait = retrySchedule[delivery.tried];
    delivery.tried += 1;
    if (wait === undefined) {
      this.#settle(delivery, 'given_up');
      return;
    }
    delivery.state = 'waiting';
    const { id, payload, tried: attempts } = delivery;
    workspace.put({ table: 'owed', key: id, value: { id, payload, attempts } });
    this.watch.push(delivery);
    this.#later(wait, () => void this.#deliver(delivery));
    this.#reasons.set(delivery.id, reason);
  }

  #settle(delivery: Working, state: 'acked' | 'given_up'): void {
    delivery.state = state;
    this.#reasons.delete(delivery.id);
    this.#options.workspace.put({ table: 'owed', key: delivery.id, value: null });
    this.watch.push(delivery);
  }

  #attempt(delivery: Working): Attempt {
    return {
      at: this.#options.clock.monotonic(),
      carrier: this.#options.carrier().name,
      retryNum: delivery.tried,
      retryReason: delivery.tried > 0 ? (this.#reasons.get(delivery.id) ?? 'timeout') : '',
      outcome: 'pending',
      tookMs: null,
      response: null,
    };
  }

  async #try(delivery: Working): Promise<SendOutcome | undefined> {
    const { clock, carrier } = this.#options;
    if (this.#stopped || !carrier().ready()) return undefined;
    const attempt = this.#attempt(delivery);
    const index = delivery.attempts.push(attempt) - 1;
    // A further copy of what is acknowledged already changes nothing about that.
    if (delivery.state === 'waiting') delivery.state = 'sent';
    this.watch.push(delivery);
    const { kind, payload } = delivery;
    const outcome = await carrier().send({
      kind,
      payload,
      retryNum: attempt.retryNum,
      retryReason: attempt.retryReason,
    });
    delivery.attempts[index] = {
      ...attempt,
      outcome: outcome.acked ? 'acked' : outcome.reason,
      tookMs: clock.monotonic() - attempt.at,
      response: outcome.acked ? outcome.response : null,
    };
    return outcome;
  }

  #disturbance(payload: Json): Disturbance | undefined {
    this.#disturbances = this.#disturbances.filter((entry) => entry.left > 0);
    const event = typeof payload.event === 'object' && payload.event !== null ? payload.event : {};
    const entry = this.#disturbances.find(({ how }) => how.matches?.({ ...event }) ?? true);
    if (!entry) return undefined;
    entry.left -= 1;
    return entry.how;
  }

  #later(ms: number, call: () => void): void {
    const cancel = this.#options.clock.after(ms, () => {
      this.#timers.delete(cancel);
      call();
    });
    this.#timers.add(cancel);
  }
}
