/**
 * Measures one program: a process of its own with its own stand-ins and database, so that programs measured at the
 * same time share nothing but the machine. Started by `run.ts`; its only argument is `OneOptions` as JSON.
 */
import { systemClock as clock } from '../../src/clock.ts';
import { askAll, type RealRun } from './ask.ts';
import { programs } from './programs.ts';
import { type Stage, startStage } from './stage.ts';
import { SHAPES, type ShapeName } from './trace.ts';

/** So many answers at once, each of so many seconds of text; `shape`: how it comes, absent: steadily. */
export interface CrowdOption {
  readonly count: number;
  readonly seconds: number;
  readonly shape?: ShapeName;
}

export interface OneOptions {
  readonly key: string;
  readonly streaming: readonly string[];
  readonly crowds: readonly CrowdOption[];
  /** With forty short questions in a minute. */
  readonly short: boolean;
  /** Each crowd meets processes that have just started, and have seen no answer; nothing comes before it. */
  readonly fresh: boolean;
}

/** What it tells who started it; after `enter` it waits for an answer. */
export type OneMessage =
  | { readonly type: 'started' }
  | { readonly type: 'enter'; readonly size: number }
  | { readonly type: 'leave' }
  | { readonly type: 'measured'; readonly title: string; readonly run: RealRun };

/** Slack counts over a minute; each scenario begins with the whole of it. */
const FORGOTTEN_MS = 61_000;
const SHORT_SECONDS = 3;
/** Forty short questions in a minute: about so many are written at the same time. */
const SHORT_TOGETHER = 5;
/** A stream is over so long after its time at the latest; whoever is still showing it only waits. */
const STREAMED_MS = 5000;
/** An unmeasured crowd comes first: connections are open, and who learns from answers has seen some. */
const WARM_UP = 5;

const { key, streaming, crowds, short, fresh }: OneOptions = JSON.parse(process.argv[2] ?? '{}');
const program = programs(streaming, process.env).find((one) => one.key === key);
if (program === undefined) throw new Error(`there is no program ${key}`);
let over = false;
/** Who started it is gone, or has all. */
process.once('disconnect', () => process.exit(over ? 0 : 1));

let lastStreamed: Promise<void> = Promise.resolve();
tell({ type: 'started' });
const title = ({ count, seconds, shape }: CrowdOption) =>
  `${count} at once${fresh ? ` for ${seconds} s` : ''}${shape === undefined ? '' : ` in ${shape}`}${fresh ? ', fresh processes' : ''}`;
if (fresh)
  for (const one of crowds)
    await withStage(async (stage) => {
      tell({ type: 'measured', title: title(one), run: await ask(stage, evenly(one.count), one) });
    });
else
  await withStage(async (stage) => {
    await ask(stage, evenly(WARM_UP), { count: WARM_UP, seconds: crowds[0]?.seconds ?? SHORT_SECONDS });
    for (const one of crowds) {
      await clock.sleep(FORGOTTEN_MS);
      tell({ type: 'measured', title: title(one), run: await ask(stage, evenly(one.count), one) });
    }
    if (!short) return;
    await clock.sleep(FORGOTTEN_MS);
    const moments = Array.from({ length: 40 }, (_, place) => 1500 * place);
    const run = await ask(stage, moments, { count: SHORT_TOGETHER, seconds: SHORT_SECONDS });
    tell({ type: 'measured', title: 'forty short questions in a minute', run });
  });
await lastStreamed;
over = true;
process.disconnect();

function tell(message: OneMessage): void {
  process.send?.(message);
}

/** All within a second. */
function evenly(count: number): number[] {
  return Array.from({ length: count }, (_, place) => (1000 * place) / count);
}

async function withStage(work: (stage: Stage) => Promise<void>): Promise<void> {
  const stage = await startStage();
  const children = (await program?.start(stage)) ?? [];
  await work(stage);
  await Promise.all(children.map((child) => child.stop()));
  await stage.stop();
}

async function ask(
  stage: Stage,
  moments: readonly number[],
  { count: together, seconds, shape }: CrowdOption,
): Promise<RealRun> {
  const entered = new Promise((resolve) => process.once('message', resolve));
  tell({ type: 'enter', size: together });
  await entered;
  const { textMs, pauseMs } = shape === undefined ? { textMs: 1, pauseMs: 0 } : SHAPES[shape];
  const longer = 1 + pauseMs / textMs;
  const streamed = clock.sleep((moments.at(-1) ?? 0) + 1000 * seconds * longer + STREAMED_MS);
  lastStreamed = streamed.then(() => tell({ type: 'leave' }));
  return askAll(stage, moments, seconds, shape);
}
