import type { Log } from '../../../src/log.ts';
import { createLog } from '../../../src/log.ts';
import type { Seat, TurnKind } from '../../../src/reply/pace/pacer.ts';
import type { Place, SegmentContent, Surface, WriteOutcome } from '../../../src/reply/ports.ts';
import type { Look } from '../../../src/reply/show/plan.ts';
import { createPublisher } from '../../../src/reply/show/publisher.ts';
import { NO_STREAMS } from '../../../src/reply/show/stream-setting.ts';
import { createVirtualClock } from '../../support/virtual-clock.ts';

const place: Place = { team: 'T1', channel: 'C1', threadTs: '1.0' };
const CALL_MS = 50;

export const quiet: Log = createLog('error', { write: () => {} });
export const done = (ts: string): WriteOutcome => ({ kind: 'done', ts });
export const failure = (kind: 'failed' | 'unclear' | 'content_refused' | 'gone'): WriteOutcome => ({
  kind,
  code: 'SLACK_FAILED',
  message: 'as the test wants it',
});

export interface Sent {
  readonly method: 'post' | 'update';
  readonly index: number;
  readonly markdown: string;
  readonly notice: string | null;
  readonly as: SegmentContent['as'];
}

interface Known {
  readonly index: number;
  readonly ts: string | null;
  readonly shows?: { readonly content: SegmentContent; readonly leftover: boolean };
}

/** A publisher on a surface that keeps what it is sent, and a seat that gives every turn when it is told to. */
export function setUp({
  known = [],
  looks = ['Thinking'],
  notice = null,
}: {
  known?: Known[];
  looks?: string[];
  notice?: string | null;
} = {}) {
  const clock = createVirtualClock();
  const signal = new AbortController();
  const sent: Sent[] = [];
  const outcomes: (WriteOutcome | 'lands unclear')[] = [];
  const turns: TurnKind[] = [];
  const limited: number[] = [];
  const placed: [number, string][] = [];
  const events: string[] = [];
  /** Messages in the thread, by ts. */
  const messages = new Map<string, { index: number; markdown: string; notice: string | null }>();
  for (const { index, ts } of known)
    if (ts !== null) messages.set(ts, { index, markdown: '?', notice: null });
  const state = {
    look: lookOf(looks, notice),
    held: true,
    found: null as string | null | 'unknown',
    inFlight: 0,
    most: 0,
    turnMs: 0,
    /** When an edit would show the first words. */
    firstWordsMs: 0,
    room: true,
    /** Whether Slack shows a line beside the thread. */
    showsStatus: true,
    intents: [] as number[],
  };

  const call = async (method: Sent['method'], index: number, ts: string, content: SegmentContent) => {
    state.inFlight += 1;
    state.most = Math.max(state.most, state.inFlight);
    await clock.sleep(CALL_MS);
    state.inFlight -= 1;
    const { markdown, notice, as } = content;
    sent.push({ method, index, markdown, notice, as });
    const outcome = outcomes.shift() ?? done(ts);
    if (outcome === 'lands unclear' || outcome.kind === 'done') messages.set(ts, { index, markdown, notice });
    return outcome === 'lands unclear' ? failure('unclear') : outcome;
  };
  const surface: Surface = {
    post: async (_place, content, mark, allowed) =>
      allowed()
        ? call('post', mark.segment, `ts${mark.segment}.${messages.size}`, content)
        : failure('failed'),
    update: async (_place, ts, content, allowed) =>
      allowed() ? call('update', messages.get(ts)?.index ?? -1, ts, content) : failure('failed'),
    remove: async (_place, ts) => ({ kind: 'done', ts }),
    async find(_place, _after, mark) {
      await clock.sleep(CALL_MS);
      events.push('find');
      if (state.found !== null) return state.found;
      return [...messages].find(([, { index }]) => index === mark.segment)?.[0] ?? null;
    },
  };
  const seat: Seat & { room(): boolean } = {
    async turn(kind, over) {
      turns.push(kind);
      await clock.sleep(kind === 'interim' ? state.turnMs : 0, over);
      return !over.aborted;
    },
    limited: (_kind, ms) => limited.push(ms),
    firstWordsMs: () => state.firstWordsMs,
    room: () => state.room,
    leave: () => {},
  };
  const publisher = createPublisher({
    place,
    reply: 'reply',
    after: '1.0',
    surface,
    seat,
    clock,
    log: quiet,
    signal: signal.signal,
    held: () => state.held,
    async confirm() {
      while (!state.held && !signal.signal.aborted) await clock.sleep(100, signal.signal);
      return state.held && !signal.signal.aborted;
    },
    look: async () => state.look,
    known,
    streams: {
      ...NO_STREAMS,
      streams: {
        ...NO_STREAMS.streams,
        async status(_place, words) {
          await clock.sleep(CALL_MS);
          events.push(`status ${words}`);
          return state.showsStatus;
        },
      },
    },
    onIntent: async (index) => void state.intents.push(index),
    onPlaced: async (index, ts) => void placed.push([index, ts]),
    onGone: (code) => events.push(`gone ${code}`),
    onFirstText: () => events.push('first text'),
  });

  return {
    clock,
    signal,
    publisher,
    sent,
    outcomes,
    turns,
    limited,
    placed,
    events,
    messages,
    state,
    /** Shows a new look; a segment before the last one is sealed. */
    show(...segments: string[]) {
      state.look = lookOf(segments);
      publisher.changed();
    },
    /** Finishes with a last look; the end is read with as much time as it takes. */
    async finish(...segments: string[]) {
      state.look = lookOf(segments, 'Done.');
      const end = publisher.finish();
      end.catch(() => {});
      await clock.advance(200_000);
      return end;
    },
    /** What stands in the thread, in the order of the segments. */
    visible: () => [...messages.values()].sort((a, b) => a.index - b.index).map(({ markdown }) => markdown),
  };
}

function lookOf(segments: readonly string[], notice: string | null = null): Look {
  return {
    segments: segments.map((markdown, index) => ({
      content: { markdown, notice: index === segments.length - 1 ? notice : null, buttons: [] },
      sealed: index < segments.length - 1,
    })),
  };
}
