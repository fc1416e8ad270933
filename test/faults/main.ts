/**
 * `npm run test:faults`: real processes, a real Postgres, and everything that can go wrong with them.
 *
 * Without options the short form: two seeds, one over Socket Mode and one over HTTP, and the planted bugs.
 * `--long`: three seeds of 300 questions and 100 faults each, and the planted bugs. `--seed 7` plays one seed
 * again (with `--long` it and the next two), with `--questions`, `--faults`, `--mode socket|http`. `--from 7` plays the
 * short form with seeds 7 and 8, as CI does. `--planted` runs all planted bugs alone, and the control; with `--bug word`
 * those that have the word in their name, with `--bug none` the control alone.
 * Exit code 1 if a promise was broken, or a planted bug was not found.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Role } from './bots.ts';
import { build } from './build.ts';
import { HURRY, PLANTED, type PlantedBug, SHORT } from './patches.ts';
import { type PlantedResult, runControl, runPlanted } from './planted.ts';
import { createQueue } from './queue.ts';
import { isFound, plantedLine, problemsOf, runLines, tableOf } from './report.ts';
import { type RunOptions, type RunResult, run } from './run.ts';
import { startServer } from './world.ts';

const { values } = parseArgs({
  options: {
    long: { type: 'boolean', default: false },
    planted: { type: 'boolean', default: false },
    seed: { type: 'string' },
    from: { type: 'string' },
    questions: { type: 'string' },
    faults: { type: 'string' },
    mode: { type: 'string' },
    bug: { type: 'string' },
  },
});

type Plan = Pick<RunOptions, 'seed' | 'questions' | 'faults' | 'mode' | 'roles'>;

/** One seed again, and nothing else. */
const alone = values.seed !== undefined && !values.long;
const THREE: readonly Role[] = ['all', 'work', 'receive'];
const MIXED: readonly Role[] = ['all', 'all', 'work'];

function plans(): Plan[] {
  const first = Number(values.seed ?? values.from ?? Math.floor(Math.random() * 1_000_000));
  const questions = Number(values.questions ?? (values.long ? 300 : 24));
  const faults = Number(values.faults ?? (values.long ? 100 : 9));
  const plan = (seed: number, mode: 'socket' | 'http'): Plan => ({
    seed,
    questions,
    faults,
    mode,
    roles: seed % 2 === 0 ? THREE : MIXED,
  });
  if (alone) return [plan(first, values.mode === 'http' ? 'http' : 'socket')];
  if (values.planted) return [];
  const seeds = values.long ? [first, first + 1, first + 2] : [first, first + 1];
  return seeds.map((seed, at) => plan(seed, at % 2 === 0 ? 'socket' : 'http'));
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

const folder = mkdtempSync(join(tmpdir(), 'skein-faults-build-'));
const results: RunResult[] = [];
const planted: PlantedResult[] = [];
try {
  const program = await build(folder, HURRY);
  // Long runs are for a look at what a busy team would meet, one after the other; the short form is for CI.
  const queue = createQueue(values.long ? 1 : 4);
  const todo = plans();
  console.log(`seeds: ${todo.map(({ seed, mode }) => `${seed} (${mode})`).join(', ') || 'none'}`);
  const runs = todo.map((plan) =>
    queue(async () => {
      const result = await run({ ...plan, program, inherited: process.env });
      results.push(result);
      console.log(runLines(result));
      if (result.violations.length === 0) forget(result);
    }),
  );
  if (!alone) {
    const server = await startServer();
    const note = (result: PlantedResult) => {
      planted.push(result);
      console.log(plantedLine(result));
      if (result.bug === null ? result.violations.length === 0 : isFound(result)) forget(result);
    };
    const all = values.long || values.planted;
    const bugs = Object.keys(PLANTED)
      .filter((name): name is PlantedBug => name in PLANTED)
      .filter((bug) => (all ? values.bug === undefined || bug.includes(values.bug) : SHORT.has(bug)));
    // In the short form the seeds are the control: they must be clean.
    const control =
      all && (values.bug ?? 'none') === 'none'
        ? [async () => note(await runControl(server, process.env))]
        : [];
    const more = [
      ...control.map((work) => queue(work)),
      ...bugs.map((bug) => queue(async () => note(await runPlanted(bug, server, process.env)))),
    ];
    await Promise.allSettled(more).then((ends) => server.stop().then(() => rejectedOf(ends)));
  }
  rejectedOf(await Promise.allSettled(runs));
} finally {
  rmSync(folder, { recursive: true });
}
if (values.long || alone) console.log(tableOf(results));
const problems = problemsOf(results, planted);
console.log(problems.length === 0 ? 'All promises were kept, all planted bugs found.' : problems.join('\n'));
process.exitCode = problems.length === 0 ? 0 : 1;

/** Logs that nobody has to look into. */
function forget({ folder }: { readonly folder: string }): void {
  rmSync(folder, { recursive: true, force: true });
}

function rejectedOf(ends: readonly PromiseSettledResult<void>[]): void {
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
}
