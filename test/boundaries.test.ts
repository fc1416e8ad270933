import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { FOREIGN_TABLES, foreignTables, violations } from './support/boundaries.ts';
import { importsOf, ROOT, readSources } from './support/source.ts';

const sources = readSources(['src', 'playground', 'test', 'bench', 'scripts']);

test('every file keeps its rank, its packages, its size and its exports', () => {
  expect([...sources.keys()].filter((path) => path.startsWith('src/')).length).toBeGreaterThan(100);
  expect(violations(sources)).toEqual([]);
});

test('what the bot needs when it runs is a dependency, and every dependency is needed', () => {
  const { dependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const shipped = [...sources].filter(([path]) => path.startsWith('src/'));
  const used = shipped.flatMap(([path, text]) => importsOf(path, text).flatMap(({ pkg }) => pkg ?? []));
  const packages = [...new Set(used)].filter((pkg) => !pkg.startsWith('node:')).sort();
  expect(packages).toEqual(Object.keys(dependencies).sort());
});

/** One file each that breaks one rule, in a tree that otherwise keeps them all. */
const BROKEN: readonly [string, string, string, string][] = [
  [
    'an import of a higher rank',
    'src/jobs/a.ts',
    "import { x } from '../reply/b.ts';",
    'not of a lower rank',
  ],
  ['an import sideways', 'src/jobs/a.ts', "import { x } from '../ledger/b.ts';", 'not of a lower rank'],
  [
    'a type from sideways',
    'src/model/a.ts',
    "import type { X } from '../slack/b.ts';",
    'not of a lower rank',
  ],
  ['a dynamic import upwards', 'src/log.ts', "const b = await import('./bot.ts');", 'not of a lower rank'],
  ['an import over lines', 'src/jobs/a.ts', "import {\n  x,\n} from '../bot.ts';", 'not of a lower rank'],
  ['an import of a test', 'src/jobs/a.ts', "import { x } from '../../test/b.ts';", 'not in src'],
  ['a folder without a rank', 'src/helpers/a.ts', 'const a = 1;', 'no rank'],
  [
    'a pure file with a database',
    'src/reply/pace/plan.ts',
    "import { sql } from 'drizzle-orm';",
    'may not import',
  ],
  ['a store in a folder of a store', 'src/reply/x/store.ts', "import pg from 'pg';", 'may not import pg'],
  ['Slack outside its edge', 'src/reply/a.ts', "import type { A } from '@slack/types';", 'may not import'],
  ['the SDK outside its edge', 'src/bot.ts', "import A from '@anthropic-ai/sdk/core';", 'may not import'],
  ['files in a rule', 'src/reply/a.ts', "import { readFile } from 'node:fs/promises';", 'no I/O here'],
  [
    'a stand-in that knows the bot',
    'playground/slack/a.ts',
    "import { x } from '../../src/reply/a.ts';",
    'knows nothing',
  ],
  ['a clock of its own', 'src/reply/a.ts', 'const at = Date.now();', 'time and chance'],
  ['a timer of its own', 'src/slack/a.ts', 'const t = setTimeout(f, 5); // later', 'time and chance'],
  ['all columns', 'src/jobs/store.ts', 'const rows = sql`select j.* from jobs j`;', 'name their columns'],
  ['the environment', 'src/config.ts', 'const port = process.env.PORT;', 'reads the environment'],
  ['a barrel', 'src/jobs/index.ts', 'const a = 1;', 'a barrel file'],
  ['an export passed on', 'src/jobs/a.ts', "export { b } from './b.ts';", 'passes on exports'],
  ['too many lines', 'src/jobs/a.ts', 'const a = 1;\n'.repeat(401), '401 lines'],
  ['an unused value', 'src/jobs/a.ts', 'export function a() { return a; }', 'nobody imports a'],
  ['an unused type', 'src/jobs/a.ts', 'export interface A { b: 1 }', 'nobody imports A'],
];

test.each(BROKEN)('the check sees %s', (_what, path, text, word) => {
  expect(violations(new Map([[path, text]])).join('\n')).toContain(word);
});

test('the check sees a table of another folder in a statement, and each folder’s list has only what it names', () => {
  const tree = new Map([
    ['src/jobs/tables.ts', "const jobs = skein.table('jobs', {});"],
    ['src/welcome/store.ts', 'const one = sql`select seq from skein.jobs`;'],
  ]);
  expect(violations(tree).join('\n')).toContain("names the table jobs, which is jobs's");
  const named = new Set(foreignTables(sources).map(({ unit, table }) => `${unit} ${table}`));
  const listed = Object.entries(FOREIGN_TABLES).flatMap(([unit, tables]) =>
    tables.map((table) => `${unit} ${table}`),
  );
  expect(listed.filter((one) => !named.has(one))).toEqual([]);
});

test('the check sees a value that only a test uses', () => {
  const tree = new Map([
    ['src/jobs/a.ts', 'export const a = 1;'],
    ['test/a.test.ts', "import { a } from '../src/jobs/a.ts';"],
  ]);
  expect(violations(tree)).toEqual(['src/jobs/a.ts: only tests use a']);
});

test.each([
  ['a store that uses the database', 'src/jobs/store.ts', "import { sql } from 'drizzle-orm';"],
  ['a word in a comment', 'src/jobs/a.ts', '/** Never Date.now() here. */\nconst a = 1; // not process.env'],
  ['a lower rank', 'src/reply/a.ts', "import type { Clock } from '../clock.ts';"],
  ['the same folder, also below it', 'src/slack/text/a.ts', "import { b } from '../parse/b.ts';"],
])('the check lets %s pass', (_what, path, text) => {
  expect(violations(new Map([[path, text]]))).toEqual([]);
});
