import type { Streaming } from '../../defaults.ts';
import type { StreamPacer, StreamSeat } from '../pace/stream-pacer.ts';
import type { Rhythm } from '../pace/turns.ts';
import type { Recipient, StreamOutcome, Streams } from '../ports.ts';
import type { StoredReply } from '../store.ts';

/** How a reply may use native streams. */
export interface StreamSetting {
  readonly streaming: Streaming;
  readonly streams: Streams;
  readonly seat: StreamSeat;
  /** This reply needs no edits for now. */
  readonly onRest: () => void;
  readonly recipient: Recipient;
  /** Age at which a stream is stopped and its segment goes on by edits, in milliseconds. */
  readonly ageMs: number;
  /** Messages of ours in this thread, by ts. */
  readonly ours: () => Promise<ReadonlySet<string>>;
  readonly onStopped: (index: number) => Promise<void>;
  /** A person pressed Slack's own stop. */
  readonly onPressed: () => void;
}

/** Slack ends a stream about 306 s after its start, by most reports whatever happens in it. */
const STREAM_AGE_MS = 240_000;
const nothing: StreamOutcome = { kind: 'refused', everywhere: false, message: 'this reply has no streams' };

/** For a reply that is carried by edits alone. */
export const NO_STREAMS: StreamSetting = {
  streaming: 'edit',
  seat: {
    turn: async () => false,
    limited: () => {},
    choose: () => 'edit',
    ride: () => {},
    ready: async () => {},
    turnsToEdits: () => false,
    goesOn: () => {},
    canStart: () => false,
    canStop: () => true,
    noStreams: () => {},
    leave: () => {},
  },
  onRest: () => {},
  streams: {
    start: async () => nothing,
    append: async () => nothing,
    stop: async () => nothing,
    findOrphan: async () => null,
    status: async () => false,
  },
  recipient: { user: '', team: '' },
  ageMs: STREAM_AGE_MS,
  ours: async () => new Set(),
  onStopped: async () => {},
  onPressed: () => {},
};

/** What a process has of native streams. */
export interface Native {
  readonly streams: Streams;
  readonly pacer: StreamPacer;
  /** Age at which a stream is stopped, in milliseconds; `STREAM_AGE_MS` unless told. */
  readonly ageMs?: number;
}

/** A reply that may be streamed is laid out for it from the first word to the last, whoever shows it. */
export function isSteady(reply: Pick<StoredReply, 'streaming'>): boolean {
  return reply.streaming !== 'edit';
}

/** How this reply may use native streams. Its seat must be left in the end. */
export function streamsFor(
  reply: StoredReply,
  native: Native | undefined,
  rhythm: Rhythm,
  hooks: Pick<StreamSetting, 'onRest' | 'ours' | 'onStopped' | 'onPressed'>,
): StreamSetting {
  if (native === undefined) return NO_STREAMS;
  const { status } = native.streams;
  if (!isSteady(reply)) return { ...NO_STREAMS, streams: { ...NO_STREAMS.streams, status } };
  return {
    ...hooks,
    streaming: reply.streaming,
    streams: native.streams,
    seat: native.pacer.join(reply.team, rhythm),
    recipient: { user: reply.asker, team: reply.askerTeam ?? reply.team },
    ageMs: native.ageMs ?? STREAM_AGE_MS,
  };
}
