import type { Evidence, Violation } from './evidence.ts';

/** A thing that happened to money, as a trigger saw it. Amounts: nano-dollars. Times: milliseconds since the epoch. */
export interface MoneyRow {
  /** `held`: set aside, or changed; `dropped`: set aside no more; `entered`: an entry of the ledger, first or better. */
  readonly what: 'held' | 'dropped' | 'entered';
  readonly reply: string;
  readonly call: number;
  readonly channel: string;
  readonly cost: bigint;
  /** Of an entry: the call goes on. */
  readonly open: boolean | null;
  /** The transaction. */
  readonly tx: string;
  readonly at: number;
}

/** An entry of the ledger as it is in the end. */
export interface LedgerRow {
  readonly reply: string;
  readonly call: number;
  readonly model: string;
  readonly team: string;
  readonly channel: string;
  readonly person: string;
  readonly day: string;
  readonly open: boolean;
  readonly cost: bigint;
  readonly input: number;
  readonly write5m: number;
  readonly write1h: number;
  readonly read: number;
  readonly output: number;
  readonly searches: number;
}

/** A counter as it is in the end. */
export interface CounterRow {
  readonly team: string;
  readonly scope: string;
  readonly scopeId: string;
  readonly day: string;
  readonly cost: bigint;
  readonly tokens: bigint;
}

export interface Money {
  /** In the order in which it was written. */
  readonly rows: readonly MoneyRow[];
  readonly entries: readonly LedgerRow[];
  readonly counters: readonly CounterRow[];
}

/** A search of the web: $10 for a thousand. */
const SEARCH = 10_000_000n;

/** Nano-dollars for a token of the model that all runs use: USD 3 and 15 a million (pricing page, November 2026). */
const RATES = {
  'claude-sonnet-4-6': { input: 3000n, write5m: 3750n, write1h: 6000n, read: 300n, output: 15_000n },
} as const;

/**
 * No call is begun for which a budget has no room beside what was spent and what running calls may still cost; what is set
 * aside for a call stays until that very call is settled; the counters are the sums of the entries, and these cost what
 * their tokens cost.
 */
export function moneyHolds(evidence: Looked): Violation[] {
  const numberOf = new Map(
    evidence.replies.map(({ id, channel, questionTs }) => [
      id,
      evidence.questions.find((question) => question.channel === channel && question.ts === questionTs)
        ?.number ?? null,
    ]),
  );
  return [
    ...overspent(evidence).map(({ reply, what }) => ({
      promise: 'no budget is exceeded',
      question: numberOf.get(reply) ?? null,
      what,
    })),
    ...miscounted(evidence.money).map((what) => ({
      promise: 'counters are what was entered',
      question: null,
      what,
    })),
  ];
}

/** What is looked at. */
type Looked = Pick<Evidence, 'money' | 'budgets' | 'replies' | 'questions'>;

interface Found {
  readonly reply: string;
  readonly what: string;
}

const nameOf = ({ reply, call }: { reply: string; call: number }) => `call ${call} of ${reply}`;
const dollars = (nano: bigint) => `$${(Number(nano) / 1e9).toFixed(5)}`;

/** Follows the record from its beginning: what is set aside counts until its call is settled, whatever the rows say. */
function overspent({ money, budgets }: Looked): Found[] {
  const found: Found[] = [];
  const spent = new Map<string, { channel: string; cost: bigint }>();
  const held = new Map<string, { channel: string; cost: bigint }>();
  const sumIn = (what: ReadonlyMap<string, { channel: string; cost: bigint }>, channel: string) =>
    [...what.values()].reduce((sum, one) => (one.channel === channel ? sum + one.cost : sum), 0n);
  for (const rows of transactionsOf(money.rows)) {
    for (const row of rows)
      if (row.what === 'entered' && row.open === false) {
        spent.set(nameOf(row), row);
        held.delete(nameOf(row));
      }
    for (const row of rows) {
      const name = nameOf(row);
      if (row.what === 'dropped' && !spent.has(name))
        found.push({ ...row, what: `what was set aside for ${name} was dropped, and it was not settled` });
      if (row.what !== 'held' || spent.has(name)) continue;
      const begins = !held.has(name);
      held.set(name, row);
      const most = begins ? budgetAt(budgets, row) : null;
      const together = sumIn(spent, row.channel) + sumIn(held, row.channel);
      if (most !== null && together > most)
        found.push({
          ...row,
          what: `${name} was begun with ${dollars(together)} spent or set aside in ${row.channel}, of ${dollars(most)}`,
        });
    }
  }
  return found;
}

/** In the order of their first rows. */
function transactionsOf(rows: readonly MoneyRow[]): MoneyRow[][] {
  const byTx = new Map<string, MoneyRow[]>();
  for (const row of rows) byTx.set(row.tx, [...(byTx.get(row.tx) ?? []), row]);
  return [...byTx.values()];
}

/** The largest that may have been in force: each was set at this moment at the earliest. */
function budgetAt(budgets: Evidence['budgets'], { channel, at }: MoneyRow): bigint | null {
  const sent = budgets.filter((budget) => budget.channel === channel && budget.at <= at);
  return sent.reduce<bigint | null>(
    (most, one) => (most === null || one.most > most ? one.most : most),
    null,
  );
}

function miscounted({ entries, counters }: Money): string[] {
  const sums = new Map<string, { cost: bigint; tokens: bigint }>();
  const problems: string[] = [];
  for (const entry of entries) {
    const { cost, open, team, channel, person, day } = entry;
    if (open) problems.push(`${nameOf(entry)} is entered as running`);
    const right = costOf(entry);
    if (right !== null && right !== cost)
      problems.push(`${nameOf(entry)} is entered with ${dollars(cost)}; its tokens cost ${dollars(right)}`);
    const tokens = BigInt(entry.input + entry.write5m + entry.write1h + entry.read + entry.output);
    for (const key of [`workspace ${team}`, `channel ${channel}`, `person ${person}`]) {
      const before = sums.get(`${key} ${day}`) ?? { cost: 0n, tokens: 0n };
      sums.set(`${key} ${day}`, { cost: before.cost + cost, tokens: before.tokens + tokens });
    }
  }
  const counted = new Map(counters.map((row) => [`${row.scope} ${row.scopeId} ${row.day}`, row]));
  for (const key of new Set([...sums.keys(), ...counted.keys()])) {
    const [is, should] = [counted.get(key), sums.get(key)];
    if ((is?.cost ?? 0n) !== (should?.cost ?? 0n) || (is?.tokens ?? 0n) !== (should?.tokens ?? 0n))
      problems.push(
        `the counter of ${key} says ${is?.cost ?? 0n} nano-dollars, ${is?.tokens ?? 0n} tokens; the entries are ${should?.cost ?? 0n}, ${should?.tokens ?? 0n}`,
      );
  }
  return problems;
}

function costOf({ model, input, write5m, write1h, read, output, searches }: LedgerRow): bigint | null {
  const rates = model === 'claude-sonnet-4-6' ? RATES[model] : null;
  if (rates === null) return null;
  return (
    BigInt(input) * rates.input +
    BigInt(write5m) * rates.write5m +
    BigInt(write1h) * rates.write1h +
    BigInt(read) * rates.read +
    BigInt(output) * rates.output +
    BigInt(searches) * SEARCH
  );
}
