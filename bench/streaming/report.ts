import { table } from '../figures.ts';
import type { RealRun } from './ask.ts';
import { measure } from './measure.ts';
import { oracle } from './oracle.ts';
import type { Program } from './programs.ts';
import { SLACK_UPDATES } from './virtual-slack.ts';

export interface Circumstances {
  /** Programs running on the machine before the start, on average; null if unknown. */
  readonly load: number | null;
  readonly quiet: boolean;
}

const HEADER = [
  'seconds',
  'something visible p95',
  'first words p50 · p95',
  'age of unseen text mean · p95',
  '÷ best with edits',
  'largest gap',
  'last text p95',
  'calls: post · update · start · append · stop',
  '429s',
  'words lost · doubled',
];
const METHODS = [
  'chat.postMessage',
  'chat.update',
  'chat.startStream',
  'chat.appendStream',
  'chat.stopStream',
] as const;

/** The result as a table in Markdown, with a warning if it can't be relied on. */
export function realReport(
  results: ReadonlyMap<string, ReadonlyMap<Program, RealRun>>,
  { load, quiet }: Circumstances,
): string {
  const rows = [...results].flatMap(([scenario, runs]) => [
    [`**${scenario}**`, ...HEADER.slice(1).map(() => '')],
    ...[...runs].map(([{ title }, run]) => [title, ...cells(run)]),
  ]);
  const busy = quiet
    ? ''
    : `**The machine was busy (load ${load ?? 'unknown'}): figures are provisional.**\n\n`;
  return `${busy}${table(HEADER, rows)}`;
}

function cells({ outcomes, calls, refused, doubled }: RealRun): string[] {
  const metrics = measure(outcomes);
  const best = oracle(
    outcomes.map(({ trace }) => trace),
    { ...SLACK_UPDATES, callMs: 0 },
  );
  return [
    seconds(metrics.placeholderP95),
    `${seconds(metrics.firstP50)} · ${seconds(metrics.firstP95)}`,
    `${seconds(metrics.meanAge)} · ${seconds(metrics.p95Age)}`,
    `${best.exact ? '' : '< '}${(metrics.meanAge / best.meanAge).toFixed(2)}`,
    seconds(metrics.largestGap),
    seconds(metrics.lastP95),
    METHODS.map((method) => calls.get(method) ?? 0).join(' · '),
    String(refused),
    `${Math.round(metrics.lost / 5)} · ${doubled}`,
  ];
}

function seconds(ms: number): string {
  return Number.isFinite(ms) ? (ms / 1000).toFixed(2) : 'never';
}
