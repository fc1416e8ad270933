import type { ErrorCode } from '../errors.ts';
import { costOf, type NanoDollars } from '../ledger/cost.ts';
import { DEAREST, type Price, priceOf } from '../ledger/prices.ts';
import type { Spent } from '../ledger/store.ts';
import { NO_USAGE } from '../ledger/usage.ts';
import type { Layer, Settings } from '../settings/resolve.ts';

/** One limit of spending that holds at a place: what may be spent there in this period (UTC). */
export interface Budget {
  /** Whose it is: a deployment's is for each workspace by itself, and only whoever runs it can raise it. */
  readonly scope: Layer<unknown>['scope'];
  readonly period: 'day' | 'month';
  readonly most: NanoDollars;
}

/** The settings that are budgets. */
export const BUDGET_KEYS = ['budget_day', 'budget_month'] as const;

/** Every budget that holds here: each scope's own, against what that scope spent. */
export function budgetsOf(settings: Settings): Budget[] {
  return (['day', 'month'] as const).flatMap((period) =>
    settings[`budget_${period}`].layers.flatMap(({ scope, value }) =>
      value === null ? [] : [{ scope, period, most: value }],
    ),
  );
}

/** Whose spending a budget is held against. */
export function spenderOf({ scope }: Pick<Budget, 'scope'>): keyof Spent {
  return scope === 'deployment' ? 'workspace' : scope;
}

const CODES = {
  deployment: { day: 'BUDGET_DEPLOYMENT_DAY', month: 'BUDGET_DEPLOYMENT_MONTH' },
  workspace: { day: 'BUDGET_WORKSPACE_DAY', month: 'BUDGET_WORKSPACE_MONTH' },
  channel: { day: 'BUDGET_CHANNEL_DAY', month: 'BUDGET_CHANNEL_MONTH' },
  person: { day: 'BUDGET_PERSON_DAY', month: 'BUDGET_PERSON_MONTH' },
} as const satisfies Record<Budget['scope'], Record<Budget['period'], ErrorCode>>;

/** What a person is told of a budget that is used up: whose it is, when it starts anew and who can raise it. */
export function codeOf({ scope, period }: Budget): ErrorCode {
  return CODES[scope][period];
}

/** The budget that a code is about; null: it is about none. */
export function budgetOfCode(code: string | null): Pick<Budget, 'scope' | 'period'> | null {
  for (const scope of ['deployment', 'workspace', 'channel', 'person'] as const)
    for (const period of ['month', 'day'] as const)
      if (CODES[scope][period] === code) return { scope, period };
  return null;
}

/** The widest budget of which `amount` or less is left, the one that lasts longer first: what a person can do depends on it. */
export function shortAmong(budgets: readonly Budget[], spent: Spent, amount: NanoDollars): Budget | null {
  for (const scope of ['deployment', 'workspace', 'channel', 'person'] as const)
    for (const period of ['month', 'day'] as const)
      for (const budget of budgets)
        if (
          budget.scope === scope &&
          budget.period === period &&
          budget.most - spent[spenderOf(budget)][period] <= amount
        )
          return budget;
  return null;
}

/** The most that one call can use, in tokens, and what these tokens cost at worst. */
interface Worst {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly webSearches: number;
  readonly rates: Pick<Price, 'input' | 'output'>;
}

/**
 * The dearest that a call can come to: all input at the dearest of the plain rate and those of cache writes, all
 * output that it may write. A model without a known price counts at the dearest known one. `day`: YYYY-MM-DD (UTC).
 */
export function worstOf(
  model: string,
  day: string,
  {
    inputTokens,
    outputTokens,
    webSearches = 0,
  }: { inputTokens: number; outputTokens: number; webSearches?: number },
): Worst {
  const price = priceOf(model, day, inputTokens) ?? DEAREST;
  const rates = { input: Math.max(price.input, price.write5m, price.write1h), output: price.output };
  return { inputTokens, outputTokens, webSearches, rates };
}

export function worstCost({ inputTokens, outputTokens, webSearches, rates }: Worst): NanoDollars {
  return costOf({ ...NO_USAGE, inputTokens, outputTokens, webSearches }, { ...DEAREST, ...rates });
}

/**
 * Fewer output tokens than this are no answer: with less left in a budget than they cost, the person is told instead.
 */
export const LEAST_ANSWER_TOKENS = 256;

/** What a call may do. */
export type Grant =
  /** It may write so many tokens, and `cost` is what it comes to at worst. */
  | { readonly kind: 'granted'; readonly outputTokens: number; readonly cost: NanoDollars }
  /** There is room as soon as calls that run now have cost less than they might. */
  | { readonly kind: 'wait'; readonly budget: Budget }
  | { readonly kind: 'used_up'; readonly budget: Budget };

/**
 * Whether a call fits into every budget besides what was spent and what running calls may still cost (`held`): wholly;
 * else with what is left, if that is an answer (an answer that is cut there goes on when there is room again); else
 * later; else never. What is granted never exceeds what is left of any budget.
 */
export function grant(
  budgets: readonly Budget[],
  spent: Spent,
  held: Spent,
  worst: Worst,
  leastTokens: number,
): Grant {
  const together = sum(spent, held);
  const free = tokensWithin(budgets, together, worst);
  const enough = Math.min(leastTokens, worst.outputTokens);
  if (free >= enough) {
    const outputTokens = Math.min(worst.outputTokens, free);
    return { kind: 'granted', outputTokens, cost: worstCost({ ...worst, outputTokens }) };
  }
  const least = worstCost({ ...worst, outputTokens: enough }) - 1n;
  const spentUp = shortAmong(budgets, spent, least);
  if (spentUp !== null) return { kind: 'used_up', budget: spentUp };
  const taken = shortAmong(budgets, together, least);
  // Unreachable: fewer tokens than the least are free only if a budget is short of them.
  if (taken === null) throw new Error('no budget is short, and there is no room');
  return { kind: 'wait', budget: taken };
}

/** Output tokens that what is left of every budget pays for, behind the whole input: at most those wanted, -1: not even that. */
function tokensWithin(budgets: readonly Budget[], spent: Spent, worst: Worst): number {
  const input = worstCost({ ...worst, outputTokens: 0 });
  return budgets.reduce((tokens, budget) => {
    const left = budget.most - spent[spenderOf(budget)][budget.period] - input;
    if (left < 0n) return -1;
    const paid = worst.rates.output <= 0 ? tokens : Number(left / BigInt(Math.round(worst.rates.output)));
    return Math.min(tokens, paid);
  }, worst.outputTokens);
}

function sum(a: Spent, b: Spent): Spent {
  const of = (scope: keyof Spent) => ({
    day: a[scope].day + b[scope].day,
    month: a[scope].month + b[scope].month,
  });
  return { workspace: of('workspace'), channel: of('channel'), person: of('person') };
}

/** How far a budget is used, in the steps of which its admins are told; null: not that far. */
export function levelOf(budget: Budget, spent: Spent): 80 | 100 | null {
  const { most } = budget;
  const used = spent[spenderOf(budget)][budget.period];
  if (used >= most) return 100;
  return used * 100n >= most * 80n ? 80 : null;
}
