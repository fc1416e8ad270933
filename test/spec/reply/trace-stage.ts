import type { Streaming } from '../../../src/defaults.ts';
import { createRenderer } from '../../../src/render/renderer.ts';
import { createLengths } from '../../../src/reply/pace/lengths.ts';
import { createPacer } from '../../../src/reply/pace/pacer.ts';
import { createStreamPacer } from '../../../src/reply/pace/stream-pacer.ts';
import type {
  SegmentContent,
  StreamOutcome,
  Streams,
  Surface,
  WriteOutcome,
} from '../../../src/reply/ports.ts';
import { lookOf } from '../../../src/reply/show/look.ts';
import type { Look } from '../../../src/reply/show/plan.ts';
import { createPublisher } from '../../../src/reply/show/publisher.ts';
import { createRestingSeat } from '../../../src/reply/show/resting.ts';
import { NO_STREAMS, type StreamSetting } from '../../../src/reply/show/stream-setting.ts';
import { createVirtualClock } from '../../support/virtual-clock.ts';
import { quiet } from './stage.ts';

/** How long each call takes, there and back. */
const CALL_MS = 80;
const STOP = [{ action: 'stop', label: 'Stop', value: '', style: 'danger' as const }];
const ENDING = 28;

type Fault = Exclude<WriteOutcome, { kind: 'done' }> | Exclude<StreamOutcome, { kind: 'done' }>;

export interface TraceOptions {
  readonly streaming?: Streaming;
  /** What earlier replies took, in milliseconds. */
  readonly earlier?: readonly number[];
  /** The calls that fail: the n-th (from 1) of a method. */
  readonly faults?: Readonly<Record<string, Fault>>;
  /** Prints what a message says whole, not only how it ends. */
  readonly whole?: boolean;
  readonly streamAgeMs?: number;
}

export interface Told {
  /** Milliseconds after the question. */
  readonly at: number;
  readonly text: string;
}

/** What came in for some replies of one workspace, and which calls went to Slack when: one line each. */
export function createTrace({
  streaming = 'edit',
  earlier = [],
  faults = {},
  whole = false,
  streamAgeMs = 240_000,
}: TraceOptions = {}) {
  const clock = createVirtualClock({ startAt: 0 });
  const lengths = createLengths();
  earlier.forEach(lengths.note);
  const pacer = createPacer({ clock, lengths });
  const streamPacer = createStreamPacer({ clock, lengths, edits: pacer });
  const lines: string[] = [];
  const counts = new Map<string, number>();
  let messages = 0;

  const say = (who: string, words: string) =>
    lines.push(`${String(Math.round(clock.monotonic())).padStart(6)} ms  ${who}${words}`);

  const call = async (who: string, method: string, ts: string | null, content: Partial<SegmentContent>) => {
    const count = (counts.get(method) ?? 0) + 1;
    counts.set(method, count);
    const fault = faults[`${method} ${count}`];
    const shownTs = ts ?? `m${++messages}`;
    say(
      who,
      `> ${method} ${shownTs}: ${wordsOf(content)}${fault === undefined ? '' : `  -> ${saying(fault)}`}`,
    );
    if (whole && content.markdown !== undefined && content.markdown !== '')
      lines.push(...content.markdown.split('\n').map((line) => `             | ${line}`));
    await clock.sleep(CALL_MS);
    return { fault, ts: shownTs };
  };

  /** Writes one reply from its question to its end. `stopAt`: a person presses Stop. */
  const reply = async (
    who: string,
    told: readonly Told[],
    { askedAt = 0, stopAt = Number.POSITIVE_INFINITY }: { askedAt?: number; stopAt?: number } = {},
  ): Promise<void> => {
    await clock.sleep(askedAt);
    say(who, '< question');
    const channel = `C${who}`;
    const write = async (
      method: string,
      ts: string | null,
      content: SegmentContent,
    ): Promise<WriteOutcome> => {
      const { fault, ts: at } = await call(who, method, ts, content);
      return fault === undefined ? { kind: 'done', ts: at } : asWrite(fault);
    };
    const grow = async (
      method: string,
      ts: string | null,
      content: Partial<SegmentContent>,
    ): Promise<StreamOutcome> => {
      const { fault, ts: at } = await call(who, method, ts, content);
      return fault === undefined ? { kind: 'done', ts: at } : asStream(fault);
    };
    const surface: Surface = {
      post: (_place, content) => write('chat.postMessage', null, content),
      update: (_place, ts, content) => write('chat.update', ts, content),
      remove: (_place, ts) => write('chat.delete', ts, { markdown: '', notice: null, buttons: [] }),
      find: async () => null,
    };
    const streams: Streams = {
      start: (_place, _to, { markdown }) => grow('chat.startStream', null, { markdown }),
      append: (_place, ts, markdown) => grow('chat.appendStream', ts, { markdown }),
      stop: (_place, ts, end) => grow('chat.stopStream', ts, end),
      findOrphan: async () => null,
      status: async (_place, words) => {
        say(who, `> assistant.threads.setStatus: ${words}`);
        return true;
      },
    };
    const since = clock.monotonic();
    const renderer = createRenderer({ steady: streaming !== 'edit' });
    const seat = createRestingSeat(pacer, 'T1', channel, clock.monotonic());
    const setting: StreamSetting =
      streaming === 'edit'
        ? NO_STREAMS
        : {
            ...NO_STREAMS,
            streaming,
            streams,
            seat: streamPacer.join('T1', seat.rhythm),
            onRest: seat.rest,
            ageMs: streamAgeMs,
          };
    let last: Look | null = null;
    let begun = false;
    const look = () =>
      lookOf(
        renderer.segments(),
        { notice: begun ? null : 'Thinking…', buttons: STOP },
        { settled: renderer.settled() },
      );
    const publisher = createPublisher({
      place: { team: 'T1', channel, threadTs: '1.0' },
      reply: who,
      after: '1.0',
      surface,
      seat,
      clock,
      log: quiet,
      signal: new AbortController().signal,
      held: () => true,
      confirm: async () => true,
      look: async () => last ?? look(),
      known: [],
      streams: setting,
      onIntent: async () => {},
      onPlaced: async () => {},
      onGone: () => say(who, '< gone'),
      onFirstText: () => {},
    });
    for (const { at, text } of told) {
      if (at > stopAt) break;
      await clock.sleep(since + at - clock.monotonic());
      say(who, `< ${JSON.stringify(text.length > 40 ? `${text.slice(0, 39)}…` : text)}`);
      begun = true;
      renderer.push(text);
      publisher.changed();
    }
    const stopped = Number.isFinite(stopAt);
    if (stopped) await clock.sleep(since + stopAt - clock.monotonic());
    say(who, stopped ? '< Stop' : '< end');
    renderer.finish();
    last = lookOf(renderer.segments(), { notice: stopped ? 'Stopped by Ana.' : 'Sonnet · 3 s', buttons: [] });
    const end = await publisher.finish();
    say(who, `= ${end}`);
    seat.leave();
    setting.seat.leave();
  };

  return {
    reply,
    /** Lets the replies run to their end and gives the trace. */
    async read(...replies: readonly Promise<void>[]): Promise<string> {
      const all = Promise.all(replies);
      all.catch(() => {});
      await clock.advance(130_000);
      await all;
      return `${lines.join('\n')}\n`;
    },
  };
}

function wordsOf({ markdown = '', notice, buttons = [], as }: Partial<SegmentContent>): string {
  const end = markdown.length > ENDING ? `…${markdown.slice(-ENDING)}` : markdown;
  return [
    markdown === '' ? '' : `${markdown.length} characters ${JSON.stringify(end)}`,
    as !== undefined ? 'as plain text' : '',
    notice == null ? '' : `(${notice})`,
    ...buttons.map((button) => `[${button.kind ?? button.label}]`),
  ]
    .filter((part) => part !== '')
    .join(' ');
}

function saying(fault: Fault): string {
  if (fault.kind === 'limited') return `429, wait ${fault.retryAfterMs / 1000} s`;
  return `${fault.kind}, ${fault.message}`;
}

function asWrite(fault: Fault): WriteOutcome {
  if (fault.kind === 'over' || fault.kind === 'stopped' || fault.kind === 'refused')
    throw new Error(`no outcome of an edit: ${fault.kind}`);
  return fault;
}

function asStream(fault: Fault): StreamOutcome {
  if (fault.kind === 'content_refused' || fault.kind === 'streaming' || fault.kind === 'gone')
    throw new Error(`no outcome of a stream: ${fault.kind}`);
  return fault;
}
