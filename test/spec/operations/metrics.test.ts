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
  expect(rules.length).toBeGreaterThan(8);
  for (const { alert, expr, annotations } of rules) {
    expect(alert).toMatch(/^Skein[A-Za-z]+$/);
    expect(annotations.summary && annotations.do).toBeTruthy();
    for (const [code] of expr.matchAll(/\b(?:MODEL|TOKEN|SLACK)(?:_[A-Z]+)+\b/g))
      expect([alert, code, isErrorCode(code)]).toEqual([alert, code, true]);
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
