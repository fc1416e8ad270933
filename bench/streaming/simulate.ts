/**
 * `node --import tsx bench/streaming/simulate.ts`: the pacer in virtual time beside the best possible. No
 * servers, some seconds. Options: `--only KEY,KEY` `--seeds 5` `--processes 1,3`.
 */
import { parseArgs } from 'node:util';
import { table } from '../figures.ts';
import { type Metrics, measure } from './measure.ts';
import { type Oracle, oracle } from './oracle.ts';
import { scenarios } from './scenarios.ts';
import { CALL_MS, run, SLACK_UPDATES } from './world.ts';

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    seeds: { type: 'string', default: '3' },
    processes: { type: 'string', default: '1,3' },
  },
});

interface Row extends Metrics {
  readonly ratio: number;
  readonly exact: boolean;
  readonly calls: number;
  readonly refused: number;
}

const seeds = Array.from({ length: Number(values.seeds) }, (_, index) => 1000 * (index + 1));
const rows: string[][] = [];
const bests = new Map<string, Oracle>();
for (const processes of values.processes.split(',').map(Number)) {
  for (const { key, title } of scenarios(0)) {
    if (values.only !== undefined && !values.only.split(',').includes(key)) continue;
    const results: Row[] = [];
    for (const seed of seeds) {
      const scenario = scenarios(seed).find((one) => one.key === key);
      if (scenario === undefined) continue;
      const { traces, history } = scenario;
      const { outcomes, calls, refused } = await run({ traces, history, processes, seed });
      const best = bests.get(`${key} ${seed}`) ?? oracle(traces, { ...SLACK_UPDATES, callMs: CALL_MS });
      bests.set(`${key} ${seed}`, best);
      const metrics = measure(outcomes);
      results.push({ ...metrics, ratio: metrics.meanAge / best.meanAge, exact: best.exact, calls, refused });
    }
    rows.push([processes === 1 ? title : `${title}, ${processes} processes`, ...cells(results)]);
  }
}
console.log(
  table(
    [
      'seconds; mean over the seeds',
      'first words p50 · p95',
      'age mean · p95',
      '÷ best possible',
      'largest gap',
      'last text p95',
      'edits',
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
    `${inSeconds((row) => row.firstP50)} · ${inSeconds((row) => row.firstP95)}`,
    `${inSeconds((row) => row.meanAge)} · ${inSeconds((row) => row.p95Age)}`,
    `${exact ? '' : '< '}${mean((row) => row.ratio).toFixed(2)}`,
    inSeconds((row) => row.largestGap),
    inSeconds((row) => row.lastP95),
    mean((row) => row.calls).toFixed(0),
    String(results.reduce((sum, row) => sum + row.refused, 0)),
  ];
}
