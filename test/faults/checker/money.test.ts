import { expect, it } from 'vitest';
import type { Evidence } from './evidence.ts';
import { type LedgerRow, type MoneyRow, moneyHolds } from './money.ts';

const FIVE_CENTS = 50_000_000n;
const row = (
  what: MoneyRow['what'],
  tx: number,
  reply: string,
  call: number,
  cents: number,
  open = false,
) => ({
  ...{ what, reply, call, channel: 'C1', cost: BigInt(cents) * 10_000_000n, tx: String(tx), at: 1_000 + tx },
  open: what === 'entered' ? open : null,
});

function found(rows: readonly MoneyRow[], entries: readonly LedgerRow[] = [], counted = 0n): string[] {
  const counter = { team: 'T', day: '2026-11-28', cost: counted, tokens: 3n };
  const evidence: Pick<Evidence, 'money' | 'budgets' | 'replies' | 'questions'> = {
    money: {
      rows,
      entries,
      counters: [
        { ...counter, scope: 'workspace', scopeId: 'T' },
        { ...counter, scope: 'channel', scopeId: 'C1' },
        { ...counter, scope: 'person', scopeId: 'U' },
      ].filter(() => entries.length > 0),
    },
    budgets: [{ channel: 'C1', most: FIVE_CENTS, at: 0 }],
    replies: [],
    questions: [],
  };
  return moneyHolds(evidence).map(({ what }) => what);
}

it('calls that fit beside each other, and one that takes over after a settlement, break nothing', () => {
  expect(
    found([
      row('held', 1, 'a', 1, 2),
      row('held', 2, 'b', 1, 3),
      row('entered', 3, 'a', 1, 1),
      row('dropped', 3, 'a', 1, 2),
      row('held', 4, 'a', 2, 1),
    ]),
  ).toEqual([]);
});

it('a call that is begun with more than a budget has is found, also where its row was dropped meanwhile', () => {
  const rows = [row('held', 1, 'a', 2, 4), row('dropped', 2, 'a', 2, 4), row('held', 3, 'b', 1, 4)];
  const [dropped, exceeded] = found(rows);
  expect(dropped).toBe('what was set aside for call 2 of a was dropped, and it was not settled');
  expect(exceeded).toContain('call 1 of b was begun with $0.08000 spent or set aside in C1, of $0.05000');
});

it('an entry that is better than the one before replaces it', () => {
  expect(
    found([
      row('held', 1, 'a', 1, 3),
      row('entered', 2, 'a', 1, 2),
      row('dropped', 2, 'a', 1, 3),
      row('entered', 3, 'a', 1, 3),
      row('held', 4, 'b', 1, 2),
    ]),
  ).toEqual([]);
});

it('counters that are not the sum of the entries, and entries that cost something else, are found', () => {
  const entry = {
    ...{ reply: 'a', call: 1, model: 'claude-sonnet-4-6', team: 'T', channel: 'C1', person: 'U' },
    ...{
      day: '2026-11-28',
      open: false,
      cost: 36_000n,
      input: 2,
      write5m: 0,
      write1h: 0,
      read: 0,
      output: 1,
      searches: 0,
    },
  };
  const right = { ...entry, cost: 21_000n };
  expect(found([], [right], 21_000n)).toEqual([]);
  expect(found([], [entry], 36_000n)).toEqual([
    'call 1 of a is entered with $0.00004; its tokens cost $0.00002',
  ]);
  expect(found([], [right], 20_000n)).toHaveLength(3);
});
