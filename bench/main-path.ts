/**
 * `npm run bench`: how long the way of one message takes, beside the machine's own floors and beside what
 * somebody would write instead. Options: `--count 200` `--crowd 50` `--only socket|http|plain`
 * `--wait-minutes 15` (for a quiet machine) `--trace` (what the last question waited for) `--profile DIR` (CPU
 * profiles of the programs) `--write` (docs/benchmarks.md).
 */
import { availableParallelism, cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { systemClock } from '../src/clock.ts';
import { askAtOnce, askOneByOne } from './ask.ts';
import { type Child, startChild } from './child.ts';
import { type Floors, measureFloors } from './floors.ts';
import { QUIET_LOAD, waitForQuiet } from './quiet.ts';
import { type Run, reportOf, type Shares } from './report.ts';
import { type Stage, startStage } from './stage.ts';
import { timelineOf } from './timeline.ts';
import { writeTable } from './write-table.ts';

const DOCUMENT = fileURLToPath(new URL('../docs/benchmarks.md', import.meta.url));
const WARM_UP = 30;

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '200' },
    crowd: { type: 'string', default: '50' },
    only: { type: 'string' },
    'wait-minutes': { type: 'string', default: '0' },
    trace: { type: 'boolean', default: false },
    profile: { type: 'string' },
    write: { type: 'boolean', default: false },
  },
});
const count = Number(values.count);
const crowd = Number(values.crowd);

interface Program {
  readonly key: string;
  readonly title: string;
  start(stage: Stage): Promise<Child>;
}

/** Streams of Slack's own have budgets that stay as they are; what is measured is the way through the bot. */
const traced: Record<string, string> = {
  DEFAULT_STREAMING: 'edit',
  ...(values.trace ? { BENCH_TRACE: 'on' } : {}),
};
const flags = values.profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${values.profile}`];
const programs: readonly Program[] = [
  {
    key: 'socket',
    title: 'Skein, Socket Mode',
    async start(stage) {
      const env = { ...stage.env, ...traced, SLACK_APP_TOKEN: stage.slack.appToken };
      const child = await startChild('./bot.ts', { env, inherited: process.env, flags });
      await stage.slack.waitForSockets(1);
      return child;
    },
  },
  {
    key: 'http',
    title: 'Skein, HTTP',
    async start(stage) {
      const env = { ...stage.env, ...traced, SLACK_SIGNING_SECRET: stage.slack.signingSecret };
      const child = await startChild('./bot.ts', { env, inherited: process.env, flags });
      stage.slack.deliverTo(`http://127.0.0.1:${child.port}/slack/events`);
      return child;
    },
  },
  {
    key: 'plain',
    title: 'plain Bolt app, Socket Mode',
    async start(stage) {
      const env = { ...stage.env, ...traced, SLACK_APP_TOKEN: stage.slack.appToken };
      const child = await startChild('./plain-bolt.ts', { env, inherited: process.env, flags });
      await stage.slack.waitForSockets(1);
      return child;
    },
  },
];

const load = await waitForQuiet(systemClock, Number(values['wait-minutes']) * 60_000);
const warning =
  load !== null && load >= QUIET_LOAD
    ? `The machine was not idle (load ${load.toFixed(1)} on ${availableParallelism()} cores): all of these figures, the floors too, are worse than its best.`
    : null;
if (warning !== null) console.error(warning);

const oneByOne: Run[] = [];
const atOnce: Run[] = [];
let floors: Floors | null = null;
for (const program of programs.filter(({ key }) => values.only === undefined || values.only === key)) {
  // A stage for each: what one program spent of the workspace's allowance, the next would know from the database.
  const { stage, stop } = await startStage();
  try {
    await measure(stage, program);
    floors ??= await measureFloors(stage, count);
  } finally {
    await stop();
  }
}
if (floors === null) throw new Error(`there is no program named ${values.only}`);
const report = reportOf({ oneByOne, atOnce, floors });
console.log(report);
if (values.write) writeTable(DOCUMENT, warning === null ? report : `${warning}\n\n${report}`);

async function measure(stage: Stage, { key, title, start }: Program): Promise<void> {
  const child = await start(stage);
  try {
    await askOneByOne(stage, child, WARM_UP);
    oneByOne.push({ title, timings: await askOneByOne(stage, child, count) });
    if (values.trace && key !== 'plain') console.log(timelineOf(stage, await child.trace()));
    // The first crowd opens connections to the database and to the stand-ins.
    await askAtOnce(stage, child, crowd);
    const before = await used(child);
    let requested = before;
    const timings = await askAtOnce(stage, child, crowd, async () => {
      requested = await used(child);
    });
    const spent = (key: keyof Shares) => (requested[key] - before[key]) / crowd;
    atOnce.push({
      title,
      timings,
      shares: { program: spent('program'), bench: spent('bench'), others: spent('others') },
    });
  } finally {
    stage.slack.deliverTo(undefined);
    await child.stop();
    await stage.slack.waitForSockets(0);
  }
}

/** Time of the processors that was used so far, in milliseconds. */
async function used(child: Child): Promise<Shares> {
  const { user, system } = process.cpuUsage();
  const all = cpus().reduce((sum, { times }) => sum + times.user + times.nice + times.sys + times.irq, 0);
  const bench = (user + system) / 1000;
  const program = await child.cpu();
  return { program, bench, others: all - bench - program };
}
