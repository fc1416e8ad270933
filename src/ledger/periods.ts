/** Spans for budgets and reports. All days are UTC: a budget that resets at another moment for each person is none. */
export type Period = 'day' | 'week' | 'month';

/** First moment of the period that holds `now` (milliseconds since the epoch); a week begins on Monday. */
export function startOf(period: Period, now: number): Date {
  const at = new Date(now);
  const [year, month, day] = [at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate()];
  switch (period) {
    case 'day':
      return new Date(Date.UTC(year, month, day));
    case 'week':
      return new Date(Date.UTC(year, month, day - ((at.getUTCDay() + 6) % 7)));
    case 'month':
      return new Date(Date.UTC(year, month, 1));
  }
}
