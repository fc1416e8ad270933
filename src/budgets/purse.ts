import type { Clock } from '../clock.ts';
import { toError } from '../errors.ts';
import type { NanoDollars } from '../ledger/cost.ts';
import { dayOf } from '../ledger/periods.ts';
import { countedCost, type Entry, spentNow } from '../ledger/store.ts';
import type { Log } from '../log.ts';
import type { Database } from '../postgres/database.ts';
import { gathered } from '../postgres/gathered.ts';
import { type Budget, grant, LEAST_ANSWER_TOKENS, shortAmong, worstCost, worstOf } from './rules.ts';
import type { Purpose } from './store.ts';
import * as store from './store.ts';

/** Bounds of what a call can use. */
interface Most {
  readonly inputTokens: number;
  /** Of those, what is sent: the rest is what the provider's tools may add while it answers. Absent: all. */
  readonly promptTokens?: number;
  readonly outputTokens: number;
  readonly webSearches?: number;
}

/** A call to the model before it is made. */
interface Planned {
  readonly model: string;
  /** Output tokens that a person asked for; the call may use more, for thinking. */
  readonly answerTokens: number;
  /**
   * Bounds of what the call can use. Not `exact`: known at once, and far too high for the input. Never throws; what can't
   * be known exactly is as before.
   */
  mostTokens(exact: boolean): Promise<Most>;
  /** A refusal is no news for admins: what is refused is asked for again, without the web. */
  readonly mayDoWithout?: boolean;
}

export type Held =
  /**
   * Set aside, and begun as `call`. `answerTokens`: those asked for, or fewer if there is no room for all. `left`:
   * nano-dollars of output that may come.
   */
  | {
      readonly kind: 'granted';
      readonly call: number;
      readonly answerTokens: number;
      readonly left: NanoDollars;
    }
  /**
   * Other calls hold what is left of `budget`: worth asking again when there is room, or after `lookAgainMs`. `since`: the
   * moment of this look, for `room`.
   */
  | {
      readonly kind: 'wait';
      readonly budget: Budget;
      readonly lookAgainMs: number;
      readonly since: number;
    }
  /** The reply is somebody else's by now. */
  | { readonly kind: 'lost' }
  /** `budget` is used up. */
  | { readonly kind: 'refused'; readonly budget: Budget };

/** Money for calls to the model: set aside before, settled after, told of when it runs short. */
export interface Purse {
  /** The budget that is used up already, if one is: nothing needs to be tried then. */
  usedUp(purpose: Purpose, budgets: readonly Budget[]): Promise<Budget | null>;
  /**
   * Sets aside what a call may come to at worst and begins it (`begin`, as `store.Wish` has it); answers at once,
   * and has nothing set aside unless it is granted. Rejects if the database is away.
   */
  hold(
    purpose: Purpose,
    budgets: readonly Budget[],
    call: Planned,
    begin: store.Wish['begin'],
  ): Promise<Held>;
  /**
   * Resolves when there may be more room in a workspace than `since` a look, which may have been told of already; else after
   * `ms`, or when `signal` aborts. Holds nothing meanwhile.
   */
  room(team: string, since: number, ms: number, signal: AbortSignal): Promise<void>;
  /**
   * Enters a call, whether or not something is held for it. An open one may still write output for `left` nano-dollars;
   * of one that is over nothing is held any more, and those who wait hear of it.
   */
  enter(entry: Entry, left: NanoDollars): Promise<void>;
  /** Notes which budgets have been used to a step of which their admins are told. Never rejects. */
  look(purpose: Purpose, budgets: readonly Budget[]): Promise<void>;
  /** What to listen to, by channel of Postgres: room that any process made. */
  readonly listen: Readonly<Record<string, (team: string) => void>>;
}

/** Room is told of at once; this is for what was not heard, and for settings that were changed. */
const LOOK_AGAIN_MS = 5000;

export function createPurse({ database, clock, log }: { database: Database; clock: Clock; log: Log }): Purse {
  /** Those who wait for room, by workspace. */
  const waiting = new Map<string, Set<AbortController>>();
  /** How often room was told of, by workspace. */
  const rooms = new Map<string, number>();
  const batches = gathered<Work, store.Reserved | null>(async (team, works) => {
    const settlements = works.flatMap(({ settlement }) => settlement ?? []);
    const wishes = works.flatMap(({ wish }) => wish ?? []);
    // Room is made first.
    await store.settle(database, team, settlements, clock.now());
    const reserved = await store.reserve(database, team, wishes, clock.now());
    return works.map(({ wish }) => (wish === undefined ? null : (reserved[wishes.indexOf(wish)] ?? null)));
  });

  const wake = (team: string) => {
    rooms.set(team, roomsOf(team) + 1);
    for (const waiter of waiting.get(team) ?? []) waiter.abort();
  };

  const roomsOf = (team: string) => rooms.get(team) ?? 0;

  const today = () => dayOf(clock.now());

  const note = (purpose: Purpose, budgets: readonly Budget[], refused: Budget | null) =>
    store
      .noteLevels(database.query, purpose, budgets, clock.now(), refused)
      .catch((err) => log.warn({ err: toError(err) }, 'how far budgets are used could not be noted'));

  return {
    async usedUp(purpose, budgets) {
      if (budgets.length === 0) return null;
      const budget = shortAmong(budgets, await spentNow(database.query, purpose, clock.now()), 0n);
      if (budget !== null) await note(purpose, budgets, budget);
      return budget;
    },

    async hold(purpose, budgets, call, begin) {
      const since = roomsOf(purpose.team);
      let refusal: { readonly kind: 'wait' | 'used_up'; readonly budget: Budget } | null = null;
      // Only a call that does not fit by a rough bound is worth asking the provider how long it is.
      for (const exact of [false, true]) {
        const plan = planOf(call, today(), await call.mostTokens(exact), exact);
        const decide = (account: store.Account) => plan.decide(budgets, account);
        const answer = await batches(purpose.team, { wish: { purpose, decide, begin } });
        if (answer?.kind === 'lost') return { kind: 'lost' };
        if (answer?.kind === 'granted')
          return { kind: 'granted', call: answer.call, ...plan.allowed(answer.outputTokens) };
        refusal = answer;
      }
      // Unreachable: every wish has an answer.
      if (refusal === null) throw new Error('neither granted nor refused');
      const { kind, budget } = refusal;
      if (kind === 'wait') return { kind, budget, lookAgainMs: LOOK_AGAIN_MS, since };
      if (call.mayDoWithout !== true) await note(purpose, budgets, budget);
      return { kind: 'refused', budget };
    },

    async room(team, since, ms, signal) {
      if (roomsOf(team) !== since) return;
      const waiter = new AbortController();
      const waiters = waiting.get(team) ?? new Set();
      waiting.set(team, waiters.add(waiter));
      await clock.sleep(ms, AbortSignal.any([signal, waiter.signal]));
      waiters.delete(waiter);
      if (waiters.size === 0) waiting.delete(team);
    },

    async enter(entry, left) {
      const day = today();
      if (entry.open !== true) {
        await batches(entry.team, { settlement: { entry, day } });
        wake(entry.team);
      } else await store.enterStarted(database.query, entry, day, countedCost(entry, day) + left);
    },

    look: (purpose, budgets) => (budgets.length === 0 ? Promise.resolve() : note(purpose, budgets, null)),

    listen: {
      [store.ROOM_CHANNEL]: (team) => {
        // '' says that the live connection had a gap: anybody's room may have been told of in it.
        if (team === '') for (const each of waiting.keys()) wake(each);
        else wake(team);
      },
    },
  };
}

/** One thing that is done for a workspace, where others do the same. */
interface Work {
  readonly settlement?: store.Settlement;
  readonly wish?: store.Wish;
}

/**
 * What a call comes to within the bounds `most`, and what of it an account has room for: all or nothing by bounds that are
 * not `exact`.
 */
function planOf(call: Planned, day: string, most: Most, exact: boolean) {
  const worst = worstOf(call.model, day, most);
  // A model may write less than somebody asked for.
  const possible = Math.min(call.answerTokens, most.outputTokens);
  const least = most.outputTokens - (exact ? Math.max(0, possible - LEAST_ANSWER_TOKENS) : 0);
  return {
    decide: (budgets: readonly Budget[], { spent, held }: store.Account) =>
      grant(budgets, spent, held, worst, least),
    allowed(outputTokens: number) {
      const withheld = most.outputTokens - outputTokens;
      return {
        answerTokens: withheld === 0 ? call.answerTokens : possible - withheld,
        left: worstCost({
          ...worst,
          inputTokens: most.inputTokens - (most.promptTokens ?? most.inputTokens),
          outputTokens,
        }),
      };
    },
  };
}
