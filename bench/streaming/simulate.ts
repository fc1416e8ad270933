/**
 * `node --import tsx bench/streaming/simulate.ts`: the pacer in virtual time beside the best possible. No
 * servers, a minute. `--rhythms`: answers of all lengths, with pauses, and after others than were expected, on processes
 * that know nothing. Options: `--only KEY,KEY` (expressions) `--seeds 5` `--processes 1,3` `--streaming edit,native,auto`.
 */
import { parseArgs } from 'node:util';
import type { Streaming } from '../../src/defaults.ts';
import { table } from '../figures.ts';
import { type Metrics, measure } from './measure.ts';
import { type Oracle, oracle } from './oracle.ts';
import { rhythms, scenarios } from './scenarios.ts';
import { CALL_MS, SLACK_UPDATES } from './virtual-slack.ts';
import { run } from './world.ts';

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    seeds: { type: 'string', default: '3' },
    processes: { type: 'string', default: '1,3' },
    streaming: { type: 'string', default: 'auto' },
    rhythms: { type: 'boolean', default: false },
  },
});

interface Row extends Metrics {
  readonly ratio: number;
  readonly exact: boolean;
  readonly calls: ReadonlyMap<string, number>;
  readonly refused: number;
}

const MODES: readonly Streaming[] = ['edit', 'native', 'auto'];
const METHODS = ['chat.update', 'chat.startStream', 'chat.appendStream', 'chat.stopStream'] as const;
const seeds = Array.from({ length: Number(values.seeds) }, (_, index) => 1000 * (index + 1));
const drawn = values.rhythms ? rhythms : scenarios;
const rows: string[][] = [];
const bests = new Map<string, Oracle>();
for (const processes of values.processes.split(',').map(Number))
  for (const { key, title } of drawn(0))
    if (values.only === undefined || values.only.split(',').some((part) => new RegExp(`^${part}$`).test(key)))
      for (const streaming of MODES.filter((mode) => values.streaming.split(',').includes(mode))) {
        const more = `${streaming}${processes === 1 ? '' : `, ${processes} processes`}`;
        const results = await Promise.all(seeds.map((seed) => simulated(key, seed, processes, streaming)));
        rows.push([`${title}: ${more}`, ...cells(results)]);
      }

async function simulated(key: string, seed: number, processes: number, streaming: Streaming): Promise<Row> {
  const scenario = drawn(seed).find((one) => one.key === key);
  if (scenario === undefined) throw new Error(`no scenario ${key}`);
  const { traces, history, channels } = scenario;
  const { outcomes, calls, refused } = await run({
    traces,
    history,
    processes,
    seed,
    streaming,
    ...(channels === undefined ? {} : { channels }),
  });
  const best = bests.get(`${key} ${seed}`) ?? oracle(traces, { ...SLACK_UPDATES, callMs: CALL_MS });
  bests.set(`${key} ${seed}`, best);
  const metrics = measure(outcomes);
  return { ...metrics, ratio: metrics.meanAge / best.meanAge, exact: best.exact, calls, refused };
}

console.log(
  table(
    [
      'seconds; mean over the seeds',
      'visible p95',
      'first words p50 · p95',
      'age mean · p95',
      '÷ best with edits',
      'p95 ÷ mean',
      'largest gap',
      '÷ usual gap',
      'last text p95',
      'update · start · append · stop',
      '429s',
    ],
    rows,
  ),
);

function cells(results: readonly Row[]): string[] {
  const mean = (value: (row: Row) => number) =>
    results.reduce((sum, row) => sum + value(row), 0) / results.length;
  const inSeconds = (value: (row: Row) => number) => (mean(value) / 1000).toFixed(2);
  const exact = results.every((row) => row.exact);
  return [
    inSeconds((row) => row.placeholderP95),
    `${inSeconds((row) => row.firstP50)} · ${inSeconds((row) => row.firstP95)}`,
    `${inSeconds((row) => row.meanAge)} · ${inSeconds((row) => row.p95Age)}`,
    `${exact ? '' : '< '}${mean((row) => row.ratio).toFixed(2)}`,
    mean((row) => row.p95Age / row.meanAge).toFixed(2),
    inSeconds((row) => row.largestGap),
    mean((row) => row.unevenness).toFixed(1),
    inSeconds((row) => row.lastP95),
    METHODS.map((method) => mean((row) => row.calls.get(method) ?? 0).toFixed(0)).join(' · '),
    String(results.reduce((sum, row) => sum + row.refused, 0)),
  ];
}
