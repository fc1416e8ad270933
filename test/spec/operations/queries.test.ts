import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { systemClock } from '../../../src/clock.ts';
import { createMetrics } from '../../../src/operations/metrics.ts';
import { readQuery } from '../../support/promql.ts';
import { ROOT } from '../../support/source.ts';

const read = (name: string) => readFileSync(join(ROOT, name), 'utf8');
const metrics = createMetrics(systemClock).described();

/** What Prometheus puts on every series that it scrapes. */
const TARGET = ['job', 'instance'];

const panels: { title: string; targets?: { expr: string; legendFormat?: string }[] }[] = JSON.parse(
  read('docs/watching/dashboard.json'),
).panels;
const asked = panels.flatMap(({ title, targets = [] }) =>
  targets.map(({ expr, legendFormat = '' }) => ({ title, expr, legend: legendFormat })),
);
const { groups } = parse(read('docs/watching/alerts.yml')) as {
  groups: { rules: { alert: string; expr: string }[] }[];
};
const alerts = groups.flatMap(({ rules }) =>
  rules.map(({ alert, expr }) => ({ title: alert, expr, legend: '' })),
);

/** The labels of the series that a selector names; null: there is no such metric. */
function labelsOf(series: string): readonly string[] | null {
  // Prometheus says it of every target.
  if (series === 'up') return TARGET;
  const name = series.replace(/_(?:bucket|sum|count)$/, '');
  const labels = metrics.get(series) ?? metrics.get(name);
  if (labels === undefined) return null;
  return [...labels, ...TARGET, ...(series.endsWith('_bucket') ? ['le'] : [])];
}

it.each([...asked, ...alerts])(
  'the query of “$title” is PromQL about metrics and labels that there are',
  ({ expr }) => {
    const { errors, selectors } = readQuery(expr);
    expect(errors).toEqual([]);
    expect(selectors.length).toBeGreaterThan(0);
    for (const { metric, labels } of selectors) {
      const has = labelsOf(metric);
      expect([metric, has === null]).toEqual([metric, false]);
      expect([metric, labels.filter((label) => has?.includes(label) === false)]).toEqual([metric, []]);
    }
  },
);

it('a legend names labels that its query leaves', () => {
  for (const { title, expr, legend } of asked) {
    const left = readQuery(expr).selectors.flatMap(({ labels }) => labels);
    for (const [, label = ''] of legend.matchAll(/\{\{\s*(\w+)\s*\}\}/g))
      expect([title, label, [...left, ...TARGET].includes(label)]).toEqual([title, label, true]);
  }
});

it.each([
  [
    'a part that is missing',
    'sum by (code (rate(skein_jobs_due[5m]))',
    (q: string) => readQuery(q).errors.length > 0,
  ],
  [
    'a metric that is not there',
    'rate(skein_nothing_total[5m])',
    (q: string) => labelsOf(readQuery(q).selectors[0]?.metric ?? '') === null,
  ],
  [
    'a label in a matcher',
    'skein_jobs_due{team="T1"}',
    (q: string) => readQuery(q).selectors[0]?.labels.includes('team'),
  ],
  [
    'a label that is grouped by',
    'max by (team) (skein_jobs_due)',
    (q: string) => readQuery(q).selectors[0]?.labels.includes('team'),
  ],
  [
    'a label behind the expression',
    'max(skein_jobs_due) by (team)',
    (q: string) => readQuery(q).selectors[0]?.labels.includes('team'),
  ],
])('%s is seen', (_what, query, seen) => {
  expect(seen(query)).toBe(true);
});
