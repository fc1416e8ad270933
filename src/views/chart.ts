import { weekSpent } from '../words/home.ts';

/** Spending of one day, for lines of text that fit any width. */
export interface DaySpent {
  /** YYYY-MM-DD, UTC. */
  readonly day: string;
  /** Nano-dollars. */
  readonly cost: bigint;
  readonly answers: number;
}

export interface WeekSpent {
  /** Days of the month: `1–7`. */
  readonly days: string;
  readonly cost: bigint;
  readonly answers: number;
}

const DAYS_A_ROW = 7;
/** Fits a telephone together with the words. */
const WIDEST = 12;

/** Days of one month added up in rows of seven, from the first to the row of `today`. */
export function weeksOf(spent: readonly DaySpent[], today: string): WeekSpent[] {
  const last = Number(today.slice(8, 10));
  const [year, month] = [Number(today.slice(0, 4)), Number(today.slice(5, 7))];
  const days = new Date(Date.UTC(year, month, 0)).getUTCDate();
  const rows: WeekSpent[] = [];
  for (let from = 1; from <= last; from += DAYS_A_ROW) {
    const to = Math.min(days, from + DAYS_A_ROW - 1);
    const inside = spent.filter(({ day }) => {
      const number = Number(day.slice(8, 10));
      return day.startsWith(today.slice(0, 8)) && number >= from && number <= to;
    });
    rows.push({
      days: from === to ? String(from) : `${from}–${to}`,
      cost: inside.reduce((sum, { cost }) => sum + cost, 0n),
      answers: inside.reduce((sum, { answers }) => sum + answers, 0),
    });
  }
  return rows;
}

/**
 * One line for each row: days, money, answers, and last a bar as long as its share of the dearest. Bars come last
 * because a screen reader reads each block of them as a word. What cost anything has a bar.
 */
export function chartLines(rows: readonly WeekSpent[], money: (nano: bigint) => string): string[] {
  const most = rows.map(({ cost }) => cost).sort((a, b) => (a < b ? 1 : -1))[0] ?? 0n;
  const widest = Math.max(...rows.map(({ days }) => days.length));
  const spent = rows.map(({ cost, answers }) => weekSpent(money(cost), answers));
  const widestSpent = Math.max(...spent.map(({ length }) => length));
  return rows.map(({ days, cost }, at) => {
    const length = most === 0n ? 0 : Number((cost * BigInt(WIDEST) + most - 1n) / most);
    const words = `${days.padEnd(widest)}  ${(spent[at] ?? '').padEnd(widestSpent)}`;
    return `${words}  ${'█'.repeat(length)}`.trimEnd();
  });
}
