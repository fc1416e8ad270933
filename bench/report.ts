import { STAGES, type Timing } from './ask.ts';
import { type Figures, figuresOf, inMs, table } from './figures.ts';
import type { Floors } from './floors.ts';

/** The timings of one program, asked in one way. */
export interface Run {
  readonly title: string;
  readonly timings: readonly Timing[];
  /** For each question, until the model had the last request; of a crowd only. */
  readonly shares?: Shares;
}

/** Time of the processors, in milliseconds. */
export interface Shares {
  readonly program: number;
  /** The stand-ins, and the bench itself. */
  readonly bench: number;
  /** Postgres, and whatever else the machine did. */
  readonly others: number;
}

export interface Results {
  readonly oneByOne: readonly Run[];
  readonly atOnce: readonly Run[];
  readonly floors: Floors;
}

/** The whole result as Markdown: one table, first one question at a time, then many at once, then the floors. */
export function reportOf({ oneByOne, atOnce, floors }: Results): string {
  const columns = oneByOne.map(({ title }) => title);
  const floor = {
    roundTrip: figuresOf(floors.roundTrip),
    insert: figuresOf(floors.insert),
    select: figuresOf(floors.select),
  };
  const blank = columns.map(() => '');
  const sharedRow = (title: string, text: string) => [title, text, ...blank.slice(1)];
  return table(
    ['ms: p50 · p95 · p99 · max', ...columns],
    [
      [`**one at a time** (${counts(oneByOne)})`, ...blank],
      ...stageRows(oneByOne),
      [`**all at once** (${counts(atOnce)})`, ...blank],
      ...stageRows(atOnce),
      [
        'processor time a question, until the last request: the program · the stand-ins · Postgres and the rest',
        ...atOnce.map(({ shares }) =>
          shares === undefined ? NONE : [shares.program, shares.bench, shares.others].map(inMs).join(' · '),
        ),
      ],
      ['**floors of the machine, same run**', ...blank],
      sharedRow('HTTP round trip (`users.info`)', cell(floor.roundTrip)),
      sharedRow('durable insert (begin, insert, commit)', cell(floor.insert)),
      sharedRow('`select 1`', cell(floor.select)),
      ['**ratios of p50, one at a time**', ...blank],
      ratioRow('model request ÷ durable insert', oneByOne, 'request', floor.insert),
      ratioRow('placeholder ÷ HTTP round trip', oneByOne, 'placeholder', floor.roundTrip),
      ratioRow('first token visible ÷ HTTP round trip', oneByOne, 'firstVisible', floor.roundTrip),
    ],
  );
}

function counts(runs: readonly Run[]): string {
  return [...new Set(runs.map(({ timings }) => timings.length))].join(', ');
}

function stageRows(runs: readonly Run[]): string[][] {
  const rows = STAGES.map(({ key, title }) => [
    title,
    ...runs.map((run) => cell(figuresFor(run, key))),
  ]).filter(([, ...cells]) => cells.some((text) => text !== NONE));
  const again = runs.map(({ timings }) => timings.filter(({ ack }) => ack === null).length);
  return again.every((count) => count === 0)
    ? rows
    : [...rows, ['questions of which Slack delivered an event again', ...again.map(String)]];
}

function ratioRow(title: string, runs: readonly Run[], key: keyof Timing, floor: Figures | null): string[] {
  return [
    title,
    ...runs.map((run) => {
      const figures = figuresFor(run, key);
      return figures === null || floor === null ? NONE : (figures.p50 / floor.p50).toFixed(1);
    }),
  ];
}

function figuresFor({ timings }: Run, key: keyof Timing): Figures | null {
  return figuresOf(timings.flatMap((timing) => timing[key] ?? []));
}

const NONE = '–';

function cell(figures: Figures | null): string {
  if (figures === null) return NONE;
  return [figures.p50, figures.p95, figures.p99, figures.max].map(inMs).join(' · ');
}
