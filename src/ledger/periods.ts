/** Spans for budgets and reports. All days are UTC: a budget that resets at another moment for each person is none. */
export type Period = 'day' | 'week' | 'month';

/** Days of UTC have all the same length. */
export const DAY_MS = 24 * 60 * 60 * 1000;

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

/** The day (UTC) of a moment, as YYYY-MM-DD. `at`: milliseconds since the epoch, or the moment. */
export function dayOf(at: number | Date): string {
  return new Date(at).toISOString().slice(0, 10);
}
