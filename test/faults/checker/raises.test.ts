import { expect, it } from 'vitest';
import type { Evidence } from './evidence.ts';
import { type BudgetChange, raisedOnce } from './raises.ts';
import type { ReplyRow } from './rows.ts';

const CENTS = 10_000_000n;
const change = (at: number, from: number, to: number, by = 'U0ANA'): BudgetChange => ({
  ...{ channel: 'C1', by, at },
  from: BigInt(from) * CENTS,
  to: BigInt(to) * CENTS,
});

/** A reply that was refused at these moments. */
function refused(id: string, ...moments: readonly number[]): ReplyRow {
  const at = (state: string, when: number) => ({
    ...{ state, version: 1, units: 0, failed: true, changes: 1 },
    at: when,
  });
  const states = moments.flatMap((when) => [at('answered', when), at('shown', when + 10)]);
  return { id, channel: 'C1', states } as unknown as ReplyRow;
}

const press = (reply: string, at: number, more: object = {}) => ({
  ...{ reply, control: 'raise' as const, user: 'U0ANA', value: `${reply}:1`, at, acked: true },
  ...more,
});

function found(changes: readonly BudgetChange[], presses: Evidence['presses'], replies: readonly ReplyRow[]) {
  const evidence = { changes, presses, replies, troubles: [], lateAround: () => 0 };
  return raisedOnce(evidence, 'U0ANA').map(({ promise, what }) => `${promise}: ${what}`);
}

it('a raise for a press, however often, and another one after another refusal break nothing', () => {
  expect(
    found(
      [change(0, 0, 5), change(20_000, 5, 105), change(60_000, 105, 205)],
      [press('a', 19_990), press('a', 19_995), press('b', 59_990)],
      [refused('a', 10_000), refused('b', 40_000)],
    ),
  ).toEqual([]);
});

it('a second raise for one refusal is found', () => {
  expect(
    found(
      [change(0, 0, 5), change(20_000, 5, 105), change(30_000, 105, 205)],
      [press('a', 19_990), press('a', 29_990)],
      [refused('a', 10_000)],
    ),
  ).toEqual([
    'a budget is raised once: the budget of C1 was raised from 1050000000 to 2050000000, and nothing was refused since the change before',
  ]);
});

it('a raise that nobody pressed for, or somebody who is no admin, is found', () => {
  const raise = [change(20_000, 5, 105)];
  expect(found(raise, [], [refused('a', 10_000)])).toHaveLength(1);
  expect(found(raise, [press('a', 19_990, { user: 'U0BEN' })], [refused('a', 10_000)])).toHaveLength(1);
  // A command sets what it likes.
  expect(found([change(20_000, 5, 10)], [], [])).toEqual([]);
});

it('a press of which nothing came is found, but not where the budget was changed meanwhile', () => {
  const calm = [press('a', 19_990, { calm: true })];
  expect(found([change(0, 0, 5)], calm, [refused('a', 10_000)])).toEqual([
    'a press is carried out: raise a:1 was pressed, and nothing came of it',
  ]);
  expect(found([change(15_000, 5, 10)], calm, [refused('a', 10_000)])).toEqual([]);
});
