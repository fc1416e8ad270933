import { backoff, type Clock, LATE, limited, within } from '../../clock.ts';
import { SkeinError } from '../../errors.ts';
import { Later, NO_ACCESS_DELAY_MS } from '../../jobs/retry.ts';
import type { Log } from '../../log.ts';
import { placementOf } from '../lifecycle.ts';
import { createArrivals } from '../pace/arrivals.ts';
import type { StreamTurn } from '../pace/stream-pacer.ts';
import {
  type Place,
  POORER,
  type Poorer,
  type SegmentContent,
  type Surface,
  type WriteOutcome,
} from '../ports.ts';
import { createDivisions } from './divisions.ts';
import { keyOf, type Look, type Next, type Posted, planNext, UNKNOWN_STREAM } from './plan.ts';
import type { RestingSeat } from './resting.ts';
import { NO_STREAMS, type StreamSetting } from './stream-setting.ts';
import { createStreamWriter } from './stream-writer.ts';

export interface PublisherOptions {
  readonly place: Place;
  readonly reply: string;
  /** The ts of the question: the reply's messages are later. */
  readonly after: string;
  readonly surface: Surface;
  readonly seat: Omit<RestingSeat, 'rest' | 'rhythm'>;
  readonly clock: Clock;
  readonly log: Log;
  /** Stops writing at once: the lease is lost, or the process lets go. */
  readonly signal: AbortSignal;
  /** False while another process may write this reply: the last look before each call. */
  readonly held: () => boolean;
  /** Waits until it is certain who may write; false if it is not us. */
  readonly confirm: () => Promise<boolean>;
  /** The look to show now; everything in it is durable when the promise resolves. */
  readonly look: () => Promise<Look>;
  /** Segments known from before: `ts` null means that it may have been posted. */
  readonly known: readonly {
    readonly index: number;
    readonly ts: string | null;
    /** It is, or may be, a native stream that nobody has stopped. */
    readonly streaming?: boolean;
    /** What it shows, of a reply that is over, and whether that is to be tidied. */
    readonly shows?: { readonly content: SegmentContent; readonly leftover: boolean };
  }[];
  /** Native streams, where the reply may use them. */
  readonly streams?: StreamSetting;
  readonly onIntent: (index: number, streaming: boolean) => Promise<void>;
  readonly onPlaced: (index: number, ts: string) => Promise<void>;
  /** Nothing of the reply can be shown any more: its place or all its messages are gone. */
  readonly onGone: (code: string) => void;
  /** Nothing can be shown in this workspace for now: nothing more is written, and `finish` rejects with `why`. */
  readonly onUnauthorised?: (why: Later) => void;
  /** The first text of the answer is visible. */
  readonly onFirstText: () => void;
  /** Slack has a message with text of the last look. */
  readonly onText?: () => void;
}

interface Publisher {
  /** More of the text came. */
  changed(): void;
  /** Something else is to be shown. */
  stir(): void;
  /**
   * Shows the last look and resolves when Slack has it all. Rejects with SLACK_UNREACHABLE when that can't
   * be done within `FINISH_LIMIT_MS`, and with a plain error when `signal` ended it: the job is tried again.
   * `resting`: the answer goes on later, so that this look has no precedence of a last one.
   */
  finish(how?: { readonly resting: boolean }): Promise<'shown' | 'gone'>;
  /** Once it has finished: segments that are to be tidied later, because there was no edit for it now. */
  leftovers(): readonly number[];
  /** Ends without writing anything more; resolves when no call is under way. */
  abandon(): Promise<void>;
}

const FINISH_LIMIT_MS = 120_000;
const BACKOFF = { first: 500, most: 10_000 };
/** A turn that came this soon shows what it was asked for; a fresh look would cost a write to the log. */
const SAME_LOOK_MS = 5;
/** So long a stream that has ended waits for the edit that takes its Stop button away; then a later job makes it. */
const TIDY_MS = 2000;
/** A post whose outcome is unclear may still be on its way; Slack is asked for it only after this. */
const SETTLE_MS = 1500;

/** One writer for one reply: one call in flight, the newest text replaces what waits, the last one always comes. */
export function createPublisher(options: PublisherOptions): Publisher {
  const { place, surface, seat, clock, log } = options;
  const posted: (Posted | undefined)[] = [];
  /** Segments of which a message may exist that we don't know of. */
  const uncertain = new Set(
    options.known.filter((segment) => segment.ts === null).map((segment) => segment.index),
  );
  for (const { index, ts, streaming = false, shows } of options.known)
    if (ts !== null) posted[index] = { ...found(ts, streaming), ...(shows && asItShows(shows)) };
  /** Streams that have ended and can't be tidied now. */
  const later = new Set<number>();
  /** Segments that Slack refused as they were, and how they are sent since then. */
  const poorer = new Map<number, Poorer>();
  const divisions = createDivisions();
  const currentLook = async () => divisions.of(await options.look());

  let finishing = false;
  let resting = false;
  let ended = false;
  let gone = false;
  let failures = 0;
  let textShown = options.known.length > 0;
  let wake: () => void = () => {};
  let waiting = new AbortController();
  const abandoned = new AbortController();
  const over = AbortSignal.any([options.signal, abandoned.signal]);

  const showText = (content: SegmentContent) => {
    if (content.markdown === '') return;
    options.onText?.();
    if (textShown) return;
    textShown = true;
    options.onFirstText();
  };

  const streams = createStreamWriter({
    ...options,
    setting: options.streams ?? NO_STREAMS,
    signal: over,
    posted,
    uncertain,
    mayStream: new Set(options.known.filter(({ streaming }) => streaming).map(({ index }) => index)),
    showText,
    firstWordsMs: () => seat.firstWordsMs(),
    room: () => seat.room(),
    wake: () => stir(),
  });

  const arrivals = createArrivals(clock);

  const stir = () => {
    dirty = true;
    wake();
  };

  const changed = () => {
    arrivals.note();
    stir();
  };

  const plan = (look: Look): Next | null =>
    planNext(look, {
      posted,
      finishing,
      resting,
      textShown,
      now: clock.monotonic(),
      ...streams.situation,
    });

  const run = async (): Promise<'shown' | 'gone'> => {
    await streams.ready();
    while (!over.aborted && !gone) {
      const mayEnd = finishing;
      const look = await currentLook();
      const next = plan(look);
      if (next === null) {
        if (mayEnd) return 'shown';
        streams.waitsFor(look);
        await somethingChanged();
        continue;
      }
      waiting = new AbortController();
      // A turn that was asked for as interim is asked for anew when it turns out to be the last.
      if (finishing !== mayEnd) continue;
      const askedAt = clock.monotonic();
      const given = await turn(next.kind);
      if (next.kind === 'tidy' && !given) leaveForLater(next.index);
      if (!given) continue;
      if (next.kind === 'interim' || next.kind === 'append')
        await arrivals.next(AbortSignal.any([over, waiting.signal]));
      const waited = clock.monotonic() - askedAt > SAME_LOOK_MS;
      await write(next.kind, waited ? plan(await currentLook()) : next);
    }
    if (gone) return 'gone';
    throw new Error('the reply was handed over before its end');
  };

  const turn = async (kind: Next['kind']): Promise<boolean> => {
    const signals = [over, waiting.signal];
    if (isStreamTurn(kind)) return streams.turn(kind, AbortSignal.any(signals));
    if (kind !== 'tidy') return seat.turn(kind, AbortSignal.any(signals));
    return limited(clock, TIDY_MS, (late) => seat.turn('interim', AbortSignal.any([over, late])));
  };

  /** A button that does nothing any more may stay for a while where calls are few. */
  const leaveForLater = (index: number) => {
    later.add(index);
    leaveAsItIs(index);
  };

  const leaveAsItIs = (index: number) => {
    const there = posted[index];
    if (there !== undefined) posted[index] = { ...there, leftover: false };
  };

  const write = async (kind: Next['kind'], next: Next | null) => {
    if (next === null || budgetOf(next.kind) !== budgetOf(kind)) return;
    if (!(await options.confirm()) || over.aborted) return;
    const { index, content } = next;
    if (isStreamTurn(kind)) return handle(await streams.write(next), next);
    const before = posted[index];
    const as = poorer.get(index);
    const sent = as === undefined ? content : { ...content, as };
    const outcome =
      before === undefined
        ? await post(index, sent)
        : await surface.update(place, before.ts, sent, options.held);
    await handle(outcome, next);
  };

  /** Null: a message was adopted, and what to do with it is to be planned. */
  const post = async (index: number, content: SegmentContent): Promise<WriteOutcome | null> => {
    if (placementOf({ intended: uncertain.has(index), placed: false }) === 'look_first') {
      const adopted = await streams.lookFor(index);
      if (adopted === 'unknown')
        return { kind: 'failed', code: 'SLACK_UNREACHABLE', message: 'the thread cannot be read' };
      if (adopted?.streaming === true) return null;
      if (adopted !== null) return surface.update(place, adopted.ts, content, options.held);
    }
    await options.onIntent(index, false);
    if (over.aborted || !options.held())
      return { kind: 'failed', code: 'SLACK_FAILED', message: 'the lease is lost' };
    const outcome = await surface.post(
      place,
      content,
      { reply: options.reply, segment: index },
      options.held,
    );
    if (outcome.kind === 'unclear') uncertain.add(index);
    return outcome;
  };

  const handle = async (outcome: WriteOutcome | null, { kind, index, content }: Next) => {
    if (outcome === null) {
      failures = 0;
      return;
    }
    // The same once more, without what the workspace does not take.
    if (outcome.kind === 'content_refused' && outcome.formed)
      return log.warn(
        { code: outcome.code, reason: outcome.message },
        'Slack refused blocks beyond Markdown',
      );
    if (kind === 'tidy' && outcome.kind !== 'done') {
      if (outcome.kind === 'limited') seat.limited('interim', outcome.retryAfterMs);
      if (outcome.kind === 'content_refused' || outcome.kind === 'gone') leaveAsItIs(index);
      else leaveForLater(index);
      log.warn({ segment: index, outcome: outcome.kind }, 'a stream that has ended could not be tidied');
      return;
    }
    switch (outcome.kind) {
      case 'done': {
        failures = 0;
        const before = posted[index];
        posted[index] = { ...found(outcome.ts, false), shown: keyOf(content) };
        if (before === undefined) {
          // What a post had in it that Slack refused may not be in the edits.
          poorer.delete(index);
          await options.onPlaced(index, outcome.ts);
        }
        showText(content);
        return;
      }
      case 'limited':
        log.warn(
          { method: kind, retryAfterMs: outcome.retryAfterMs, code: 'SLACK_RATE_LIMITED' },
          'Slack asks to slow down',
        );
        if (!isStreamTurn(kind) && kind !== 'tidy') seat.limited(kind, outcome.retryAfterMs);
        return;
      case 'content_refused': {
        const as = poorer.get(index);
        const asMarkdown = as === undefined && !posted[index]?.stream;
        const divided = asMarkdown && divisions.refused(index, outcome.tables);
        const next = divided ? undefined : POORER[as === undefined ? 0 : POORER.indexOf(as) + 1];
        log.warn(
          { code: outcome.code, reason: outcome.message, sentAs: divided ? 'smaller messages' : next },
          'Slack refused the form of a message',
        );
        if (divided) return;
        if (next === undefined) return skip(index, content, outcome.code);
        poorer.set(index, next);
        return;
      }
      case 'gone':
        return skip(index, content, outcome.code);
      case 'unauthorised': {
        const why = new Later(NO_ACCESS_DELAY_MS, outcome.message);
        options.onUnauthorised?.(why);
        throw why;
      }
      case 'streaming':
      case 'unclear':
      case 'failed': {
        const before = posted[index];
        if (outcome.kind === 'streaming' && before !== undefined) posted[index] = found(before.ts, true);
        failures += 1;
        const waitMs = backoff(BACKOFF, failures, clock.random());
        log.warn(
          { code: outcome.code, reason: outcome.message, waitMs: Math.round(waitMs) },
          'a message could not be written',
        );
        const created = kind === 'post' || kind === 'start';
        await clock.sleep(outcome.kind === 'unclear' && created ? Math.max(SETTLE_MS, waitMs) : waitMs, over);
      }
    }
  };

  const skip = (index: number, content: SegmentContent, code: string) => {
    log.warn({ segment: index, code }, 'a message of the reply is gone or cannot be written');
    const before = posted[index];
    posted[index] = {
      ...found(before?.ts ?? '', false),
      shown: keyOf(content),
      gone: true,
    };
    if (before === undefined || posted.every((segment) => segment === undefined || segment.gone)) {
      gone = true;
      options.onGone(code);
    }
  };

  const somethingChanged = () =>
    new Promise<void>((resolve) => {
      wake = resolve;
      if (finishing || over.aborted || dirty) resolve();
      dirty = false;
    });
  let dirty = false;
  over.addEventListener('abort', () => wake(), { once: true });

  const running = run().finally(() => streams.close());
  // The result is read in `finish` or `abandon`, which may come much later.
  running.catch(() => {});

  return {
    changed,
    stir,
    async finish(how) {
      finishing = true;
      resting = how?.resting === true;
      waiting.abort();
      wake();
      const end = await within(clock, FINISH_LIMIT_MS, running);
      if (end === LATE) {
        abandoned.abort();
        throw new SkeinError('SLACK_UNREACHABLE', 'the end of a reply could not be shown in time');
      }
      ended = true;
      return end;
    },
    leftovers: () => (gone ? [] : [...later]),
    async abandon() {
      if (!ended) abandoned.abort();
      await running.catch(() => {});
    },
  };
}

function asItShows({ content, leftover }: { content: SegmentContent; leftover: boolean }) {
  return { shown: keyOf(content), leftover };
}

/** A message that is there, with a content that we don't know. */
function found(ts: string, streaming: boolean): Posted {
  const stream = streaming ? UNKNOWN_STREAM : null;
  return { ts, shown: null, gone: false, stream };
}

/** Turns of one budget can stand in for each other. */
function budgetOf(kind: Next['kind']): 'post' | 'update' | 'start' | 'append' | 'stop' {
  if (kind === 'post' || kind === 'start' || kind === 'stop') return kind;
  return kind === 'append' || kind === 'last_append' ? 'append' : 'update';
}

function isStreamTurn(kind: Next['kind']): kind is StreamTurn {
  return kind === 'start' || kind === 'append' || kind === 'last_append' || kind === 'stop';
}
