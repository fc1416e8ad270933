/**
 * `npm run bench:streaming -- --fresh`: 1, 5, 10, 20 and 50 answers of 45 s at once and five in each shape, ours in one
 * process and in three with default settings and what somebody would use instead, in some twenty minutes.
 * `npm run bench:streaming`: how livelily answers grow under Slack's limits, ours and what somebody would use
 * instead, on the same stand-ins. About half an hour. Options: `--quick` (1, 5 and 10 at once, no short ones)
 * `--fresh` (each crowd meets processes that have just started) `--seconds 45` (answers) `--shape bursts|thinking|tools` (pauses in the text) `--crowds 1,5,10:bursts:12` (answers, shape, seconds) `--only KEY,KEY` (programs) `--streaming edit,native,auto` (ours) `--wait-minutes 15` (for a
 * quiet machine) `--write` (docs/benchmarks-streaming.md).
 */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { systemClock as clock } from '../../src/clock.ts';
import { QUIET_LOAD, waitForQuiet } from '../quiet.ts';
import { writeTable } from '../write-table.ts';
import type { RealRun } from './ask.ts';
import type { CrowdOption, OneMessage, OneOptions } from './one.ts';
import { type Program, programs } from './programs.ts';
import { realReport } from './report.ts';
import { createRoom } from './room.ts';
import { CROWDS, SECONDS } from './scenarios.ts';
import { SHAPES, type ShapeName } from './trace.ts';

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    crowds: { type: 'string' },
    only: { type: 'string' },
    streaming: { type: 'string' },
    fresh: { type: 'boolean', default: false },
    seconds: { type: 'string' },
    shape: { type: 'string' },
    'wait-minutes': { type: 'string', default: '0' },
    write: { type: 'boolean', default: false },
  },
});
/** More answers at once than this take more of two cores than they have, and measure the machine. */
const MOST_AT_ONCE = 20;
const DOCUMENT = fileURLToPath(new URL('../../docs/benchmarks-streaming.md', import.meta.url));

/** Answers of 45 s, and text with pauses: each with its own seconds, so that all is over within the time of a scenario. */
const FRESH_SECONDS = 45;
const FRESH_CROWDS = `${CROWDS.join(',')},5:bursts:12,5:thinking:24,5:tools:24`;

const seconds = Number(values.seconds ?? (values.fresh ? FRESH_SECONDS : SECONDS));
const listed = values.crowds ?? (values.quick ? '1,5,10' : values.fresh ? FRESH_CROWDS : CROWDS.join(','));
const crowds = listed.split(',').map(crowdOf);
const streaming = (values.streaming ?? (values.fresh ? 'auto' : 'edit,native,auto')).split(',');
const chosen = programs(streaming, process.env).filter(
  ({ key }) => values.only === undefined || values.only.split(',').includes(key),
);
const load = await waitForQuiet(clock, Number(values['wait-minutes']) * 60_000);
const results = new Map<Program, Map<string, RealRun>>();
// The programs wait most of the time, for Slack's minute to pass: they take turns at streaming.
const room = createRoom(MOST_AT_ONCE);

// One after another: many that start at once on two cores are not ready within their time.
const running: Promise<void>[] = [];
for (const program of chosen) {
  program.prepare();
  const { started, ended } = measure(program);
  running.push(ended);
  await started;
}
await Promise.all(running);

const report = realReport(byScenario(), { load, quiet: (load ?? 0) < QUIET_LOAD });
console.log(report);
if (values.write) writeTable(DOCUMENT, report, 'bench:streaming');

/** `5`, `5:bursts` or `5:bursts:12`. */
function crowdOf(listed: string): CrowdOption {
  const [count, named = values.shape, own] = listed.split(':');
  const shape = Object.keys(SHAPES).find((name): name is ShapeName => name === named);
  return { count: Number(count), seconds: Number(own ?? seconds), ...(shape === undefined ? {} : { shape }) };
}

/** A program that can't be measured leaves a line, and the others their figures. */
function measure(program: Program): { started: Promise<void>; ended: Promise<void> } {
  const options: OneOptions = {
    key: program.key,
    streaming,
    crowds,
    short: !values.quick,
    fresh: values.fresh,
  };
  const child = fork(fileURLToPath(new URL('./one.ts', import.meta.url)), [JSON.stringify(options)], {
    execArgv: ['--import', 'tsx'],
    serialization: 'advanced',
  });
  const runs = new Map<string, RealRun>();
  results.set(program, runs);
  let leave = () => {};
  const ended = new Promise<void>((resolve) => {
    child.once('exit', (code) => {
      leave();
      if (code !== 0) console.error(`${program.key} could not be measured: it ended with ${code}`);
      resolve();
    });
  });
  const started = new Promise<void>((resolve) => {
    void ended.then(resolve);
    child.on('message', (message: OneMessage) => {
      if (message.type === 'started') resolve();
      if (message.type === 'leave') leave();
      if (message.type === 'enter')
        void room.enter(message.size).then((left) => {
          leave = once(left);
          if (child.connected) child.send('enter');
          else leave();
        });
      if (message.type !== 'measured') return;
      runs.set(message.title, message.run);
      console.error(`${program.key}: ${message.title}`);
    });
  });
  return { started, ended };
}

function byScenario(): ReadonlyMap<string, ReadonlyMap<Program, RealRun>> {
  const scenarios = new Map<string, Map<Program, RealRun>>();
  for (const [program, runs] of results)
    for (const [title, run] of runs)
      scenarios.set(title, (scenarios.get(title) ?? new Map<Program, RealRun>()).set(program, run));
  return scenarios;
}

function once(call: () => void): () => void {
  let called = false;
  return () => {
    if (!called) call();
    called = true;
  };
}
