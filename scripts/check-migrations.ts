import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { systemClock } from '../src/clock.ts';
import { startEmbeddedPostgres } from '../src/postgres/embedded/launcher.ts';
import { migrate } from '../src/postgres/migrate.ts';
import { scratchBase } from '../test/support/scratch.ts';
import { ROOT } from '../test/support/source.ts';
import { migrationProblems } from './migration-rules.ts';

/**
 * `npm run migrations:check`: new migrations keep the rules, the tables in the code and the migrations say the
 * same, and the migrations make a fresh database, twice and by several processes at once.
 */
const problem = brokenRules() ?? missingMigration() ?? (await freshDatabase());
if (problem !== null) {
  console.error(problem);
  process.exit(1);
}
console.log(
  'migrations: each can meet a busy database, the tables match, and a fresh database was made by three at once and again',
);

function brokenRules(): string | null {
  const found = readdirSync(join(ROOT, 'migrations'))
    .filter((name) => name.endsWith('.sql'))
    .flatMap((name) =>
      migrationProblems(name.slice(0, -4), readFileSync(join(ROOT, 'migrations', name), 'utf8')),
    );
  return found.length === 0 ? null : found.join('\n');
}

/** Lets drizzle-kit make what is missing in a copy: there must be nothing to make. */
function missingMigration(): string | null {
  const copy = mkdtempSync(join(tmpdir(), 'skein-migrations-'));
  try {
    for (const part of ['src', 'migrations', 'drizzle.config.ts', 'package.json', 'tsconfig.json'])
      cpSync(join(ROOT, part), join(copy, part), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'), 'junction');
    const before = files(join(copy, 'migrations'));
    execFileSync(process.execPath, [join(copy, 'node_modules/drizzle-kit/bin.cjs'), 'generate'], {
      cwd: copy,
      // It asks what was renamed where it can't tell; without a terminal that is a failure, as it should be.
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const made = files(join(copy, 'migrations')).filter((file) => !before.includes(file));
    return made.length === 0
      ? null
      : `The tables have changed: run npm run migrations:make and commit what it makes (${made.join(', ')}).`;
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

function files(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
}

async function freshDatabase(): Promise<string | null> {
  const dir = mkdtempSync(join(scratchBase(), 'skein-fresh-'));
  chmodSync(dir, 0o711);
  const dataDir = join(dir, 'data');
  mkdirSync(dataDir);
  const quiet = () => {};
  const server = await startEmbeddedPostgres({
    dataDir,
    clock: systemClock,
    log: { info: quiet, warn: quiet, error: quiet },
    fallbackDirs: [scratchBase()],
  });
  try {
    await Promise.all([migrate(server.url), migrate(server.url), migrate(server.url)]);
    const first = await applied(server.url);
    await migrate(server.url);
    const second = await applied(server.url);
    const expected = readdirSync(join(ROOT, 'migrations')).filter((name) => name.endsWith('.sql')).length;
    if (first !== expected) return `${expected} migrations, but ${first} were applied to a fresh database.`;
    return second === first ? null : `Applied twice, the migrations are ${second} instead of ${first}.`;
  } finally {
    await server.stop();
    rmSync(dir, { recursive: true, force: true });
  }
}

async function applied(url: string): Promise<number> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<{ count: number }>(
      'select count(*)::int as count from skein.migrations',
    );
    return rows[0]?.count ?? 0;
  } finally {
    await client.end();
  }
}
