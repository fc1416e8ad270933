/**
 * `npm run bench:streaming`: how livelily answers grow under Slack's limits, ours and what somebody would use
 * instead, on the same stand-ins. About half an hour. Options: `--quick` (1, 5 and 10 at once, no short ones)
 * `--crowds 1,5,10` `--only KEY,KEY` (programs) `--streaming edit,native,auto` (ours) `--wait-minutes 15` (for a
 * quiet machine) `--write` (docs/benchmarks-streaming.md).
 */
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { systemClock as clock } from '../../src/clock.ts';
import { QUIET_LOAD, waitForQuiet } from '../quiet.ts';
import { writeTable } from '../write-table.ts';
import { askAll, type RealRun } from './ask.ts';
import { type Program, programs } from './programs.ts';
import { realReport } from './report.ts';
import { createRoom } from './room.ts';
import { CROWDS, SECONDS } from './scenarios.ts';
import { type Stage, startStage } from './stage.ts';

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    crowds: { type: 'string' },
    only: { type: 'string' },
    streaming: { type: 'string', default: 'edit,native,auto' },
    'wait-minutes': { type: 'string', default: '0' },
    write: { type: 'boolean', default: false },
  },
});
const DOCUMENT = fileURLToPath(new URL('../../docs/benchmarks-streaming.md', import.meta.url));
/** Slack counts over a minute; each scenario begins with the whole of it. */
const FORGOTTEN_MS = 61_000;
const SHORT_SECONDS = 3;
/** Forty short questions in a minute: about so many are written at the same time. */
const SHORT_TOGETHER = 5;
/** A stream is over so long after its time at the latest; whoever is still showing it only waits. */
const STREAMED_MS = 5000;
/** An unmeasured crowd comes first: connections are open, and who learns from answers has seen some. */
const WARM_UP = 5;

const crowds = values.crowds?.split(',').map(Number) ?? (values.quick ? [1, 5, 10] : CROWDS);
const chosen = programs(values.streaming.split(','), process.env).filter(
  ({ key }) => values.only === undefined || values.only.split(',').includes(key),
);
const load = await waitForQuiet(clock, Number(values['wait-minutes']) * 60_000);
const results = new Map<string, Map<Program, RealRun>>(
  [...crowds.map(titleOf), ...(values.quick ? [] : ['forty short questions in a minute'])].map((title) => [
    title,
    new Map(),
  ]),
);
// The programs wait most of the time, for Slack's minute to pass: they take turns at streaming.
const room = createRoom(Math.max(...CROWDS));

let starting: Promise<unknown> = Promise.resolve();
await Promise.all(chosen.map(measured));

const report = realReport(inOrder(), { load, quiet: (load ?? 0) < QUIET_LOAD });
console.log(report);
if (values.write) writeTable(DOCUMENT, report, 'bench:streaming');

function titleOf(count: number): string {
  return `${count} at once`;
}

function inOrder(): ReadonlyMap<string, ReadonlyMap<Program, RealRun>> {
  return new Map(
    [...results].map(([title, runs]) => [
      title,
      new Map(
        chosen.flatMap((program) => {
          const run = runs.get(program);
          return run === undefined ? [] : [[program, run] as const];
        }),
      ),
    ]),
  );
}

/** A program that can't be measured leaves a line, and the others their figures. */
async function measured(program: Program): Promise<void> {
  await measureOne(program).catch((err: unknown) =>
    console.error(`${program.key} could not be measured:`, err),
  );
}

async function measureOne(program: Program): Promise<void> {
  const begun = starting.then(async () => {
    const stage = await startStage();
    try {
      return { stage, children: await program.start(stage) };
    } catch (err) {
      await stage.stop();
      throw err;
    }
  });
  // One after another: many that start at once on two cores are not ready within their time.
  starting = begun.catch(() => {});
  const { stage, children } = await begun;
  try {
    await ask(stage, evenly(WARM_UP), SECONDS, WARM_UP);
    for (const count of crowds) {
      await clock.sleep(FORGOTTEN_MS);
      results.get(titleOf(count))?.set(program, await ask(stage, evenly(count), SECONDS, count));
      console.error(`${program.key}: ${titleOf(count)}`);
    }
    if (values.quick) return;
    await clock.sleep(FORGOTTEN_MS);
    const moments = Array.from({ length: 40 }, (_, place) => 1500 * place);
    const run = await ask(stage, moments, SHORT_SECONDS, SHORT_TOGETHER);
    results.get('forty short questions in a minute')?.set(program, run);
  } finally {
    await Promise.all(children.map((child) => child.stop()));
    await stage.stop();
  }
}

/** All within a second. */
function evenly(count: number): number[] {
  return Array.from({ length: count }, (_, place) => (1000 * place) / count);
}

async function ask(
  stage: Stage,
  moments: readonly number[],
  seconds: number,
  together: number,
): Promise<RealRun> {
  const leave = await room.enter(together);
  const streamed = clock.sleep((moments.at(-1) ?? 0) + 1000 * seconds + STREAMED_MS);
  streamed.then(leave, leave);
  return askAll(stage, moments, seconds);
}
