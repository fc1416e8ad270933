import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { VARIABLES } from '../../src/config.ts';
import { CALLBACK_PATH, CLIENT_PATH } from '../../src/tools/mcp/oauth.ts';
import { LINK_PATH } from '../../src/tools/servers/links.ts';
import { ROOT } from '../support/source.ts';

const FOLDER = join(ROOT, 'deploy/kubernetes');
const read = (name: string) => readFileSync(join(FOLDER, name), 'utf8');

interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec?: Record<string, unknown>;
  readonly data?: Readonly<Record<string, string>>;
}

const kustomization = parse(read('kustomization.yaml')) as { readonly resources: readonly string[] };
const all = kustomization.resources.flatMap((name) =>
  parseAllDocuments(read(name)).map((one) => one.toJS() as Manifest),
);
const deployments = all.filter(({ kind }) => kind === 'Deployment');

it('every file is applied, and each role has a deployment and a budget for disruptions', () => {
  const files = readdirSync(FOLDER).filter((name) => name !== 'kustomization.yaml');
  expect([...kustomization.resources].sort()).toEqual(files.sort());
  expect(deployments.map(({ metadata }) => metadata.name)).toEqual(['skein-receive', 'skein-work']);
  const budgets = all.filter(({ kind }) => kind === 'PodDisruptionBudget');
  expect(budgets.map(({ metadata }) => metadata.name)).toEqual(['skein-receive', 'skein-work']);
});

it('variables are ones that there are, probes are ones that answer, and a pod may take longer to end than its replies', () => {
  const names: readonly string[] = VARIABLES.map(({ name }) => name);
  const config = all.find(({ kind }) => kind === 'ConfigMap')?.data ?? {};
  const said = [
    ...Object.keys(config),
    ...[...read('config.yaml').matchAll(/\b[A-Z]+(?:_[A-Z]+)+\b/g)].map(([name]) => name),
  ];
  expect(said.filter((name) => !names.includes(name))).toEqual([]);
  for (const { spec } of deployments) {
    const text = JSON.stringify(spec);
    expect(text).toContain('"livenessProbe":{"httpGet":{"path":"/healthz"');
    expect(text).toContain('"readinessProbe":{"httpGet":{"path":"/readyz"');
    const grace = Number(/"terminationGracePeriodSeconds":(\d+)/.exec(text)?.[1]);
    expect(grace).toBeGreaterThan(Number(config['SHUTDOWN_GRACE_SECONDS']));
    expect(text).toMatch(/"ROLE","value":"(?:receive|work)"/);
  }
});

it('nothing faces the internet but what Slack calls and where people link their accounts', () => {
  const ingress = JSON.stringify(all.find(({ kind }) => kind === 'Ingress'));
  const paths = [...ingress.matchAll(/"path":"([^"]+)"/g)].map(([, path]) => path);
  expect(paths).toEqual(['/slack/', '/tools/']);
  for (const path of [LINK_PATH, CALLBACK_PATH, CLIENT_PATH]) expect(path).toMatch(/^\/tools\//);
});
