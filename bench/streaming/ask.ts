import { systemClock as clock } from '../../src/clock.ts';
import type { Outcome, Shown } from './measure.ts';
import { ASKER, channelOf, questionText, type Stage } from './stage.ts';
import { marksIn } from './text.ts';
import type { ShapeName } from './trace.ts';

/** What one scenario did with one program. */
export interface RealRun {
  readonly outcomes: readonly Outcome[];
  /** Calls that write, by method; refused ones are not among them. */
  readonly calls: ReadonlyMap<string, number>;
  readonly refused: number;
  /** Words that stand in a thread more than once. */
  readonly doubled: number;
}

interface Asked {
  readonly number: number;
  readonly channel: string;
  readonly ts: string;
  readonly at: number;
}

const LOOK_EVERY_MS = 250;
const WITHIN_MS = 150_000;
/** After the last word: the last edits that only take the buttons away. */
const REST_MS = 1500;
const WRITING = /^chat\.(postMessage|update|startStream|appendStream|stopStream)$/;

let lastNumber = 0;

/** Asks questions at the given moments (milliseconds from now), each in a channel of its own. */
export async function askAll(
  stage: Stage,
  moments: readonly number[],
  seconds: number,
  shape?: ShapeName,
): Promise<RealRun> {
  const start = clock.monotonic();
  const asked = await Promise.all(
    moments.map(async (moment, index): Promise<Asked> => {
      await clock.sleep(moment);
      lastNumber += 1;
      const number = lastNumber;
      const channel = channelOf(index);
      const at = clock.monotonic();
      const { ts } = stage.slack.say(ASKER, channel, questionText(number, seconds, shape));
      return { number, channel, ts, at };
    }),
  );
  while (clock.monotonic() - start < WITHIN_MS && !asked.every((one) => isWhole(stage, one)))
    await clock.sleep(LOOK_EVERY_MS);
  await clock.sleep(REST_MS);
  const written = stage.slack.calls().filter(({ at, method }) => at >= start && WRITING.test(method));
  const calls = new Map<string, number>();
  for (const { method, ok } of written) if (ok) calls.set(method, (calls.get(method) ?? 0) + 1);
  return {
    outcomes: asked.map((one) => outcomeOf(stage, one)),
    calls,
    refused: written.filter(({ status }) => status === 429).length,
    doubled: asked.reduce((sum, one) => sum + doubledIn(stage, one), 0),
  };
}

function answersTo({ slack }: Stage, { channel, ts }: Asked) {
  return slack.thread(channel, ts).filter((message) => message.ts !== ts);
}

function isWhole(stage: Stage, asked: Asked): boolean {
  const sent = stage.tokens(asked.number);
  const seconds = sent.at(-1)?.at;
  if (seconds === undefined || clock.monotonic() - seconds < REST_MS) return false;
  const seen = new Set(answersTo(stage, asked).flatMap(({ visible }) => marksIn(visible)));
  return seen.size >= sent.length;
}

function doubledIn(stage: Stage, asked: Asked): number {
  const marks = answersTo(stage, asked).flatMap(({ visible }) => marksIn(visible));
  return marks.length - new Set(marks).size;
}

/** When Slack showed first that the app is at it; infinite if it never did. */
function statusOf({ slack }: Stage, { channel, ts }: Asked): number {
  const first = slack
    .calls('assistant.threads.setStatus')
    .find(({ ok, args }) => ok && args.channel_id === channel && args.thread_ts === ts && args.status !== '');
  return first === undefined ? Number.POSITIVE_INFINITY : first.at + first.tookMs;
}

function outcomeOf(stage: Stage, asked: Asked): Outcome {
  const { slack } = stage;
  const tokens = stage.tokens(asked.number);
  const looks = answersTo(stage, asked)
    .flatMap(({ ts }) => slack.history(asked.channel, ts))
    .toSorted((a, b) => a.at - b.at);
  const shown: Shown[] = [];
  let most = 0;
  for (const { at, text, blocks } of looks) {
    const seen = Math.max(0, ...marksIn(`${text} ${JSON.stringify(blocks)}`).map((mark) => mark + 1));
    if (seen <= most) continue;
    most = seen;
    shown.push({ at, tokens: Math.min(seen, tokens.length) });
  }
  return {
    trace: { askedAt: asked.at, tokens },
    posted: Math.min(looks[0]?.at ?? Number.POSITIVE_INFINITY, statusOf(stage, asked)),
    shown,
  };
}
