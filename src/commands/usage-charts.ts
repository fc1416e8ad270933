import { formatUsd, type NanoDollars } from '../ledger/cost.ts';
import { DAY_MS, dayOf } from '../ledger/periods.ts';
import { type ChartData, readChart } from '../render/chart.ts';
import { neutraliseCode } from '../render/neutralise.ts';
import { shortDayOfMonth } from '../words/dates.ts';
import { usageAnswer } from '../words/reports.ts';

/** A chart has at most so many labels; more days are drawn by rows of seven. */
const MOST_LABELS = 20;
const DAYS_A_ROW = 7;
/** Most slices of a pie; what is cheaper is one slice together. */
const MOST_SLICES = 6;
const MOST_OF_LABEL = 20;

/**
 * What each day cost from `since` to `until` (both UTC; days without usage too), in USD: by day, or by seven days where
 * there are more than a chart has labels. `days`: YYYY-MM-DD. Null: there is nothing to compare.
 */
export function costByDay(
  days: readonly { readonly who: string; readonly cost: NanoDollars }[],
  since: Date,
  until: Date,
): ChartData | null {
  if (days.length < 2) return null;
  const costs = new Map(days.map(({ who, cost }) => [who, cost]));
  const all: Date[] = [];
  for (let at = since.getTime(); at <= until.getTime(); at += DAY_MS) all.push(new Date(at));
  const length = all.length > MOST_LABELS ? DAYS_A_ROW : 1;
  const rows: Date[][] = [];
  for (let at = 0; at < all.length; at += length) rows.push(all.slice(at, at + length));
  const costOf = (day: Date) => costs.get(dayOf(day)) ?? 0n;
  return chart({
    type: 'bar',
    title: usageAnswer.chart.byDay,
    x: usageAnswer.groupHead.day,
    labels: rows.map(labelOfDays),
    series: { USD: rows.map((row) => usd(row.reduce((sum, day) => sum + costOf(day), 0n))) },
  });
}

/** Whose share of the cost is how large. Null: there is nothing to compare, or it can't be drawn. */
export function costShares(
  by: keyof typeof usageAnswer.chart.by,
  shares: readonly { readonly name: string; readonly cost: NanoDollars }[],
): ChartData | null {
  const costly = shares.filter(({ cost }) => cost > 0n).sort((a, b) => (a.cost < b.cost ? 1 : -1));
  if (costly.length < 2) return null;
  const alone = costly.length > MOST_SLICES ? costly.slice(0, MOST_SLICES - 1) : costly;
  const others = costly.slice(alone.length).reduce((sum, { cost }) => sum + cost, 0n);
  const slices = [
    ...alone.map(({ name, cost }) => ({ label: shortened(name), value: usd(cost) })),
    ...(others > 0n ? [{ label: usageAnswer.chart.others, value: usd(others) }] : []),
  ];
  const data = chart({ type: 'pie', title: usageAnswer.chart.by[by], data: slices });
  // Two people of one name can't be told apart in it; the table has both.
  return data === null || data.chart === null ? null : data;
}

/** A chart is read as one of anybody's: what Slack can't draw of it is a table. */
const chart = (source: Readonly<Record<string, unknown>>) => readChart(JSON.stringify(source));

const usd = (cost: NanoDollars) => Number(formatUsd(cost).slice(1));

function labelOfDays(days: readonly Date[]): string {
  const [first, last] = [days[0], days.at(-1)];
  if (first === undefined || last === undefined) return '';
  return first === last ? shortDayOfMonth(first) : `${first.getUTCDate()}–${shortDayOfMonth(last)}`;
}

function shortened(name: string): string {
  const line = neutraliseCode(name.replace(/\s+/g, ' ').trim());
  if (line.length <= MOST_OF_LABEL) return line;
  return `${line.slice(0, MOST_OF_LABEL - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}
