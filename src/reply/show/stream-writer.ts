import { type Clock, limited } from '../../clock.ts';
import type { Log } from '../../log.ts';
import { lastPiece } from '../../render/append.ts';
import type { Carrier } from '../pace/carrier.ts';
import type { StreamTurn } from '../pace/stream-pacer.ts';
import type { Place, SegmentContent, StreamOutcome, Surface, WriteOutcome } from '../ports.ts';
import { createOpening } from './opening.ts';
import {
  endOfStream,
  isFormed,
  keyOf,
  type Look,
  type Next,
  type Posted,
  type Situation,
  UNKNOWN_STREAM,
} from './plan.ts';
import type { StreamSetting } from './stream-setting.ts';

/** Starts and stops have another way when their turn does not come: an ordinary post, an append. */
const TURN_MS = 1000;

interface StreamWriterOptions {
  readonly setting: StreamSetting;
  readonly place: Place;
  readonly reply: string;
  /** The ts of the question: what stands before it is none of this reply's. */
  readonly after: string;
  readonly surface: Surface;
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
  readonly held: () => boolean;
  /** Shared with the publisher. */
  readonly posted: (Posted | undefined)[];
  readonly uncertain: Set<number>;
  /** Segments of which an unknown message may be a stream. */
  readonly mayStream: Set<number>;
  readonly onIntent: (index: number, streaming: boolean) => Promise<void>;
  readonly onPlaced: (index: number, ts: string) => Promise<void>;
  readonly showText: (content: SegmentContent) => void;
  /** When an edit would show the first words of this reply, in milliseconds. */
  readonly firstWordsMs: () => number;
  /** True if this reply may begin to be carried by edits. */
  readonly room: () => boolean;
  readonly wake: () => void;
}

interface StreamWriter {
  /** What the plan needs to know about streams. */
  readonly situation: Pick<Situation, 'carrier' | 'waits' | 'canStop' | 'streamAgeMs'>;
  /** Resolves when it can be decided what carries a segment. */
  ready(): Promise<unknown>;
  /** Waits for a turn; false if it does not come soon enough, or `signal` aborted. */
  turn(kind: StreamTurn, signal: AbortSignal): Promise<boolean>;
  /** Starts, appends or stops. Null: it is settled, plan again. Otherwise an outcome to be handled as any other. */
  write(next: Next): Promise<WriteOutcome | null>;
  /** Finds a message of this segment that we don't know of, by its mark or as an unmarked stream, and adopts it. */
  lookFor(index: number): Promise<{ ts: string; streaming: boolean } | null | 'unknown'>;
  /** Nothing can be written now: see `Opening.tell`. */
  waitsFor(look: Look): void;
  close(): void;
}

/**
 * Native streams of one reply. Whatever Slack says, the segment is not lost: a stream that can't go on is stopped as
 * it is, and edits on the same ts make it whole; what can't be started is posted.
 */
export function createStreamWriter(options: StreamWriterOptions): StreamWriter {
  const { setting, place, clock, log, posted, uncertain, mayStream } = options;
  const { streams, seat } = setting;
  const carriers = new Map<number, Carrier>();
  let cancelEnd = () => {};
  const opening = createOpening({ ...options, status: streams.status });
  let refused = setting.streaming === 'edit';

  const byEdits = (index: number) => {
    carriers.set(index, 'edit');
    seat.ride('edit');
  };

  const carrier = (index: number): Carrier => {
    if (refused) return 'edit';
    const known = carriers.get(index);
    // The budget may have gone while the first words were awaited.
    const late = known === 'native' && !seat.canStart();
    if (known !== undefined && !late) return known;
    // Who is to be chosen for does not count among the others.
    if (!late) setting.onRest();
    const chosen = late ? 'edit' : seat.choose(setting.streaming);
    if (late) seat.ride('edit');
    carriers.set(index, chosen);
    return chosen;
  };

  const waits = (index: number, content: SegmentContent): boolean => {
    // What may have been posted already is looked for at once.
    if (!uncertain.has(index) && opening.waits(index, carrier(index), content)) return true;
    byEdits(index);
    return false;
  };

  /** A stream is open in one segment at most. */
  const wakeAtEnd = (index: number) => {
    cancelEnd();
    const stream = posted[index]?.stream;
    if (stream == null) return;
    const at = endOfStream(stream, setting.ageMs);
    cancelEnd = clock.after(Math.max(1, at - clock.monotonic()), options.wake);
  };

  const giveUp = (everywhere: boolean) => {
    refused = true;
    if (everywhere) seat.noStreams();
  };

  const start = async ({ index, content, piece }: Next): Promise<WriteOutcome | null> => {
    if (uncertain.has(index)) {
      byEdits(index);
      return null;
    }
    await options.onIntent(index, true);
    if (options.signal.aborted || !options.held())
      return { kind: 'failed', code: 'SLACK_FAILED', message: 'the lease is lost' };
    const since = clock.monotonic();
    const begin = { markdown: piece, buttons: content.buttons };
    const outcome = await streams.start(place, setting.recipient, begin, options.held);
    switch (outcome.kind) {
      case 'done':
        posted[index] = {
          ts: outcome.ts,
          shown: null,
          gone: false,
          stream: { sent: piece, since, touched: since, broken: false, controls: outcome.controls === true },
        };
        await options.onPlaced(index, outcome.ts);
        options.showText(content);
        wakeAtEnd(index);
        return null;
      case 'limited':
        seat.limited('start', outcome.retryAfterMs);
        byEdits(index);
        return null;
      case 'failed':
      case 'unauthorised':
        return outcome;
      case 'unclear':
        uncertain.add(index);
        mayStream.add(index);
        byEdits(index);
        return outcome;
      default:
        log.warn({ reason: outcome.message }, 'Slack starts no stream here; the reply goes on by edits');
        giveUp(outcome.kind === 'refused' && outcome.everywhere);
        byEdits(index);
        return null;
    }
  };

  /** Goes on without the stream, which is stopped first unless Slack has ended it. */
  const breakOff = async (index: number, outcome: StreamOutcome): Promise<null> => {
    const there = posted[index];
    if (there === undefined || there.stream === null) return null;
    log.warn(
      { segment: index, outcome: outcome.kind, reason: 'message' in outcome ? outcome.message : null },
      'a stream can not go on; the message goes on by edits',
    );
    byEdits(index);
    if (outcome.kind === 'stopped') setting.onPressed();
    if (outcome.kind === 'refused') giveUp(outcome.everywhere);
    const stream = outcome.kind === 'over' ? null : { ...there.stream, broken: true };
    posted[index] = { ...there, stream };
    if (stream === null) await setting.onStopped(index);
    return null;
  };

  const append = async (next: Next): Promise<WriteOutcome | null> => {
    const { kind, index, content, piece } = next;
    const there = posted[index];
    if (there === undefined || there.stream === null) return null;
    if (kind === 'append' && seat.canStop() && seat.turnsToEdits()) {
      const end = lastPiece(there.stream.sent, content.markdown);
      if (end !== null && (await seat.turn('stop', options.signal)))
        return stop({ ...next, kind: 'stop', piece: end, whole: true });
    }
    const outcome = await streams.append(place, there.ts, piece, options.held);
    switch (outcome.kind) {
      case 'done':
        posted[index] = {
          ...there,
          stream: { ...there.stream, sent: there.stream.sent + piece, touched: clock.monotonic() },
        };
        wakeAtEnd(index);
        options.showText(content);
        return null;
      case 'limited':
        seat.limited(kind === 'last_append' ? kind : 'append', outcome.retryAfterMs);
        return null;
      case 'failed':
      case 'unauthorised':
        return outcome;
      // It may be there or not: appending it again might double it, an edit can't.
      default:
        return breakOff(index, outcome);
    }
  };

  const stop = async ({ index, content, piece, whole, last }: Next): Promise<WriteOutcome | null> => {
    const there = posted[index];
    if (there === undefined || there.stream === null) return null;
    const { notice, buttons } = whole ? content : { notice: null, buttons: [] };
    const mark = { reply: options.reply, segment: index };
    const end = { markdown: piece, notice, buttons };
    if (!last) seat.goesOn();
    const outcome = await streams.stop(place, there.ts, end, mark, options.held);
    switch (outcome.kind) {
      case 'done':
        byEdits(index);
        posted[index] = {
          ...there,
          stream: null,
          shown: whole ? keyOf(content) : null,
          leftover: whole && (there.stream.controls || isFormed(content)),
        };
        if (whole) options.showText(content);
        await setting.onStopped(index);
        return null;
      case 'limited':
        seat.limited('stop', outcome.retryAfterMs);
        return null;
      case 'failed':
      case 'unauthorised':
        return outcome;
      case 'unclear':
        // An edit finds out: Slack refuses it while the stream is open.
        byEdits(index);
        posted[index] = { ...there, stream: null };
        return outcome;
      default:
        if (outcome.kind === 'over' || (there.stream.broken && !whole)) {
          byEdits(index);
          posted[index] = { ...there, stream: null };
          await setting.onStopped(index);
          return null;
        }
        return breakOff(index, outcome);
    }
  };

  return {
    situation: { carrier, waits, canStop: () => seat.canStop(), streamAgeMs: setting.ageMs },
    ready: seat.ready,
    turn(kind, signal) {
      if (kind !== 'start' && kind !== 'stop') return seat.turn(kind, signal);
      return limited(clock, TURN_MS, (late) => seat.turn(kind, AbortSignal.any([signal, late])));
    },
    async write(next) {
      if (next.kind === 'start') return start(next);
      return next.kind === 'stop' ? stop(next) : append(next);
    },
    async lookFor(index) {
      const mark = { reply: options.reply, segment: index };
      let ts = await options.surface.find(place, options.after, mark);
      const streaming = ts === null && mayStream.has(index);
      if (streaming) ts = await streams.findOrphan(place, options.after, await setting.ours());
      if (ts === 'unknown') return ts;
      uncertain.delete(index);
      if (ts === null) return null;
      const stream = streaming ? { ...UNKNOWN_STREAM, since: clock.monotonic() } : null;
      posted[index] = { ts, shown: null, gone: false, stream };
      await options.onPlaced(index, ts);
      return { ts, streaming };
    },
    waitsFor(look) {
      const index = posted.length;
      opening.tell(index, carriers.get(index) ?? 'edit', look);
    },
    close() {
      opening.close();
      cancelEnd();
    },
  };
}
