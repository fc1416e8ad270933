import type { Clock } from '../clock.ts';
import { toError } from '../errors.ts';
import type { NanoDollars } from '../ledger/cost.ts';
import type { Entry } from '../ledger/store.ts';
import type { Log } from '../log.ts';
import type { Database } from '../postgres/database.ts';
import { type Budget, type Grant, LEAST_ANSWER_TOKENS, shortAmong, worstCost, worstOf } from './rules.ts';
import type { Purpose } from './store.ts';
import * as store from './store.ts';

/** A call to the model before it is made. */
export interface Planned {
  readonly model: string;
  /** Output tokens that a person asked for; the call may use more, for thinking. */
  readonly answerTokens: number;
  /**
   * Bounds of what the call can use. Not `exact`: known at once, and far too high for the input. Never throws; what can't
   * be known exactly is as before.
   */
  most(exact: boolean): Promise<{ readonly inputTokens: number; readonly outputTokens: number }>;
}

export type Held =
  /** `answerTokens`: those asked for, or fewer if there is no room for all. `left`: nano-dollars of output that may come. */
  | { readonly kind: 'held'; readonly answerTokens: number; readonly left: NanoDollars }
  | { readonly kind: 'refused'; readonly budget: Budget }
  | { readonly kind: 'aborted' };

/** Money for calls to the model: set aside before, settled after, told of when it runs short. */
export interface Purse {
  /** The budget that is used up already, if one is: nothing needs to be tried then. */
  usedUp(purpose: Purpose, budgets: readonly Budget[]): Promise<Budget | null>;
  /**
   * Sets aside what a call may come to at worst. Where other calls hold what is left, waits until they are over and
   * have cost less; `onWait` tells that once. Rejects if the database is away.
   */
  hold(
    purpose: Purpose,
    budgets: readonly Budget[],
    call: Planned,
    wait: { readonly signal: AbortSignal; readonly onWait: () => void },
  ): Promise<Held>;
  /** Enters a call for which something is held. `left`: what it may still cost besides; null: it is over. */
  enter(entry: Entry, left: NanoDollars | null): Promise<void>;
  /** Nothing is set aside for this reply any more, also if an owner before this one died with it. Never rejects. */
  drop(purpose: Purpose): Promise<void>;
  /** Notes which budgets have been used to a step of which their admins are told. Never rejects. */
  look(purpose: Purpose, budgets: readonly Budget[]): Promise<void>;
}

/** For room that other processes make; that of this one is heard of at once. */
const LOOK_AGAIN_MS = 1000;
/** As long as a person would rather wait than be told to come back. */
const PATIENCE_MS = 120_000;

export function createPurse({ database, clock, log }: { database: Database; clock: Clock; log: Log }): Purse {
  /** Those who wait for room, by workspace. */
  const waiting = new Map<string, Set<AbortController>>();

  const room = (team: string) => {
    for (const waiter of waiting.get(team) ?? []) waiter.abort();
  };

  const roomOrTime = async (team: string, signal: AbortSignal): Promise<void> => {
    const waiter = new AbortController();
    const waiters = waiting.get(team) ?? new Set();
    waiting.set(team, waiters.add(waiter));
    await clock.sleep(LOOK_AGAIN_MS, AbortSignal.any([signal, waiter.signal]));
    waiters.delete(waiter);
    if (waiters.size === 0) waiting.delete(team);
  };

  const today = () => new Date(clock.now()).toISOString().slice(0, 10);

  const note = (purpose: Purpose, budgets: readonly Budget[], refused: Budget | null) =>
    store
      .noteLevels(database.query, purpose, budgets, clock.now(), refused)
      .catch((err) => log.warn({ err: toError(err) }, 'how far budgets are used could not be noted'));

  return {
    async usedUp(purpose, budgets) {
      if (budgets.length === 0) return null;
      const spent = await store.spentNow(database.query, purpose, clock.now());
      const budget = shortAmong(budgets, spent, 0n);
      if (budget !== null) await note(purpose, budgets, budget);
      return budget;
    },

    async hold(purpose, budgets, call, { signal, onWait }) {
      const until = clock.monotonic() + PATIENCE_MS;
      let exact = false;
      let most = await call.most(exact);
      let waited = false;
      for (;;) {
        if (signal.aborted) return { kind: 'aborted' };
        const worst = worstOf(call.model, today(), most);
        // A model may write less than somebody asked for.
        const possible = Math.min(call.answerTokens, most.outputTokens);
        const spare = Math.max(0, possible - LEAST_ANSWER_TOKENS);
        const wanted = { budgets, worst, leastTokens: most.outputTokens - spare };
        const granted: Grant = await store.reserve(database, purpose, wanted, clock.now());
        const withheld = granted.kind === 'granted' ? most.outputTokens - granted.outputTokens : 1;
        // Only a call that does not fit by a rough bound is worth asking the provider how long it is.
        if (withheld > 0 && !exact) {
          exact = true;
          most = await call.most(exact);
          continue;
        }
        if (granted.kind === 'granted') {
          const left = worstCost({ ...worst, inputTokens: 0, outputTokens: granted.outputTokens });
          const answerTokens = withheld === 0 ? call.answerTokens : possible - withheld;
          return { kind: 'held', answerTokens, left };
        }
        if (granted.kind === 'used_up' || clock.monotonic() > until) {
          // A budget that others merely hold is not used up.
          await note(purpose, budgets, granted.kind === 'used_up' ? granted.budget : null);
          return { kind: 'refused', budget: granted.budget };
        }
        if (!waited) onWait();
        waited = true;
        await roomOrTime(purpose.team, signal);
      }
    },

    async enter(entry, left) {
      await store.enterHeld(database, entry, today(), left);
      if (left === null) room(entry.team);
    },

    drop: ({ reply, team }) =>
      store
        .release(database.query, reply)
        .then(() => room(team))
        .catch((err) =>
          log.warn({ err: toError(err) }, 'what was set aside for a reply could not be dropped'),
        ),

    look: (purpose, budgets) => note(purpose, budgets, null),
  };
}
