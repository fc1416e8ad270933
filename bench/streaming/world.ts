import type { Elsewhere, Spending } from '../../src/allowances/store.ts';
import type { Streaming } from '../../src/defaults.ts';
import { createLog } from '../../src/log.ts';
import { createLengths } from '../../src/reply/pace/lengths.ts';
import { createPacer, type Pacer } from '../../src/reply/pace/pacer.ts';
import { createStreamPacer, type StreamPacer } from '../../src/reply/pace/stream-pacer.ts';
import { lookOf } from '../../src/reply/show/look.ts';
import type { Look } from '../../src/reply/show/plan.ts';
import { createPublisher } from '../../src/reply/show/publisher.ts';
import { createRestingSeat } from '../../src/reply/show/resting.ts';
import { NO_STREAMS, type StreamSetting } from '../../src/reply/show/stream-setting.ts';
import { createVirtualClock, type VirtualClock } from '../../test/support/virtual-clock.ts';
import type { Outcome, Shown } from './measure.ts';
import { chance, endOf, type Trace } from './trace.ts';
import { createVirtualSlack } from './virtual-slack.ts';

/** How late a process learns of the calls of others: one statement in the database. */
const LAG_MS = 5;
/** Characters of one message, as `render/limits.ts` has it. */
const SEGMENT = 11_500;
const LATEST_MS = 400_000;
/** Sums of fractions do not meet their moment exactly. */
const ROUNDING_MS = 0.001;

const silent = createLog('error', { write: () => {} });

export interface Result {
  readonly outcomes: readonly Outcome[];
  /** Calls that Slack took, by method. */
  readonly calls: ReadonlyMap<string, number>;
  /** Calls that Slack would have refused. */
  readonly refused: number;
}

export interface RunOptions {
  readonly traces: readonly Trace[];
  /** Durations of earlier answers, in milliseconds, which every process has read. */
  readonly history: readonly number[];
  readonly processes: number;
  readonly seed: number;
  readonly streaming?: Streaming;
  /** In how many channels the answers are; absent: each in its own. */
  readonly channels?: number;
}

interface Process {
  readonly pacer: Pacer;
  readonly streams: StreamPacer;
}

/** The real pacers and the real publisher, in virtual time, on a Slack that only counts. */
export async function run({
  traces,
  history,
  processes,
  seed,
  streaming = 'edit',
  channels = traces.length,
}: RunOptions): Promise<Result> {
  const clock = createVirtualClock();
  const slack = createVirtualSlack(clock, chance(seed));
  const shared = createShared(clock);
  const all = Array.from({ length: processes }, (_, index): Process => {
    const lengths = createLengths();
    history.forEach(lengths.note);
    const account = () => shared.open(index);
    const pacer = createPacer({ clock, lengths, ...(processes > 1 ? { spending: account() } : {}) });
    const spending = processes > 1 ? { spending: { appends: account(), others: account() } } : {};
    return { pacer, streams: createStreamPacer({ clock, lengths, edits: pacer, ...spending }) };
  });
  const start = clock.monotonic();
  const running = traces.map((trace, index) => {
    const process = all[index % processes];
    if (process === undefined) throw new Error('no process');
    return write({
      clock,
      process,
      slack,
      trace,
      start,
      streaming,
      channel: `C${index % channels}`,
      reply: `${index}`,
    });
  });
  let over = false;
  const outcomes = Promise.all(running).finally(() => {
    over = true;
  });
  outcomes.catch(() => {});
  while (!over && clock.monotonic() - start < LATEST_MS) await clock.advance(1000);
  if (!over) throw new Error('an answer was never shown to its end');
  return { outcomes: await outcomes, ...slack.counts() };
}

interface Writing {
  readonly clock: VirtualClock;
  readonly process: Process;
  readonly slack: ReturnType<typeof createVirtualSlack>;
  readonly trace: Trace;
  readonly start: number;
  readonly channel: string;
  readonly reply: string;
  readonly streaming: Streaming;
}

async function write(writing: Writing): Promise<Outcome> {
  const { clock, process, slack, trace, start, channel, reply, streaming } = writing;
  const now = () => clock.monotonic() - start;
  /** Each token is a word with its blank. `upTo`: characters of the first so many tokens. */
  const text = trace.tokens
    .map(({ chars }) => `${'x'.repeat(Math.max(1, chars - 1))}${chars > 1 ? ' ' : ''}`)
    .join('');
  const upTo = [0];
  for (const { chars } of trace.tokens) upTo.push((upTo.at(-1) ?? 0) + chars);
  let received = 0;
  let last: Look | null = null;
  let posted = Number.POSITIVE_INFINITY;
  const shown: Shown[] = [];
  await clock.sleep(trace.askedAt);
  const visible = () => {
    posted = Math.min(posted, now());
  };
  const messages = new Map<string, string>();
  const { surface, streams } = slack.edges((ts, markdown) => {
    visible();
    messages.set(ts, markdown);
    // A blank at the end is not sent.
    let length = 0;
    for (const part of messages.values()) {
      if (!text.startsWith(part, length)) throw new Error('a text that was never received');
      length += part.length;
      if (text[length] === ' ') length += 1;
    }
    const tokens = upTo.findLastIndex((chars) => chars <= length);
    if (tokens > (shown.at(-1)?.tokens ?? 0)) shown.push({ at: now(), tokens });
  }, visible);
  const seat = createRestingSeat(process.pacer, 'T1', channel, clock.monotonic());
  const setting: StreamSetting =
    streaming === 'edit'
      ? { ...NO_STREAMS, streams: { ...NO_STREAMS.streams, status: streams.status } }
      : {
          ...NO_STREAMS,
          streaming,
          streams,
          seat: process.streams.join('T1', seat.rhythm),
          onRest: seat.rest,
        };
  const never = new AbortController();
  const look = () => {
    const line = { notice: received === 0 ? 'Thinking…' : null, buttons: [] };
    const segments = segmentsOf(text.slice(0, upTo[received]));
    return lookOf(segments, line, { settled: segments.at(-1)?.markdown ?? '' });
  };
  const publisher = createPublisher({
    place: { team: 'T1', channel, threadTs: '1.0' },
    reply,
    after: '1.0',
    surface,
    seat,
    clock,
    log: silent,
    signal: never.signal,
    held: () => true,
    confirm: async () => true,
    look: async () => last ?? look(),
    known: [],
    streams: setting,
    onIntent: async () => {},
    onPlaced: async () => {},
    onGone: () => {},
    onFirstText: () => {},
  });
  while (received < trace.tokens.length) {
    await clock.sleep(Math.max(0, (trace.tokens[received]?.at ?? 0) - now()));
    while ((trace.tokens[received]?.at ?? Number.POSITIVE_INFINITY) <= now() + ROUNDING_MS) received += 1;
    publisher.changed();
  }
  await clock.sleep(endOf(trace) - now());
  last = lookOf(
    segmentsOf(text).map(({ markdown }) => ({ markdown, sealed: true })),
    { notice: 'Done.', buttons: [] },
  );
  await publisher.finish();
  seat.leave();
  setting.seat.leave();
  return { trace, posted, shown };
}

/** Messages of a size that Slack takes, cut behind a word. */
function segmentsOf(text: string): { markdown: string; sealed: boolean }[] {
  const segments: { markdown: string; sealed: boolean }[] = [];
  for (let rest = text; rest !== ''; ) {
    const full = rest.length > SEGMENT;
    const cut = full ? rest.lastIndexOf(' ', SEGMENT) : rest.length;
    segments.push({ markdown: rest.slice(0, cut).trimEnd(), sealed: full });
    rest = full ? rest.slice(cut + 1) : '';
  }
  return segments;
}

/** What the table `spendings` does, without a database: a row is read by others from `LAG_MS` on. */
function createShared(clock: VirtualClock) {
  const rows: {
    readonly team: string;
    readonly method: string;
    readonly process: number;
    readonly at: number;
  }[] = [];
  return {
    open(process: number): Spending {
      let read = 0;
      const others = async (team: string): Promise<readonly Elsewhere[]> => {
        await clock.sleep(LAG_MS);
        const from = read;
        read = rows.length;
        const now = clock.monotonic();
        return rows
          .slice(from)
          .filter((row) => row.team === team && row.process !== process && row.at > now - 90_000)
          .map(({ method, at }) => ({ method, ago: now - at }));
      };
      return {
        spent(team, method) {
          rows.push({ team, method, process, at: clock.monotonic() });
          return others(team);
        },
        others,
        purge: () => Promise.resolve(),
      };
    },
  };
}
