import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { readConfig, VARIABLES } from '../src/config.ts';
import { CATALOGUE, type ErrorEntry, isErrorCode } from '../src/errors.ts';
import { rankOf } from './support/boundaries.ts';
import { commandsPage } from './support/commands-page.ts';
import { bare, pages, read, tableOf } from './support/docs.ts';
import { codeOf, ROOT, readSources } from './support/source.ts';

const packageJson = JSON.parse(read('package.json'));
const src = readSources(['src', 'playground']);

test('the table of variables is what the program reads', () => {
  const documented = tableOf(read('docs/configuration.md'), 'Variable').map((row) => row.map(bare));
  const known = VARIABLES.map((one) => [
    one.name,
    one.default === '' ? '(empty)' : (one.default ?? ''),
    one.help,
  ]);
  // `bare` takes the marks off a cell that is one word of code, so both sides go through it.
  expect(documented).toEqual(known.map((row) => row.map(bare)));
});

test('the table of errors is the catalogue', () => {
  const entries: [string, ErrorEntry][] = Object.entries(CATALOGUE);
  const known = entries.map(([code, { retryable, person, meaning }]) => [
    `\`${code}\``,
    retryable ? 'yes' : 'no',
    person ?? '',
    meaning,
  ]);
  expect(tableOf(read('docs/errors.md'), 'Code')).toEqual(known);
});

test('the page of commands and settings is made from their descriptions (npm run docs:commands)', () => {
  expect(read('docs/commands.md')).toBe(commandsPage());
});

test('every code in the sources is in the catalogue, and every code of the catalogue is in use', () => {
  const variables: readonly string[] = VARIABLES.map(({ name }) => name);
  const said = new Set<string>();
  for (const [path, text] of src)
    if (!/^(?:src\/(?:errors|config)\.ts|playground\/)/.test(path))
      for (const [word] of codeOf(text).matchAll(
        /\b(?:CONFIG|PORT|DATABASE|SLACK|TOKEN|INSTALL|REQUEST|REPLY|BUDGET|MODEL)(?:_[A-Z]+)+\b/g,
      ))
        if (new RegExp(`'${word}'|\\(${word}\\)'`).test(text) && !variables.includes(word)) said.add(word);
  // The one that config.ts itself throws.
  said.add('CONFIG_INVALID');
  expect([...said].filter((code) => !isErrorCode(code))).toEqual([]);
  expect(Object.keys(CATALOGUE).filter((code) => !said.has(code))).toEqual([]);
});

test('the map of folders is the folders, with the ranks that the boundaries hold to', () => {
  const rows = tableOf(read('docs/architecture.md'), 'Place').map(([place, rank]) => [
    bare(place),
    Number(rank),
  ]);
  const real = [
    ...readdirSync(join(ROOT, 'src')).map((name) => [`src/${name}`, rankOf(name)]),
    ['playground', rankOf('playground')],
  ];
  expect(rows.sort()).toEqual(real.sort());
});

test('the list of tables is the tables', () => {
  const documented = tableOf(read('docs/architecture.md'), 'Table').map(([name]) => bare(name));
  const real = [...src.values()].flatMap((text) =>
    [...text.matchAll(/skein\.table\(\s*'(\w+)'/g)].map(([, name]) => name),
  );
  expect(documented.sort()).toEqual(real.sort());
});

test('every file that the architecture names is there', () => {
  const named = [...read('docs/architecture.md').matchAll(/`((?:[\w-]+\/)*[\w-]+\.(?:ts|sql))`/g)];
  const files = [
    ...src.keys(),
    ...readdirSync(join(ROOT, 'migrations')).map((name) => `migrations/${name}`),
    'test/boundaries.test.ts',
    'test/words.test.ts',
  ];
  const missing = named
    .map(([, name = '']) => name)
    .filter((name) => !files.some((file) => `/${file}`.endsWith(`/${name}`)));
  expect(named.length).toBeGreaterThan(20);
  expect(missing).toEqual([]);
});

test('every variable that a page names exists', () => {
  // Programs beside the bot (playground, tests, benchmarks) read a few of their own.
  const elsewhere = [...readSources(['playground', 'test', 'bench'])].flatMap(([path, text]) =>
    path === 'test/claims.test.ts'
      ? []
      : [...text.matchAll(/\benv\['([A-Z_]+)'\]/g)].map(([, name = '']) => name),
  );
  expect(elsewhere).toContain('PLAYGROUND_PORT');
  const known = new Set<string>([
    ...VARIABLES.map(({ name }) => name),
    ...Object.keys(CATALOGUE),
    ...elsewhere,
    // Read by Node.js itself.
    'NODE_EXTRA_CA_CERTS',
  ]);
  const unknown = [...pages(), ['manifest.yml', read('manifest.yml')] as const].flatMap(([path, text]) =>
    [...text.matchAll(/\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b/g)]
      .filter(([word]) => !known.has(word))
      .map(([word]) => `${path}: ${word}`),
  );
  expect(unknown).toEqual([]);
});

test('every link to a file leads to one', () => {
  const broken: string[] = [];
  for (const [path, text] of pages())
    for (const [, target = ''] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
      const [file = ''] = target.split('#');
      if (!/^[a-z]+:/.test(target) && file !== '' && !existsSync(join(ROOT, dirname(path), file)))
        broken.push(`${path}: ${target}`);
    }
  expect(broken).toEqual([]);
});

test('every npm command on a page is a script', () => {
  const commands = [...pages()].flatMap(([path, text]) =>
    [...text.matchAll(/\bnpm (?:run (?:--silent )?([\w:-]+)|(test|start))\b/g)].map(([, run, short]) => [
      path,
      run ?? short ?? '',
    ]),
  );
  expect(commands.length).toBeGreaterThan(4);
  expect(commands.filter(([, name = '']) => !Object.hasOwn(packageJson.scripts, name))).toEqual([]);
});

test('the two commands of the README are there, and CI calls the second before all else', () => {
  const readme = read('README.md');
  expect(readme).toContain('\nnpm ci && npm run playground\n');
  expect(readme).toContain('\nnpm ci && npm test\n');
  const steps = [...read('.ci/run').matchAll(/^step (.+)$/gm)].map(([, step]) => step);
  expect(steps).toEqual(['npm ci', 'npm test', 'npm run check:house']);
  expect(packageJson.scripts.check).toBe('npm test && npm run check:house');
  for (const part of ['lint', 'types', 'build', 'migrations:check', 'test:browser'])
    expect(packageJson.scripts['check:house']).toContain(`npm run ${part}`);
});

test('Node.js is promised, pinned and run in versions that fit', () => {
  const least = Number(/^>=(\d+)$/.exec(packageJson.engines.node)?.[1]);
  expect(read('README.md')).toContain(`Node.js ${least} or newer`);
  expect(packageJson.devDependencies['@types/node']).toMatch(new RegExp(`^${least}\\.`));
  const dockerfile = read('Dockerfile');
  const [, image = '', major = ''] =
    /^ARG NODE=(node:(\d+)\.\d+\.\d+-bookworm-slim)$/m.exec(dockerfile) ?? [];
  expect(image, 'an exact tag').not.toBe('');
  expect(Number(major)).toBeGreaterThanOrEqual(least);
  const bases = [...dockerfile.matchAll(/^FROM (\S+)/gm)].map(([, base]) => base);
  expect(new Set(bases)).toEqual(new Set(['$' + '{NODE}']));
});

test('the image runs as nobody special, copies only what exists and is let in, and asks for its health', () => {
  const dockerfile = read('Dockerfile');
  expect(dockerfile).toMatch(/^USER node$/m);
  expect(dockerfile).toMatch(/^CMD \["node", .*"dist\/main\.js"\]$/m);
  expect(dockerfile).toMatch(/^STOPSIGNAL SIGTERM$/m);
  expect(dockerfile).toMatch(/^HEALTHCHECK [\s\S]*?\/healthz/m);
  const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, list = '']) =>
    list.split(' '),
  );
  const letIn = [...read('.dockerignore').matchAll(/^!(.+)$/gm)].map(([, name]) => name);
  expect([...new Set(copied)].sort()).toEqual(letIn.sort());
  expect(copied.filter((name) => !existsSync(join(ROOT, name)))).toEqual([]);
  const defaults = configWith({});
  expect(dockerfile).toContain(`EXPOSE ${defaults.http.port}\n`);
});

test('compose gives variables that exist, a Postgres like the embedded one, and time to stop', () => {
  const { services } = parse(read('compose.yaml'));
  const config = configWith(services.skein.environment);
  expect(
    Object.keys(services.skein.environment).filter((name) => !VARIABLES.some((one) => one.name === name)),
  ).toEqual([]);
  expect(Number.parseInt(services.skein.stop_grace_period, 10) * 1000).toBeGreaterThan(
    config.shutdownGraceMs,
  );
  const grace = /^TimeoutStopSec=(\d+)$/m.exec(read('docs/operations.md'))?.[1];
  expect(Number(grace) * 1000).toBeGreaterThan(config.shutdownGraceMs);
  const embedded: readonly string[] = Object.values(packageJson.optionalDependencies);
  const [major] = (embedded[0] ?? '').split('.');
  expect(services.postgres.image).toMatch(new RegExp(`^postgres:${major}\\.\\d+-bookworm$`));
});

test('versions are exact, and the lock file has every platform and no address', () => {
  const { dependencies, devDependencies, optionalDependencies } = packageJson;
  const all: Record<string, string> = { ...dependencies, ...devDependencies, ...optionalDependencies };
  expect(Object.entries(all).filter(([, version]) => !/^\d+\.\d+\.\d+(?:-[\w.]+)?$/.test(version))).toEqual(
    [],
  );
  const lock = read('package-lock.json');
  expect(lock).not.toContain('"resolved"');
  const { packages } = JSON.parse(lock);
  const missing: string[] = [];
  for (const [path, { optionalDependencies: optional = {} }] of Object.entries<{
    optionalDependencies?: object;
  }>(packages))
    for (const name of Object.keys(optional))
      if (!homes(path).some((home) => Object.hasOwn(packages, `${home}node_modules/${name}`)))
        missing.push(`${path}: ${name}`);
  // `npm ci` refuses a lock file that leaves one out, on every system.
  expect(missing).toEqual([]);
});

/** The places in which Node.js looks for a package that `path` needs, nearest first. */
function homes(path: string): string[] {
  const inside = path === '' ? [] : [`${path}/`];
  return [
    ...inside,
    ...[...path.matchAll(/node_modules\//g)].map(({ index }) => path.slice(0, index)).reverse(),
    '',
  ];
}

function configWith(env: Readonly<Record<string, string>>) {
  return readConfig({
    SLACK_BOT_TOKEN: 'xoxb-1',
    SLACK_APP_TOKEN: 'xapp-1',
    ANTHROPIC_API_KEY: 'key',
    ...env,
  });
}
