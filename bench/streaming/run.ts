/**
 * `npm run bench:streaming`: how livelily answers grow under Slack's limits, ours and what somebody would use
 * instead, on the same stand-ins. Options: `--quick` (1, 5 and 10 at once, all programs side by side, for a
 * look in some minutes) `--crowds 1,5,10` `--only KEY,KEY` (programs) `--streaming edit,native,auto` (ours)
 * `--wait-minutes 15` (for a quiet machine) `--write` (docs/benchmarks-streaming.md).
 */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { systemClock as clock } from '../../src/clock.ts';
import { QUIET_LOAD, waitForQuiet } from '../quiet.ts';
import { askAll, type RealRun } from './ask.ts';
import { type Program, programs } from './programs.ts';
import { realReport } from './report.ts';
import { CROWDS, SECONDS } from './scenarios.ts';
import { startStage } from './stage.ts';

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    crowds: { type: 'string' },
    only: { type: 'string' },
    streaming: { type: 'string', default: 'edit' },
    'wait-minutes': { type: 'string', default: '0' },
    write: { type: 'boolean', default: false },
  },
});
const DOCUMENT = fileURLToPath(new URL('../../docs/benchmarks-streaming.md', import.meta.url));
/** Slack counts over a minute; each scenario begins with the whole of it. */
const FORGOTTEN_MS = 61_000;

const crowds = values.crowds?.split(',').map(Number) ?? (values.quick ? [1, 5, 10] : CROWDS);
const chosen = programs(values.streaming.split(','), process.env).filter(
  ({ key }) => values.only === undefined || values.only.split(',').includes(key),
);
const load = await waitForQuiet(clock, Number(values['wait-minutes']) * 60_000);
const results = new Map<string, Map<Program, RealRun>>();
const keep = (scenario: string, program: Program, run: RealRun) => {
  const runs = results.get(scenario) ?? new Map<Program, RealRun>();
  results.set(scenario, runs.set(program, run));
};

let starting: Promise<unknown> = Promise.resolve();
if (values.quick) await Promise.all(chosen.map(measured));
else for (const program of chosen) await measured(program);

const report = realReport(results, { load, quiet: (load ?? 0) < QUIET_LOAD, sideBySide: values.quick });
console.log(report);
if (values.write) writeFileSync(DOCUMENT, report);

/** A program that can't be measured leaves a line, and the others their figures. */
async function measured(program: Program): Promise<void> {
  await measureOne(program).catch((err: unknown) =>
    console.error(`${program.key} could not be measured:`, err),
  );
}

async function measureOne(program: Program): Promise<void> {
  const stage = await startStage();
  try {
    // One after another: many that start at once on two cores are not ready within their time.
    const start = starting.then(() => program.start(stage));
    starting = start.catch(() => {});
    const children = await start;
    try {
      for (const [index, count] of crowds.entries()) {
        if (index > 0) await clock.sleep(FORGOTTEN_MS);
        // All within a second, evenly.
        const moments = Array.from({ length: count }, (_, place) => (1000 * place) / count);
        keep(`${count} at once`, program, await askAll(stage, moments, SECONDS));
        console.error(`${program.key}: ${count} at once`);
      }
      if (!values.quick) {
        await clock.sleep(FORGOTTEN_MS);
        const moments = Array.from({ length: 40 }, (_, place) => 1500 * place);
        keep('forty short questions in a minute', program, await askAll(stage, moments, 3));
      }
    } finally {
      await Promise.all(children.map((child) => child.stop()));
    }
  } finally {
    await stage.stop();
  }
}
