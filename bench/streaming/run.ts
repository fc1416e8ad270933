/**
 * `npm run bench:streaming`: how livelily answers grow under Slack's limits, ours and what somebody would use
 * instead, on the same stand-ins. About half an hour. Options: `--quick` (1, 5 and 10 at once, no short ones)
 * `--fresh` (each crowd meets processes that have just started) `--seconds 45` (answers) `--shape bursts|thinking|tools` (pauses in the text) `--crowds 1,5,10` `--only KEY,KEY` (programs) `--streaming edit,native,auto` (ours) `--wait-minutes 15` (for a
 * quiet machine) `--write` (docs/benchmarks-streaming.md).
 */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { systemClock as clock } from '../../src/clock.ts';
import { QUIET_LOAD, waitForQuiet } from '../quiet.ts';
import { writeTable } from '../write-table.ts';
import type { RealRun } from './ask.ts';
import type { OneMessage, OneOptions } from './one.ts';
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
    streaming: { type: 'string', default: 'edit,native,auto' },
    fresh: { type: 'boolean', default: false },
    seconds: { type: 'string', default: `${SECONDS}` },
    shape: { type: 'string' },
    'wait-minutes': { type: 'string', default: '0' },
    write: { type: 'boolean', default: false },
  },
});
/** More answers at once than this take more of two cores than they have, and measure the machine. */
const MOST_AT_ONCE = 20;
const DOCUMENT = fileURLToPath(new URL('../../docs/benchmarks-streaming.md', import.meta.url));

const shape = Object.keys(SHAPES).find((name): name is ShapeName => name === values.shape);
const crowds = values.crowds?.split(',').map(Number) ?? (values.quick ? [1, 5, 10] : CROWDS);
const streaming = values.streaming.split(',');
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
  const { started, ended } = measure(program);
  running.push(ended);
  await started;
}
await Promise.all(running);

const report = realReport(byScenario(), { load, quiet: (load ?? 0) < QUIET_LOAD });
console.log(report);
if (values.write) writeTable(DOCUMENT, report, 'bench:streaming');

/** A program that can't be measured leaves a line, and the others their figures. */
function measure(program: Program): { started: Promise<void>; ended: Promise<void> } {
  const options: OneOptions = {
    key: program.key,
    streaming,
    crowds,
    short: !values.quick,
    seconds: Number(values.seconds),
    fresh: values.fresh,
    ...(shape === undefined ? {} : { shape }),
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
