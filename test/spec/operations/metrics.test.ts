import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { systemClock } from '../../../src/clock.ts';
import { isErrorCode } from '../../../src/errors.ts';
import { createMetrics } from '../../../src/operations/metrics.ts';
import { ROOT } from '../../support/source.ts';

const read = (name: string) => readFileSync(join(ROOT, name), 'utf8');
const real = [...createMetrics(systemClock).described().keys()];

/** Names of metrics in queries; a histogram is asked for by its series. */
const namesIn = (text: string) =>
  [
    ...new Set(
      [...text.matchAll(/\bskein_[a-z_]+/g)].map(([name]) => name.replace(/_(?:bucket|sum|count)$/, '')),
    ),
  ]
    .filter((name) => name !== 'skein')
    .sort();

it('the dashboard asks for every metric that there is, and for no other', () => {
  const dashboard = JSON.parse(read('docs/watching/dashboard.json'));
  const queries = dashboard.panels.flatMap((panel: { targets?: { expr: string }[] }) =>
    (panel.targets ?? []).map(({ expr }) => expr),
  );
  expect(queries.length).toBeGreaterThan(20);
  expect(namesIn([...queries, 'skein_started_at_seconds'].join('\n'))).toEqual([...real].sort());
});

it('the alert rules ask for metrics and codes that there are, and say what to do', () => {
  const text = read('docs/watching/alerts.yml');
  expect(namesIn(text).filter((name) => !real.includes(name))).toEqual([]);
  const { groups } = parse(text) as {
    groups: { rules: { alert: string; expr: string; annotations: { summary: string; do: string } }[] }[];
  };
  const rules = groups.flatMap((group) => group.rules);
  const dashboard = JSON.parse(read('docs/watching/dashboard.json')) as { panels: { title: string }[] };
  const titles = ['Many workspaces', ...dashboard.panels.map(({ title }) => title)];
  expect(rules.length).toBeGreaterThan(8);
  for (const { alert, expr, annotations } of rules) {
    expect(alert).toMatch(/^Skein[A-Za-z]+$/);
    expect(annotations.summary && annotations.do).toBeTruthy();
    for (const [, panel] of annotations.do.matchAll(/"([^"]+)"/g))
      expect([alert, panel, titles.includes(panel ?? '')]).toEqual([alert, panel, true]);
    for (const [code] of expr.matchAll(/\b(?:MODEL|TOKEN|SLACK)(?:_[A-Z]+)+\b/g))
      expect([alert, code, isErrorCode(code)]).toEqual([alert, code, true]);
  }
});

it('each alert has a case for promtool in which it is raised, and one in which it is not', () => {
  const alerts = (
    parse(read('docs/watching/alerts.yml')) as { groups: { rules: { alert: string }[] }[] }
  ).groups
    .flatMap(({ rules }) => rules)
    .map(({ alert }) => alert);
  const { tests } = parse(read('docs/watching/alerts.test.yml')) as {
    tests: { alert_rule_test: { alertname: string; exp_alerts?: object[] }[] }[];
  };
  const cases = tests.flatMap((one) => one.alert_rule_test);
  const raised = cases.filter(({ exp_alerts = [] }) => exp_alerts.length > 0);
  expect(alerts.filter((alert) => !raised.some(({ alertname }) => alertname === alert))).toEqual([]);
  const kept = cases.filter((one) => !raised.includes(one));
  expect(alerts.filter((alert) => !kept.some(({ alertname }) => alertname === alert))).toEqual([]);
});

it('what an alert counts is there at 0 before it happens, so that the first of its kind is seen', async () => {
  const body = await scrape(createMetrics(systemClock));
  const { groups } = parse(read('docs/watching/alerts.yml')) as {
    groups: { rules: { expr: string }[] }[];
  };
  const exprs = groups.flatMap(({ rules }) => rules.map(({ expr }) => expr)).join('\n');
  const codes = [...exprs.matchAll(/\b(?:MODEL|TOKEN|SLACK)(?:_[A-Z]+)+\b/g)].map(([code]) => code);
  expect(codes.length).toBeGreaterThan(6);
  for (const code of codes)
    expect(body).toContain(
      code.startsWith('MODEL_')
        ? `skein_questions_total{outcome="failed",code="${code}"} 0`
        : `skein_coded_lines_total{level="error",code="${code}"} 0`,
    );
  for (const outcome of ['answered', 'stopped', 'refused', 'gone'])
    expect(body).toContain(`skein_questions_total{outcome="${outcome}",code=""} 0`);
  expect(body).toContain('skein_budget_refusals_total{code="BUDGET_WORKSPACE_MONTH"} 0');
  expect(body).toContain('skein_leases_taken_over_total 0');

  const called = createMetrics(systemClock);
  called.slackCall('chat.update', 'ok');
  expect(await scrape(called)).toContain(
    'skein_slack_calls_total{method="chat.update",outcome="rate_limited"} 0',
  );
});

it('panels of the dashboard lie side by side, say what they show and have a unit', () => {
  interface Panel {
    readonly id: number;
    readonly type: string;
    readonly title: string;
    readonly description?: string;
    readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
    readonly fieldConfig?: { readonly defaults: { readonly unit?: string } };
  }
  const { panels } = JSON.parse(read('docs/watching/dashboard.json')) as { panels: Panel[] };
  expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
  const taken = new Map<string, string>();
  for (const { type, title, description, gridPos, fieldConfig } of panels) {
    if (type !== 'row')
      expect([title, Boolean(description && fieldConfig?.defaults.unit)]).toEqual([title, true]);
    for (let x = gridPos.x; x < gridPos.x + gridPos.w; x += 1)
      for (let y = gridPos.y; y < gridPos.y + gridPos.h; y += 1) {
        expect([title, taken.get(`${x},${y}`), x < 24]).toEqual([title, undefined, true]);
        taken.set(`${x},${y}`, title);
      }
  }
});

it('the page of operations names every metric', () => {
  expect(real.filter((name) => !read('docs/operations.md').includes(`\`${name}\``))).toEqual([]);
});

it('labels are few: none is an id of a person, a channel or a workspace', async () => {
  const metrics = createMetrics(systemClock);
  metrics.question('failed', 'BUDGET_PERSON_DAY', 3);
  metrics.slackCall('chat.update', 'rate_limited');
  metrics.spent(
    'claude-sonnet-4-6',
    { input: 5, cache_write: 0, cache_read: 7, output: 2, thinking: 0 },
    1_500_000_000n,
  );
  metrics.unseen(-2);
  const body = await scrape(metrics);
  expect(body).toContain('skein_questions_total{outcome="failed",code="BUDGET_PERSON_DAY"} 1');
  expect(body).toContain('skein_budget_refusals_total{code="BUDGET_PERSON_DAY"} 1');
  expect(body).toContain('skein_cost_usd_total{model="claude-sonnet-4-6"} 1.5');
  expect(body).toContain('skein_unseen_text_seconds_sum 0');
  const labels = new Set([...body.matchAll(/[{,]([a-z_]+)="/g)].map(([, label]) => label));
  expect([...labels].sort()).toEqual(
    ['code', 'end', 'kind', 'le', 'level', 'method', 'model', 'name', 'outcome', 'state'].filter((label) =>
      labels.has(label),
    ),
  );
});

async function scrape(metrics: ReturnType<typeof createMetrics>): Promise<string> {
  const { createServer } = await import('node:http');
  const server = createServer((request, response) => {
    if (!metrics.route(request, response)) response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  try {
    return await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  } finally {
    server.close();
  }
}
