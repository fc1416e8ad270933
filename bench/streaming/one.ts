/**
 * Measures one program: a process of its own with its own stand-ins and database, so that programs measured at the
 * same time share nothing but the machine. Started by `run.ts`; its only argument is `OneOptions` as JSON.
 */
import { systemClock as clock } from '../../src/clock.ts';
import { askAll, type RealRun } from './ask.ts';
import { programs } from './programs.ts';
import { type Stage, startStage } from './stage.ts';
import { SHAPES, type ShapeName } from './trace.ts';

export interface OneOptions {
  readonly key: string;
  readonly streaming: readonly string[];
  readonly crowds: readonly number[];
  /** With forty short questions in a minute. */
  readonly short: boolean;
  /** How long the answers take. */
  readonly seconds: number;
  /** Each crowd meets processes that have just started, and have seen no answer; nothing comes before it. */
  readonly fresh: boolean;
  /** How the text of each crowd comes; absent: steadily. */
  readonly shape?: ShapeName;
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

const { key, streaming, crowds, short, seconds, fresh, shape }: OneOptions = JSON.parse(
  process.argv[2] ?? '{}',
);
const program = programs(streaming, process.env).find((one) => one.key === key);
if (program === undefined) throw new Error(`there is no program ${key}`);
let over = false;
/** Who started it is gone, or has all. */
process.once('disconnect', () => process.exit(over ? 0 : 1));

let lastStreamed: Promise<void> = Promise.resolve();
tell({ type: 'started' });
const title = (count: number) =>
  `${count} at once${fresh ? ` for ${seconds} s` : ''}${shape === undefined ? '' : ` in ${shape}`}${fresh ? ', fresh processes' : ''}`;
if (fresh)
  for (const count of crowds)
    await withStage(async (stage) => {
      tell({ type: 'measured', title: title(count), run: await ask(stage, evenly(count), seconds, count) });
    });
else
  await withStage(async (stage) => {
    await ask(stage, evenly(WARM_UP), seconds, WARM_UP);
    for (const count of crowds) {
      await clock.sleep(FORGOTTEN_MS);
      tell({ type: 'measured', title: title(count), run: await ask(stage, evenly(count), seconds, count) });
    }
    if (!short) return;
    await clock.sleep(FORGOTTEN_MS);
    const moments = Array.from({ length: 40 }, (_, place) => 1500 * place);
    const run = await ask(stage, moments, SHORT_SECONDS, SHORT_TOGETHER);
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
  seconds: number,
  together: number,
): Promise<RealRun> {
  const entered = new Promise((resolve) => process.once('message', resolve));
  tell({ type: 'enter', size: together });
  await entered;
  const { textMs, pauseMs } = shape === undefined ? { textMs: 1, pauseMs: 0 } : SHAPES[shape];
  const longer = 1 + pauseMs / textMs;
  const streamed = clock.sleep((moments.at(-1) ?? 0) + 1000 * seconds * longer + STREAMED_MS);
  lastStreamed = streamed.then(() => tell({ type: 'leave' }));
  return askAll(stage, moments, seconds, seconds === SHORT_SECONDS ? undefined : shape);
}
